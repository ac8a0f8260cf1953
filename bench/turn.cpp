// A worker's turns and nothing else, for scripts/count-instructions and scripts/check-hot-path.
//
//   turn FAN_OUT TURNS [FLOWS]
//
// Each turn receives 32 packets of one flow, or of so many in turn, from a FlowSource and sends
// them to net_null. Prints `packets N`.
#include "packet.h"
#include "worker_scene.h"

#include "mcast/base/log.h"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <vector>

#include <fmt/format.h>

int main(int argc, char** argv) {
    using namespace mcast;
    using namespace mcast::bench;
    log::set_level(log::Level::error);
    try {
        if (argc != 3 && argc != 4) {
            throw std::runtime_error("usage: turn FAN_OUT TURNS [FLOWS]");
        }
        WorkerScene scene(64);
        auto const fan_out = static_cast<std::uint16_t>(std::atoi(argv[1]));
        std::vector<FlowKey> flows{k_flow};
        for (std::uint32_t n = argc == 4 ? static_cast<std::uint32_t>(std::atoi(argv[3])) : 1;
             flows.size() < n;) {
            flows.push_back({k_flow.source, Ipv4{flows.back().group.value + 1}});
        }
        for (FlowKey const flow : flows) {
            scene.publish(flow, WorkerScene::k_flow_port, fan_out);
        }
        scene.flows().play(flows);
        auto const worker = scene.worker(0, {WorkerScene::k_flow_port});
        for (int turn = 0; turn < std::atoi(argv[2]); ++turn) {
            worker->poll_once();
        }
        fmt::print("packets {}\n", scene.received(0));
    } catch (std::exception const& error) {
        fmt::print(stderr, "turn: {}\n", error.what());
        return 1;
    }
    return 0;
}
