// What a packet and a copy cost in the worker: pcap (endless replay) to null.
//
//   worker_bench [PACKET_BYTES]
//
// Prints nanoseconds of processor time per packet in and per copy out for fan-outs of 1, 4 and 16,
// shared and with a private header at each output. No claim of correctness rests on these drivers.
#include "mcast/base/log.h"
#include "mcast/dataplane/worker.h"
#include "mcast/handoff/publisher.h"
#include "mcast/platform/eal.h"
#include "mcast/platform/ports.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <vector>

#include <unistd.h>

#include <fmt/format.h>
#include <pcap/pcap.h>

namespace {

using namespace mcast;

constexpr std::uint16_t k_outputs = 16;
constexpr Mac k_router_mac{{0x02, 0, 0, 0, 0, 0x01}};
constexpr FlowKey k_flow{Ipv4::of(10, 0, 0, 5), Ipv4::of(239, 1, 2, 3)};

// One frame of k_flow, with a true header checksum.
std::vector<std::uint8_t> frame_of(std::size_t bytes) {
    std::vector<std::uint8_t> f(std::max<std::size_t>(bytes, 60));
    std::size_t const total = f.size() - 14;
    std::array<std::uint8_t, 34> const head{0x01,
                                            0x00,
                                            0x5e,
                                            0x01,
                                            0x02,
                                            0x03,
                                            0x02,
                                            0,
                                            0,
                                            0,
                                            0,
                                            0x99,
                                            0x08,
                                            0x00,
                                            0x45,
                                            0,
                                            static_cast<std::uint8_t>(total >> 8),
                                            static_cast<std::uint8_t>(total),
                                            0,
                                            0,
                                            0,
                                            0,
                                            64,
                                            17,
                                            0,
                                            0,
                                            10,
                                            0,
                                            0,
                                            5,
                                            239,
                                            1,
                                            2,
                                            3};
    std::ranges::copy(head, f.begin());
    std::uint32_t sum = 0;
    for (std::size_t i = 14; i < 34; i += 2) {
        sum += static_cast<std::uint32_t>((f[i] << 8) | f[i + 1]);
    }
    sum = (sum & 0xffff) + (sum >> 16);
    f[24] = static_cast<std::uint8_t>(~sum >> 8);
    f[25] = static_cast<std::uint8_t>(~sum);
    return f;
}

void write_capture(std::string const& file, std::size_t bytes) {
    std::vector<std::uint8_t> const frame = frame_of(bytes);
    pcap_t* const pcap = pcap_open_dead(DLT_EN10MB, 65535);
    pcap_dumper_t* const out = pcap_dump_open(pcap, file.c_str());
    pcap_pkthdr header{};
    header.caplen = header.len = static_cast<bpf_u_int32>(frame.size());
    for (int i = 0; i < 512; ++i) {
        pcap_dump(reinterpret_cast<u_char*>(out), &header, frame.data());
    }
    pcap_dump_close(out);
    pcap_close(pcap);
}

platform::Config configuration(std::string const& capture) {
    platform::Config config;
    config.memory = {.hugepages = false, .megabytes = 256};
    config.workers.cores = {0};
    config.instance = fmt::format("worker_bench_{}", getpid());
    config.ports.push_back({.name = "in", .device = "net_pcap0,infinite_rx=1,rx_pcap=" + capture});
    for (std::uint16_t i = 0; i < k_outputs; ++i) {
        config.ports.push_back(
            {.name = fmt::format("out{}", i), .device = fmt::format("net_null{},no-rx=1", i)});
    }
    return config;
}

// Interface 0 receives; 1..16 send, with a VLAN tag when `tagged`.
std::unique_ptr<handoff::InterfaceTable> interfaces(bool tagged) {
    auto table = std::make_unique<handoff::InterfaceTable>();
    table->router_mac = k_router_mac;
    for (std::uint16_t i = 0; i <= k_outputs; ++i) {
        handoff::Interface interface;
        interface.port = PortId{i};
        interface.vlan = tagged && i != 0 ? 100 : 0;
        interface.up = true;
        interface.mac = k_router_mac;
        table->add(IfIndex{i}, interface);
    }
    return table;
}

struct Cost {
    double best = 1e9;
    double median = 0;
};

// Of this thread alone, so that a shared machine does not count.
double cpu_nanoseconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

Cost measure(dataplane::Worker& worker, handoff::WorkerCounters const& counters) {
    std::vector<double> runs;
    for (int run = 0; run < 7; ++run) {
        std::uint64_t const packets = counters.interfaces[0].received.read();
        double const start = cpu_nanoseconds();
        for (int turn = 0; turn < 20'000; ++turn) {
            worker.poll_once();
        }
        double const ns = cpu_nanoseconds() - start;
        runs.push_back(ns / static_cast<double>(counters.interfaces[0].received.read() - packets));
    }
    std::ranges::sort(runs);
    return {runs.front(), runs[runs.size() / 2]};
}

void bench(platform::Ports const& ports, platform::Pools const& pools) {
    platform::Qsbr grace{1};
    handoff::Shared shared{1, 16, {}, grace};
    handoff::Publisher publisher{shared.table, grace, 1};
    dataplane::Worker worker{
        {.id = WorkerId{0}, .queues = ports.queues_of(WorkerId{0}), .limits = {}},
        shared,
        pools,
        grace};
    fmt::print("{:<8} {:>7} {:>12} {:>12} {:>10}\n", "outputs", "fan-out", "ns/packet", "(median)",
               "ns/copy");
    for (bool tagged : {false, true}) {
        shared.interfaces.publish(interfaces(tagged));
        for (std::uint16_t fan_out : {1, 4, 16}) {
            handoff::EntrySpec spec{.key = k_flow, .arrival = IfIndex{0}};
            for (std::uint16_t i = 1; i <= fan_out; ++i) {
                spec.outputs.insert(IfIndex{i});
            }
            publisher.publish(spec);
            Cost const cost = measure(worker, *shared.workers[0]->counters);
            fmt::print("{:<8} {:>7} {:>12.1f} {:>12.1f} {:>10.1f}\n", tagged ? "private" : "shared",
                       fan_out, cost.best, cost.median, cost.best / fan_out);
        }
    }
}

} // namespace

int main(int argc, char** argv) {
    log::set_level(log::Level::error);
    std::size_t const bytes = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 64;
    std::string const capture =
        std::filesystem::temp_directory_path() / fmt::format("worker_bench_{}.pcap", getpid());
    write_capture(capture, bytes);
    platform::Config const config = configuration(capture);
    auto const eal = platform::Eal::start(config, {});
    if (!eal) {
        fmt::print(stderr, "{}\n", eal.error().sentence);
        return eal.error().exit_code;
    }
    auto const pools = platform::Pools::create(config.pools);
    if (!pools) {
        fmt::print(stderr, "{}\n", pools.error().sentence);
        return pools.error().exit_code;
    }
    auto ports = platform::Ports::open(config, k_router_mac, *pools);
    if (!ports || !ports->start()) {
        fmt::print(stderr, "{}\n", ports ? "a port cannot be started" : ports.error().sentence);
        return platform::k_exit_unavailable;
    }
    bench(*ports, *pools);
    ports->close();
    std::filesystem::remove(capture);
    return 0;
}
