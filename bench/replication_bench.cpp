// What a copy costs, of replication alone: ours against other ways, in the same run, turn about.
//
//   replication_bench [ROUNDS]
//
// Frames come straight from their pool, already filled, and go to net_null or to a sink that keeps
// them for 1024 frames, as NICs do. Prints figures for scripts/bench: medians over the rounds (7),
// nanoseconds of processor time for one copy, the frame's buffer and all calls to drivers included.
#include "contenders.h"
#include "meter.h"
#include "packet.h"
#include "sink.h"

#include "mcast/base/log.h"
#include "mcast/platform/eal.h"
#include "mcast/platform/ports.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <unistd.h>

#include <rte_mbuf.h>

namespace {

using namespace mcast;
using namespace mcast::bench;

constexpr std::size_t k_copies = 200'000; // in one measurement, about

platform::Config configuration() {
    platform::Config config;
    config.memory = {.hugepages = false, .megabytes = 512};
    config.workers.cores = {0};
    config.instance = fmt::format("replication_bench_{}", getpid());
    // The sinks that keep frames keep up to 1024 for each port.
    config.pools.headers = 65535;
    for (std::size_t i = 0; i <= k_most_ports; ++i) {
        config.ports.push_back({.name = fmt::format("port{}", i),
                                .device = fmt::format("net_null{},no-rx=1", i),
                                .mtu = 1500});
    }
    return config;
}

// Interface n on port n; 0 receives.
std::unique_ptr<handoff::InterfaceTable> interfaces(std::uint16_t tag) {
    auto table = std::make_unique<handoff::InterfaceTable>();
    table->router_mac = k_router_mac;
    for (std::uint16_t i = 0; i <= k_most_ports; ++i) {
        handoff::Interface interface;
        interface.port = PortId{i};
        interface.vlan = i != 0 ? tag : 0;
        interface.up = true;
        interface.mac = k_router_mac;
        table->add(IfIndex{i}, interface);
    }
    return table;
}

// As they are, but with chains, which net_null takes without saying so.
std::vector<platform::TransmitPath> chain_takers(platform::Ports const& ports) {
    std::vector<platform::TransmitPath> paths = ports.queues_of(WorkerId{0}).transmit;
    for (platform::TransmitPath& path : paths) {
        path.multi_segment = true;
    }
    return paths;
}

PortNumbers outputs_of(platform::Ports const& ports) {
    PortNumbers numbers;
    for (platform::PortInfo const& port : ports.list().subspan(1)) {
        numbers.push_back(port.dpdk_port);
    }
    return numbers;
}

// Every buffer of the pool holds the frame from its data on.
void fill_buffers(rte_mempool* pool, std::vector<std::uint8_t> const& frame) {
    std::vector<rte_mbuf*> all;
    while (rte_mbuf* const buffer = rte_pktmbuf_alloc(pool)) {
        std::memcpy(rte_pktmbuf_mtod(buffer, void*), frame.data(), frame.size());
        all.push_back(buffer);
    }
    for (rte_mbuf* const buffer : all) {
        rte_pktmbuf_free(buffer);
    }
}

using Contender = std::function<void(Burst, std::size_t ports)>;

// Nanoseconds for a copy.
double measure(Contender const& contender, rte_mempool* pool, std::uint16_t bytes,
               std::size_t ports) {
    std::size_t const bursts = k_copies / k_burst / ports;
    double const start = cpu_nanoseconds();
    for (std::size_t i = 0; i < bursts; ++i) {
        std::array<rte_mbuf*, k_burst> frames;
        if (rte_pktmbuf_alloc_bulk(pool, frames.data(), k_burst) != 0) {
            fmt::print(stderr, "the pool of frames ran empty\n");
            std::exit(1);
        }
        for (rte_mbuf* const frame : frames) {
            frame->data_len = bytes;
            frame->pkt_len = bytes;
        }
        contender(frames, ports);
    }
    return (cpu_nanoseconds() - start) / static_cast<double>(bursts * k_burst * ports);
}

struct Race {
    std::string what; // in the figures' names
    std::uint16_t bytes;
    std::vector<std::size_t> fan_outs;
    std::map<std::string, Contender> contenders; // "ours" and the baselines
};

void run(Race const& race, Sinks& sinks, rte_mempool* pool, int rounds) {
    fill_buffers(pool, frame_of(race.bytes));
    for (auto const kind : {Sinks::Kind::null, Sinks::Kind::ring}) {
        sinks.use(kind);
        for (std::size_t const ports : race.fan_outs) {
            std::map<std::string, Samples> samples;
            for (int round = 0; round <= rounds; ++round) {
                for (auto const& [name, contender] : race.contenders) {
                    double const ns = measure(contender, pool, race.bytes, ports);
                    if (round != 0) { // which filled the caches
                        samples[name].add(ns);
                    }
                }
            }
            for (auto const& [name, theirs] : samples) {
                if (name != "ours") {
                    figure(fmt::format("{}-{}-{}B-fan{}", race.what,
                                       kind == Sinks::Kind::null ? "null" : "ring", race.bytes,
                                       ports),
                           samples.at("ours").median(), "ns/copy", name, theirs.median());
                }
            }
        }
    }
    sinks.use(Sinks::Kind::null);
}

template <class T>
Contender of(std::shared_ptr<T> contender) {
    return [contender](Burst burst, std::size_t ports) { contender->replicate(burst, ports); };
}

void race_all(platform::Ports const& ports, platform::Pools const& pools, int rounds) {
    PortNumbers const out = outputs_of(ports);
    Sinks sinks(out);
    auto const counters = std::make_unique<handoff::WorkerCounters>();
    auto const transmit = std::make_unique<dataplane::TxBuffers>(
        chain_takers(ports), std::vector<platform::Relay>{}, *counters);
    dataplane::Replicator replicator(pools, *transmit, *counters);
    constexpr std::uint16_t k_tag = 100;
    auto const untagged = interfaces(0);
    auto const tagged = interfaces(k_tag);
    auto const ours = [&](std::size_t bytes, handoff::InterfaceTable const& table) {
        std::vector<std::uint8_t> const frame = frame_of(bytes);
        auto const verdict = dataplane::classify({frame, frame.size()}, PortId{0}, table);
        return of(std::make_shared<Ours>(replicator, *transmit, table, verdict));
    };
    run({.what = "replication",
         .bytes = 64,
         .fan_outs = {1, 4, 8, 16},
         .contenders = {{"ours", ours(64, *untagged)},
                        {"floor", of(std::make_shared<Floor>(out, false))},
                        {"floor-rewriting", of(std::make_shared<Floor>(out, true))},
                        {"header", of(std::make_shared<Header>(out, pools, 0, false))},
                        {"lean-header", of(std::make_shared<Header>(out, pools, 0, true))},
                        {"copy", of(std::make_shared<Copy>(out, pools))},
                        {"clone", of(std::make_shared<Clone>(out, pools, 0))}}},
        sinks, pools.receive(), rounds);
    for (std::uint16_t const bytes : {64, 1500}) {
        run({.what = "private",
             .bytes = bytes,
             .fan_outs = {4, 16},
             .contenders = {{"ours", ours(bytes, *tagged)},
                            {"header", of(std::make_shared<Header>(out, pools, k_tag, false))},
                            {"lean-header", of(std::make_shared<Header>(out, pools, k_tag, true))},
                            {"clone", of(std::make_shared<Clone>(out, pools, k_tag))}}},
            sinks, pools.receive(), rounds);
    }
}

} // namespace

int main(int argc, char** argv) {
    log::set_level(log::Level::error);
    int const rounds = argc > 1 ? std::max(std::atoi(argv[1]), 1) : 7;
    platform::Config const config = configuration();
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
    race_all(*ports, *pools, rounds);
    ports->close();
    if (platform::PoolBalance const left = pools->in_use(); left.total() != 0) {
        fmt::print(stderr, "{} buffers did not come back\n", left.total());
        return 1;
    }
    return 0;
}
