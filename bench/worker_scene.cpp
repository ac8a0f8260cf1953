#include "worker_scene.h"

#include "packet.h"

#include <filesystem>
#include <stdexcept>

#include <unistd.h>

#include <fmt/format.h>
#include <pcap/pcap.h>

namespace mcast::bench {

namespace {

std::string write_capture(std::uint16_t port, std::size_t bytes) {
    std::string const file = std::filesystem::temp_directory_path() /
                             fmt::format("worker_bench_{}_{}.pcap", getpid(), port);
    std::vector<std::uint8_t> const frame = frame_of(bytes, WorkerScene::flow_of(port));
    pcap_t* const pcap = pcap_open_dead(DLT_EN10MB, 65535);
    pcap_dumper_t* const out = pcap_dump_open(pcap, file.c_str());
    if (out == nullptr) {
        throw std::runtime_error(pcap_geterr(pcap));
    }
    pcap_pkthdr header{};
    header.caplen = header.len = static_cast<bpf_u_int32>(frame.size());
    for (int i = 0; i < 512; ++i) {
        pcap_dump(reinterpret_cast<u_char*>(out), &header, frame.data());
    }
    pcap_dump_close(out);
    pcap_close(pcap);
    return file;
}

// Control sits on core 1, beside the second worker, so that the first has core 0 for itself.
platform::Config configuration(std::vector<std::string> const& captures) {
    platform::Config config;
    config.memory = {.hugepages = false, .megabytes = 512};
    config.workers.cores = {0, 1};
    config.control_core = 1;
    config.instance = fmt::format("worker_bench_{}", getpid());
    config.pools.headers = 32767;
    for (std::size_t i = 0; i < captures.size(); ++i) {
        config.ports.push_back(
            {.name = fmt::format("in{}", i),
             .device = fmt::format("net_pcap{},infinite_rx=1,rx_pcap={}", i, captures[i])});
    }
    for (int i = 0; i <= WorkerScene::k_outputs; ++i) {
        config.ports.push_back({.name = i == 0 ? "flows" : fmt::format("out{}", i),
                                .device = fmt::format("net_null{},no-rx=1", i)});
    }
    return config;
}

// What it holds, or an exception with why not.
template <class T>
T unwrap(std::expected<T, platform::StartError> result) {
    if (!result) {
        throw std::runtime_error(result.error().sentence);
    }
    return std::move(*result);
}

} // namespace

WorkerScene::WorkerScene(std::size_t frame_bytes)
    : captures_{write_capture(0, frame_bytes), write_capture(1, frame_bytes)} {
    platform::Config const config = configuration(captures_);
    eal_.emplace(unwrap(platform::Eal::start(config, {})));
    pools_.emplace(unwrap(platform::Pools::create(config.pools)));
    ports_.emplace(unwrap(platform::Ports::open(config, k_router_mac, *pools_)));
    if (auto const started = ports_->start(); !started) {
        throw std::runtime_error(started.error().sentence);
    }
    flows_ = std::make_unique<FlowSource>(dpdk_port(k_flow_port), pools_->receive(), frame_bytes);
    shared_ =
        std::make_unique<handoff::Shared>(2, k_entries, handoff::ChannelSizes{}, grace_, 12345);
    publisher_ = std::make_unique<handoff::Publisher>(shared_->table, grace_, 2);
    tag_outputs(false);
}

WorkerScene::~WorkerScene() {
    flows_.reset();
    if (ports_) {
        ports_->close();
    }
    for (std::string const& capture : captures_) {
        std::error_code ignored;
        std::filesystem::remove(capture, ignored);
    }
}

void WorkerScene::tag_outputs(bool tagged) {
    auto table = std::make_unique<handoff::InterfaceTable>();
    table->router_mac = k_router_mac;
    for (std::uint16_t i = 0; i < k_first_output + k_outputs; ++i) {
        handoff::Interface interface;
        interface.port = PortId{i};
        interface.vlan = tagged && i >= k_first_output ? 100 : 0;
        interface.up = true;
        interface.mac = k_router_mac;
        table->add(IfIndex{i}, interface);
    }
    shared_->interfaces.publish(std::move(table));
}

void WorkerScene::publish(FlowKey flow, std::uint16_t arrival, std::uint16_t fan_out) {
    handoff::EntrySpec spec{.key = flow, .arrival = IfIndex{arrival}};
    for (std::uint16_t i = 0; i < fan_out; ++i) {
        spec.outputs.insert(IfIndex{static_cast<IfIndex::rep>(k_first_output + i)});
    }
    publisher_->publish(spec);
}

std::unique_ptr<dataplane::Worker> WorkerScene::worker(std::uint16_t number,
                                                       std::vector<std::uint16_t> const& ports) {
    platform::WorkerQueues queues = ports_->queues_of(WorkerId{number});
    queues.receive.clear();
    for (std::uint16_t const port : ports) {
        queues.receive.push_back({.port = PortId{port}, .dpdk_port = dpdk_port(port), .queue = 0});
    }
    return std::make_unique<dataplane::Worker>(
        dataplane::WorkerSetup{.id = WorkerId{number}, .queues = std::move(queues), .limits = {}},
        *shared_, *pools_, grace_);
}

std::uint16_t WorkerScene::dpdk_port(std::uint16_t port) const {
    return ports_->info(PortId{port}).dpdk_port;
}

std::uint64_t WorkerScene::received(std::uint16_t worker) const {
    std::uint64_t sum = 0;
    for (handoff::InterfaceCounters const& each : shared_->workers[worker]->counters->interfaces) {
        sum += each.received.read();
    }
    return sum;
}

} // namespace mcast::bench
