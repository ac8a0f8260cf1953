// What a packet costs in the whole of a worker's turn: receive, judge, look up, replicate, send.
//
//   worker_bench [ROUNDS]    figures for scripts/bench: medians over the rounds (7), all turn about
//   worker_bench serve       runs when told to, by a line on standard input, and says `rate N`,
//                            packets a microsecond of processor time: `one MS`, `two MS` (workers),
//                            `copies4 MS` (outputs: 1, 4 or 16) or `flows MS` (64,000 flows in
//                            random order)
//
// Costs only: no claim of correctness rests on these drivers.
#include "meter.h"
#include "race.h"
#include "worker_scene.h"

#include "mcast/base/log.h"
#include "mcast/base/random.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>

#include <fmt/format.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

namespace {

using namespace mcast;
using namespace mcast::bench;

constexpr std::size_t k_frame_bytes = 64;
constexpr int k_window = 60; // milliseconds

Runner worker_on(WorkerScene& scene, std::uint16_t number, std::uint16_t port) {
    std::shared_ptr<dataplane::Worker> const worker = scene.worker(number, {port});
    return {.core = WorkerId{number},
            .run = [worker](platform::StopFlag const& stop) { worker->run(stop); },
            .packets = [&scene, number] { return scene.received(number); }};
}

// Receives and sends as the worker does, and does nothing between: a reference count and a pointer
// for each output.
Runner floor_on(WorkerScene& scene, std::uint16_t fan_out) {
    auto const packets = std::make_shared<std::atomic<std::uint64_t>>(0);
    std::vector<std::uint16_t> outputs;
    for (std::uint16_t i = 0; i < fan_out; ++i) {
        outputs.push_back(
            scene.dpdk_port(static_cast<std::uint16_t>(WorkerScene::k_first_output + i)));
    }
    auto const body = [packets, outputs, in = scene.dpdk_port(0)](platform::StopFlag const& stop) {
        auto const references = static_cast<std::int16_t>(outputs.size() - 1);
        while (!stop.requested()) {
            std::array<rte_mbuf*, 32> frames;
            std::uint16_t const count = rte_eth_rx_burst(in, 0, frames.data(), 32);
            for (std::uint16_t i = 0; i < count && references != 0; ++i) {
                rte_mbuf_refcnt_update(frames[i], references);
            }
            for (std::uint16_t const out : outputs) {
                std::array<rte_mbuf*, 32> waiting;
                std::copy_n(frames.begin(), count, waiting.begin());
                rte_eth_tx_burst(out, 0, waiting.data(), count);
            }
            packets->store(packets->load(std::memory_order_relaxed) + count,
                           std::memory_order_relaxed);
        }
    };
    return {.core = WorkerId{0}, .run = body, .packets = [packets] { return packets->load(); }};
}

// A contender's name, how it is set up and run, and what came of it.
struct Entrant {
    std::string name;
    std::function<Pace()> run;
    Samples nanoseconds{};
};

void race(std::vector<Entrant>& entrants, int rounds) {
    for (int round = 0; round < rounds; ++round) {
        for (Entrant& entrant : entrants) {
            entrant.nanoseconds.add(entrant.run().nanoseconds_a_packet);
        }
    }
}

// Packets and copies by fan-out, against the floor.
void fan_outs(WorkerScene& scene, int rounds) {
    for (std::uint16_t const fan_out : {1, 4, 16}) {
        auto const ours = [&scene, fan_out](bool tagged) {
            return [&scene, fan_out, tagged] {
                scene.tag_outputs(tagged);
                scene.publish(WorkerScene::flow_of(0), 0, fan_out);
                return measure({worker_on(scene, 0, 0)}, k_window);
            };
        };
        std::vector<Entrant> entrants{
            {"shared", ours(false)},
            {"private", ours(true)},
            {"floor", [&scene, fan_out] { return measure({floor_on(scene, fan_out)}, k_window); }}};
        race(entrants, rounds);
        double const floor = entrants[2].nanoseconds.median() / fan_out;
        figure(fmt::format("worker-copy-fan{}", fan_out),
               entrants[0].nanoseconds.median() / fan_out, "ns/copy", "floor", floor);
        figure(fmt::format("worker-copy-private-fan{}", fan_out),
               entrants[1].nanoseconds.median() / fan_out, "ns/copy", "floor", floor);
    }
    scene.tag_outputs(false);
}

FlowKey flow(std::uint64_t n) {
    return {Ipv4{0x0a800000U | static_cast<std::uint32_t>(n & 0xffff)},
            Ipv4{0xef000000U | static_cast<std::uint32_t>((n >> 16) * 7919 + n % 251)}};
}

// Packets of so many flows, in random order.
std::vector<FlowKey> sequence_of(std::uint64_t flows) {
    Random random{flows};
    std::vector<FlowKey> sequence;
    std::size_t const length = std::max<std::size_t>(flows, 1 << 17);
    for (std::size_t i = 0; i < length; ++i) {
        sequence.push_back(flow(random.below(flows)));
    }
    return sequence;
}

// 10,000 changes a second: each gives a flow another output.
Meanwhile publishing(WorkerScene& scene, std::uint64_t flows) {
    return [&scene, flows, random = Random{1}](int milliseconds) mutable {
        auto due = std::chrono::steady_clock::now();
        for (int ms = 0; ms < milliseconds; ++ms) {
            for (int i = 0; i < 10; ++i) {
                FlowKey const changed = flow(random.below(flows));
                handoff::Entry const* const now = scene.publisher().current(changed);
                auto const first = IfIndex{WorkerScene::k_first_output};
                auto const second = IfIndex{WorkerScene::k_first_output + 1};
                scene.publisher().publish(
                    {.key = changed,
                     .arrival = IfIndex{WorkerScene::k_flow_port},
                     .outputs = {now->outputs.contains(first) ? second : first}});
            }
            scene.publisher().reclaim(100);
            std::this_thread::sleep_until(due += std::chrono::milliseconds(1));
        }
    };
}

void many_flows(WorkerScene& scene, int rounds) {
    constexpr std::uint64_t k_most = 1'000'000;
    for (std::uint64_t n = 0; n < k_most; ++n) {
        scene.publish(flow(n), WorkerScene::k_flow_port, 1);
    }
    std::map<std::uint64_t, std::vector<FlowKey>> sequences;
    for (std::uint64_t const flows : {std::uint64_t{1}, std::uint64_t{64'000}, k_most}) {
        sequences[flows] = sequence_of(flows);
    }
    auto const of = [&](std::uint64_t flows, Meanwhile meanwhile = {}) {
        return [&, flows, meanwhile] {
            scene.flows().play(sequences.at(flows));
            return measure({worker_on(scene, 0, WorkerScene::k_flow_port)}, k_window, meanwhile);
        };
    };
    std::vector<Entrant> entrants{{"one-flow", of(1)},
                                  {"64000", of(64'000)},
                                  {"1000000", of(k_most)},
                                  {"published", of(64'000, publishing(scene, 64'000))}};
    race(entrants, rounds);
    double const one = entrants[0].nanoseconds.median();
    for (std::size_t const i : {1, 2}) {
        figure("worker-flows-" + entrants[i].name, entrants[i].nanoseconds.median(), "ns/packet",
               "one-flow", one);
    }
    figure("worker-published", entrants[3].nanoseconds.median(), "ns/packet", "quiet",
           entrants[1].nanoseconds.median());
}

std::vector<Runner> workers(WorkerScene& scene, std::uint16_t count) {
    std::vector<Runner> all;
    for (std::uint16_t i = 0; i < count; ++i) {
        scene.publish(WorkerScene::flow_of(i), i, 1);
        all.push_back(worker_on(scene, i, i));
    }
    return all;
}

Pace run_as_told(WorkerScene& scene, std::string const& what, int milliseconds) {
    if (what == "flows") {
        constexpr std::uint64_t k_flows = 64'000;
        for (std::uint64_t n = 0; n < k_flows; ++n) {
            scene.publish(flow(n), WorkerScene::k_flow_port, 1);
        }
        scene.flows().play(sequence_of(k_flows));
        return measure({worker_on(scene, 0, WorkerScene::k_flow_port)}, milliseconds);
    }
    if (what.starts_with("copies")) {
        auto const fan_out = static_cast<std::uint16_t>(std::atoi(what.c_str() + 6));
        scene.publish(WorkerScene::flow_of(0), 0, fan_out);
        return measure({worker_on(scene, 0, 0)}, milliseconds);
    }
    return measure(workers(scene, what == "two" ? 2 : 1), milliseconds);
}

bool is_known(std::string const& what) {
    return what == "one" || what == "two" || what == "flows" || what == "copies1" ||
           what == "copies4" || what == "copies16";
}

void serve(WorkerScene& scene) {
    std::cout << "ready" << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string what;
        int milliseconds = 0;
        if (!(words >> what >> milliseconds) || !is_known(what)) {
            throw std::runtime_error("serve: one | two | flows | copies1 | copies4 | copies16, MS");
        }
        std::cout << "rate " << run_as_told(scene, what, milliseconds).packets_a_microsecond
                  << std::endl;
    }
}

} // namespace

int main(int argc, char** argv) {
    log::set_level(log::Level::error);
    try {
        WorkerScene scene(k_frame_bytes);
        if (argc > 1 && argv[1] == std::string_view{"serve"}) {
            serve(scene);
        } else {
            int const rounds = argc > 1 ? std::max(std::atoi(argv[1]), 1) : 7;
            fan_outs(scene, rounds);
            many_flows(scene, rounds);
        }
    } catch (std::exception const& error) {
        fmt::print(stderr, "worker_bench: {}\n", error.what());
        return 1;
    }
    return 0;
}
