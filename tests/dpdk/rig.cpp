#include "rig.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_ring.h>
#include <rte_ring_elem.h>

namespace mcast::test {

namespace {

struct RingPort {
    rte_ring* in = nullptr;
    rte_ring* out = nullptr;
    std::uint16_t dpdk_port = 0;
};

// Made once a process: ports come and go slowly.
std::array<RingPort, Rig::k_ports> const& ring_ports() {
    static auto const ports = [] {
        std::array<RingPort, Rig::k_ports> made;
        // Ring ports need a pool to be configured but never take from it.
        rte_mempool* const pool = rte_pktmbuf_pool_create("ring_ports", 7, 0, 0, 128, 0);
        for (std::size_t i = 0; i < made.size(); ++i) {
            unsigned const size = i == Rig::k_small_port ? 16 : 2048;
            made[i].in = rte_ring_create(fmt::format("in{}", i).c_str(), 2048, 0, 0);
            made[i].out = rte_ring_create(fmt::format("out{}", i).c_str(), size, 0, 0);
            int const port = rte_eth_from_rings(fmt::format("rig{}", i).c_str(), &made[i].in, 1,
                                                &made[i].out, 1, 0);
            made[i].dpdk_port = static_cast<std::uint16_t>(port);
            rte_eth_conf const conf{};
            rte_eth_dev_configure(made[i].dpdk_port, 1, 1, &conf);
            rte_eth_rx_queue_setup(made[i].dpdk_port, 0, 512, 0, nullptr, pool);
            rte_eth_tx_queue_setup(made[i].dpdk_port, 0, 512, 0, nullptr);
            rte_eth_dev_start(made[i].dpdk_port);
        }
        return made;
    }();
    return ports;
}

Octets bytes_of(rte_mbuf const* frame) {
    Octets bytes(frame->pkt_len);
    void const* const at = rte_pktmbuf_read(frame, 0, frame->pkt_len, bytes.data());
    if (at != bytes.data()) {
        std::memcpy(bytes.data(), at, bytes.size());
    }
    return bytes;
}

template <class Array>
std::uint64_t sum(Array const& counters) {
    return std::accumulate(counters.begin(), counters.end(), std::uint64_t{0},
                           [](std::uint64_t n, auto const& c) { return n + c.read(); });
}

void add(Totals& totals, handoff::InterfaceCounters const& c) {
    totals.received += c.received.read();
    totals.reinjected += c.reinjected.read();
    totals.forwarded += c.forwarded.read();
    totals.drops += sum(c.drops);
    totals.punted += sum(c.punted);
    totals.copies += c.copies.read();
    totals.fragments += c.fragments.read();
    totals.frames_sent += c.frames_sent.read();
    totals.copy_drops += sum(c.copy_drops);
}

template <class F>
void for_all(handoff::Shared const& shared, F&& f) {
    for (auto const& channel : shared.workers) {
        std::ranges::for_each(channel->counters->interfaces, f);
        std::ranges::for_each(channel->counters->ports, f);
    }
}

std::optional<std::pair<IfIndex, Octets>> next_of(handoff::FrameQueue& queue) {
    handoff::Frame* const frame = queue.pop();
    if (frame == nullptr) {
        return std::nullopt;
    }
    std::pair<IfIndex, Octets> result{frame->interface,
                                      {frame->bytes().begin(), frame->bytes().end()}};
    queue.release(frame);
    return result;
}

} // namespace

Rig::Rig(RigOptions options) : options_(std::move(options)) {
    auto const& ports = ring_ports();
    auto pools = platform::Pools::create(options_.pools, "rig", options_.nodes);
    EXPECT_TRUE(pools.has_value()) << pools.error().sentence;
    pools_.emplace(std::move(*pools));
    shared_ = std::make_unique<handoff::Shared>(options_.workers, 1024, options_.sizes, grace_);
    publisher_ = std::make_unique<handoff::Publisher>(shared_->table, grace_, options_.workers);
    for (std::size_t port = 0; port < ports.size() && options_.workers > 1; ++port) {
        relays_.push_back(rte_ring_create_elem(fmt::format("rig_relay{}", port).c_str(),
                                               sizeof(platform::OutFrame), 64, 0, RING_F_SC_DEQ));
    }
    for (std::size_t w = 0; w < options_.workers; ++w) {
        dataplane::WorkerSetup setup{.id = WorkerId{static_cast<std::uint16_t>(w)},
                                     .queues = {},
                                     .limits = options_.limits,
                                     .idle = options_.idle,
                                     .wake_up_within = options_.wake_up_within,
                                     .cycles_per_second = 1'000'000'000};
        setup.queues.node = options_.node;
        for (std::size_t i = 0; i < ports.size(); ++i) {
            PortId const id{static_cast<std::uint16_t>(i)};
            if (i % options_.workers == w) {
                setup.queues.receive.push_back({id, ports[i].dpdk_port, 0});
            }
            setup.queues.transmit.push_back({.dpdk_port = ports[i].dpdk_port,
                                             .queue = 0,
                                             .relay = w == 0 ? nullptr : relays_[i],
                                             .multi_segment = options_.multi_segment,
                                             .longest = 9600,
                                             .exists = true});
            if (w == 0 && options_.workers > 1) {
                setup.queues.relays.push_back({id, relays_[i]});
            }
        }
        workers_.push_back(
            std::make_unique<dataplane::Worker>(std::move(setup), *shared_, *pools_, grace_));
    }
}

Rig::~Rig() {
    for (std::uint16_t port = 0; port < k_ports; ++port) {
        sent(port);
    }
    release();
    workers_.clear();
    check_balance();
    for (rte_ring* ring : relays_) {
        rte_ring_free(ring);
    }
}

void Rig::check_balance() {
    Totals const t = totals();
    EXPECT_EQ(t.received + t.reinjected, t.forwarded + t.drops + t.punted);
    EXPECT_EQ(t.copies + t.fragments, t.frames_sent + t.copy_drops);
    EXPECT_EQ(pools_->in_use(), platform::PoolBalance{})
        << pools_->in_use().receive << " received, " << pools_->in_use().headers << " headers, "
        << pools_->in_use().references << " references, " << pools_->in_use().control
        << " control buffers were not given back";
}

handoff::Interface Rig::plain(std::uint16_t port) const {
    handoff::Interface interface;
    interface.port = PortId{port};
    interface.up = true;
    interface.mac = k_router_mac;
    interface.address = {Ipv4::of(10, 0, static_cast<std::uint8_t>(port), 1), 24};
    return interface;
}

void Rig::publish(std::vector<std::pair<std::uint16_t, handoff::Interface>> const& interfaces,
                  IfSet const& alerting, std::optional<IfSet> const& dvmrp) {
    auto table = std::make_unique<handoff::InterfaceTable>();
    table->router_mac = k_router_mac;
    table->alerting = alerting;
    for (auto const& [index, interface] : interfaces) {
        table->add(IfIndex{index}, interface);
    }
    table->dvmrp = dvmrp.value_or(table->present);
    shared_->interfaces.publish(std::move(table));
}

void Rig::publish_plain(std::uint16_t count) {
    std::vector<std::pair<std::uint16_t, handoff::Interface>> all;
    all.reserve(count);
    for (std::uint16_t i = 0; i < count; ++i) {
        all.emplace_back(i, plain(i));
    }
    publish(all);
}

void Rig::forward_to(std::initializer_list<std::uint16_t> outputs) {
    handoff::EntrySpec spec{.key = {k_source, k_group}, .arrival = IfIndex{0}};
    for (std::uint16_t output : outputs) {
        spec.outputs.insert(IfIndex{output});
    }
    publish_entry(spec);
}

rte_mbuf* Rig::frame(std::span<std::uint8_t const> bytes, std::size_t segment) {
    rte_mbuf* head = nullptr;
    do {
        rte_mbuf* const next = rte_pktmbuf_alloc(pools_->receive());
        auto const length = static_cast<std::uint16_t>(std::min(segment, bytes.size()));
        std::memcpy(rte_pktmbuf_append(next, length), bytes.data(), length);
        bytes = bytes.subspan(length);
        if (head == nullptr) {
            head = next;
        } else {
            rte_pktmbuf_chain(head, next);
        }
    } while (!bytes.empty());
    return head;
}

void Rig::receive(std::uint16_t port, rte_mbuf* frame, TimePoint at) {
    receive(port, std::span{&frame, 1}, at);
}

void Rig::receive(std::uint16_t port, std::span<rte_mbuf*> burst, TimePoint at) {
    worker().process(PortId{port}, burst.data(), static_cast<std::uint16_t>(burst.size()), at);
    worker().finish_turn();
}

void Rig::enqueue(std::uint16_t port, rte_mbuf* frame) {
    ASSERT_EQ(rte_ring_enqueue(ring_ports()[port].in, frame), 0);
}

std::vector<Sent> Rig::sent(std::uint16_t port) {
    std::vector<Sent> all;
    void* next = nullptr;
    while (rte_ring_dequeue(ring_ports()[port].out, &next) == 0) {
        auto* const frame = static_cast<rte_mbuf*>(next);
        rte_mbuf_sanity_check(frame, 1);
        all.push_back({frame, bytes_of(frame), frame->nb_segs});
        held_.push_back(frame);
    }
    return all;
}

void Rig::release() {
    for (rte_mbuf* frame : held_) {
        rte_pktmbuf_free(frame);
    }
    held_.clear();
}

std::uint64_t Rig::drops(handoff::Drop why) const {
    std::uint64_t n = 0;
    for_all(*shared_, [&](auto const& c) { n += c.drops[static_cast<std::size_t>(why)].read(); });
    return n;
}

std::uint64_t Rig::copy_drops(handoff::CopyDrop why) const {
    std::uint64_t n = 0;
    for_all(*shared_,
            [&](auto const& c) { n += c.copy_drops[static_cast<std::size_t>(why)].read(); });
    return n;
}

std::uint64_t Rig::punts(handoff::PuntClass to) const {
    std::uint64_t n = 0;
    for_all(*shared_, [&](auto const& c) { n += c.punted[static_cast<std::size_t>(to)].read(); });
    return n;
}

Totals Rig::totals() const {
    Totals totals;
    for_all(*shared_, [&](auto const& c) { add(totals, c); });
    return totals;
}

handoff::InterfaceCounters const& Rig::counters(std::uint16_t interface) const {
    return shared_->workers[0]->counters->interfaces[interface];
}

std::optional<std::pair<IfIndex, Octets>> Rig::punted(handoff::PuntClass to) {
    return next_of(shared_->workers[0]->punt(to));
}

std::optional<std::pair<IfIndex, Octets>> Rig::alerted() {
    return next_of(shared_->workers[0]->alerts);
}

void Rig::inject(std::uint16_t interface, handoff::Injection what, Octets const& bytes) {
    handoff::Frame* const frame = shared_->workers[0]->inject.acquire();
    ASSERT_NE(frame, nullptr);
    std::ranges::copy(bytes, frame->storage.begin());
    frame->length = static_cast<std::uint32_t>(bytes.size());
    frame->interface = IfIndex{interface};
    frame->injection = what;
    shared_->workers[0]->inject.push(frame);
}

} // namespace mcast::test
