#include "appliance.h"

#include "mcast/platform/clock.h"
#include "mcast/wire/datagram.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <stdexcept>

#include <sched.h>

#include <fmt/format.h>
#include <rte_mbuf.h>

namespace mcast::handover {

namespace {

constexpr Mac k_router_mac{{0x02, 0, 0, 0, 0, 0x01}};
constexpr Mac k_host_mac{{0x02, 0, 0, 0, 0, 0x99}};
constexpr char const* k_names[k_interfaces] = {"wan", "east", "west", "back"};
constexpr platform::PoolsConfig k_pools{
    .receive = 4095, .headers = 255, .control = 2047, .cache = 32, .buffer_bytes = 2176};

control::Config configuration() {
    control::Config config;
    for (std::uint8_t i = 0; i < k_interfaces; ++i) {
        control::InterfaceConfig interface;
        interface.name = interface.port = k_names[i];
        interface.address = {Ipv4::of(10, i, 0, 1), 16};
        interface.igmp_enabled = IfIndex{i} != k_back;
        config.interfaces.push_back(interface);
    }
    config.limits.entries = 8192;
    return config;
}

std::vector<control::PortFacts> ports() {
    std::vector<control::PortFacts> all;
    for (char const* name : k_names) {
        all.push_back({name, k_router_mac, true, 1500, true});
    }
    return all;
}

template <class Array>
std::uint64_t sum(Array const& counters) {
    return std::accumulate(counters.begin(), counters.end(), std::uint64_t{0},
                           [](std::uint64_t n, auto const& c) { return n + c.read(); });
}

} // namespace

Appliance::Appliance(Wire& wire)
    : wire_(wire), grace_(wire.workers()),
      pools_(platform::Pools::create(k_pools, "handover").value()),
      shared_(wire.workers(), 8192, {.slot_bytes = 2048}, grace_),
      core_(configuration(), ports(), shared_, grace_, {}) {
    for (std::uint16_t w = 0; w < wire.workers(); ++w) {
        dataplane::WorkerSetup setup{
            .id = WorkerId{w},
            .queues = {},
            .limits = {.dvmrp = 0, .igmp = 0, .query = 0, .miss = 0, .host = 0},
            .idle = platform::Idle::yield};
        for (std::uint16_t port = 0; port < Wire::k_ports; ++port) {
            std::uint16_t const dpdk_port = wire.dpdk_port(PortId{port});
            setup.queues.receive.push_back({PortId{port}, dpdk_port, w});
            setup.queues.transmit.push_back({.dpdk_port = dpdk_port,
                                             .queue = w,
                                             .multi_segment = true,
                                             .longest = 9600,
                                             .exists = true});
        }
        workers_.push_back(
            std::make_unique<dataplane::Worker>(std::move(setup), shared_, pools_, grace_));
    }
    core_.publish_interfaces();
    core_.start_components(platform::now());
    core_.running = true;
}

Appliance::~Appliance() {
    stop();
}

void Appliance::launch() {
    lcores_ = std::make_unique<platform::Lcores>();
    for (std::uint16_t w = 0; w < workers_.size(); ++w) {
        dataplane::Worker* const worker = workers_[w].get();
        auto const launched =
            lcores_->launch(WorkerId{w}, [this, worker](platform::StopFlag const& flag) {
                worker->run(flag);
                running_.fetch_sub(1, std::memory_order_release); // pairs with stop()
            });
        if (!launched) {
            throw std::runtime_error(launched.error().sentence);
        }
        running_.fetch_add(1, std::memory_order_relaxed);
    }
}

bool Appliance::turn() {
    TimePoint const now = platform::now();
    std::size_t done = core_.drain_all(now);
    done += core_.run_timers(now);
    done += core_.reclaim();
    return done != 0;
}

void Appliance::report(IfIndex interface, std::vector<Ipv4> const& groups) {
    wire::ReportV3 message;
    for (Ipv4 const group : groups) {
        message.records.push_back({wire::RecordType::to_ex, group, {}, {}});
    }
    std::array<std::uint8_t, 1600> room{};
    wire::Writer out(room);
    Ipv4 const host = Ipv4::of(10, static_cast<std::uint8_t>(interface.value), 0, 9);
    rte_mbuf* const frame = rte_pktmbuf_alloc(pools_.receive());
    if (!wire::build_igmp_frame({k_host_mac, host, {}}, message, out) || frame == nullptr) {
        throw std::runtime_error("a report that cannot be sent");
    }
    std::memcpy(rte_pktmbuf_append(frame, static_cast<std::uint16_t>(out.size())), room.data(),
                out.size());
    wire_.send(PortId{interface.value}, 0, frame);
}

void Appliance::join(Streams const& streams) {
    constexpr std::size_t k_in_one_report = 100;
    for (IfIndex const interface : {k_east, k_west}) {
        std::vector<Ipv4> groups;
        std::size_t wanted = 0;
        for (std::uint32_t flow = 1; flow <= streams.count(); ++flow) {
            if (Streams::joined(flow, interface)) {
                groups.push_back(Streams::key(flow).group);
                ++wanted;
            }
            if (groups.size() == k_in_one_report || flow == streams.count()) {
                report(interface, std::exchange(groups, {}));
            }
        }
        TimePoint const end = platform::now() + std::chrono::seconds{30};
        while (manager().memberships({interface, {}}).size() != wanted) {
            if (platform::now() > end) {
                throw std::runtime_error("the joins have not come through");
            }
            if (!turn()) {
                sched_yield();
            }
        }
    }
}

void Appliance::stop() {
    if (lcores_) {
        lcores_->stop();
        while (running_.load(std::memory_order_acquire) != 0) { // pairs with launch()
            sched_yield();
        }
        lcores_->join();
        lcores_.reset();
    }
    workers_.clear();
    if (std::exchange(core_.running, false)) {
        core_.igmp.stop();
        core_.static_component.stop();
        core_.manager.step(platform::now(), 256);
    }
    for (std::uint16_t port = 0; port < Wire::k_ports; ++port) {
        wire_.drain(PortId{port}, [](rte_mbuf* frame, std::size_t) { rte_pktmbuf_free(frame); });
    }
}

std::uint64_t Appliance::punted_misses() const {
    std::uint64_t misses = 0;
    for (auto const& channel : shared_.workers) {
        for (auto const& counters : channel->counters->interfaces) {
            misses += counters.punted[static_cast<std::size_t>(handoff::PuntClass::miss)].read();
        }
    }
    return misses;
}

std::vector<std::string> Appliance::open_books() const {
    std::uint64_t came = 0, judged = 0, planned = 0, left = 0, refused = 0;
    auto const count = [&](handoff::InterfaceCounters const& c) {
        came += c.received.read() + c.reinjected.read();
        judged += c.forwarded.read() + sum(c.drops) + sum(c.punted);
        planned += c.copies.read() + c.fragments.read();
        left += c.frames_sent.read();
        refused += sum(c.copy_drops);
    };
    for (auto const& channel : shared_.workers) {
        std::ranges::for_each(channel->counters->interfaces, count);
        std::ranges::for_each(channel->counters->ports, count);
    }
    std::vector<std::string> books;
    if (came != judged) {
        books.push_back(fmt::format("{} packets came, {} were judged", came, judged));
    }
    if (planned != left + refused || refused != 0) {
        books.push_back(
            fmt::format("{} copies planned, {} sent, {} dropped", planned, left, refused));
    }
    if (pools_.in_use().total() != 0) {
        books.push_back(fmt::format("{} buffers were not given back", pools_.in_use().total()));
    }
    return books;
}

} // namespace mcast::handover
