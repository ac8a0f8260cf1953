#include "worker_impl.h"

#include "link_header.h"
#include "mbuf_tools.h"

#include "mcast/dataplane/forward.h"
#include "mcast/platform/queue_depths.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include <sched.h>
#include <sys/prctl.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_pause.h>

namespace mcast::dataplane {

using handoff::Drop;
using handoff::PuntClass;

namespace {

// Idle turns before a worker that may sleep does: traffic that comes in trickles is not delayed.
constexpr std::uint32_t k_turns_before_sleep = 64;
// The first sleep, in microseconds; each further one is twice as long, up to the bound.
constexpr std::uint32_t k_first_sleep = 5;
constexpr std::uint32_t k_most_doublings = 16;

} // namespace

Worker::Impl::Impl(WorkerSetup setup, handoff::Shared& shared, platform::Pools const& pools,
                   platform::Qsbr& grace)
    : setup_(std::move(setup)), shared_(shared), channel_(*shared.workers[setup_.id.index()]),
      pools_(pools, setup_.queues.node), grace_(grace), counters_(*channel_.counters),
      table_(&shared.interfaces.current()),
      transmit_(setup_.queues.transmit, setup_.queues.relays, counters_),
      replicator_(pools_, transmit_, counters_),
      punter_(channel_, setup_.limits, setup_.port_limits,
              setup_.cycles_per_second == 0 ? rte_get_tsc_hz() : setup_.cycles_per_second) {
    if (setup_.cycles_per_second == 0) {
        setup_.cycles_per_second = rte_get_tsc_hz();
    }
}

Worker::Impl::~Impl() {
    replicator_.finish();
    transmit_.flush_all();
    drain_relays();
}

std::uint64_t Worker::Impl::cycles_at(TimePoint at) const {
    constexpr std::uint64_t k_second = 1'000'000'000;
    auto const ns = static_cast<std::uint64_t>(at.time_since_epoch().count());
    return ns / k_second * setup_.cycles_per_second +
           ns % k_second * setup_.cycles_per_second / k_second;
}

void Worker::Impl::run(platform::StopFlag const& stop) {
    grace_.online(setup_.id);
    online_ = true;
    if (setup_.idle == platform::Idle::sleep) {
        prctl(PR_SET_TIMERSLACK, 1000, 0, 0, 0); // nanoseconds; 50,000 would come on top of a sleep
    }
    std::uint32_t idle_turns = 0;
    platform::QueueDepths* const depths = setup_.queues.depths;
    while (!stop.requested()) {
        if (depths != nullptr) {
            depths->answer();
        }
        if (poll_once()) {
            idle_turns = 0;
        } else {
            rest(++idle_turns);
        }
    }
    online_ = false;
    grace_.offline(setup_.id);
}

void Worker::Impl::rest(std::uint32_t idle_turns) {
    if (setup_.idle == platform::Idle::pause) {
        rte_pause();
    } else if (setup_.idle == platform::Idle::yield) {
        sched_yield();
    } else if (setup_.idle == platform::Idle::sleep && idle_turns > k_turns_before_sleep) {
        std::uint32_t const doublings =
            std::min(idle_turns - k_turns_before_sleep - 1, k_most_doublings);
        std::uint64_t const start = rte_get_tsc_cycles();
        rte_delay_us_sleep(std::min(k_first_sleep << doublings, setup_.wake_up_within));
        counters_.idle_cycles.add(rte_get_tsc_cycles() - start);
        counters_.sleeps.add(1);
    }
}

bool Worker::Impl::poll_once() {
    std::uint64_t const start = rte_get_tsc_cycles();
    bool busy = take_injections(start);
    for (platform::ReceiveQueue const& queue : setup_.queues.receive) {
        std::array<rte_mbuf*, k_burst> frames;
        std::uint16_t const count =
            rte_eth_rx_burst(queue.dpdk_port, queue.queue, frames.data(), k_burst);
        if (count != 0) {
            counters_.bursts[handoff::burst_size(count)].add(1);
            process_burst(queue.port, frames.data(), count, start);
            busy = true;
        }
    }
    busy = transmit_.take_relayed() || busy;
    finish_turn();
    std::uint64_t const spent = rte_get_tsc_cycles() - start;
    if (busy) {
        counters_.busy_turns.add(1);
        counters_.busy_cycles.add(spent);
    } else {
        counters_.idle_cycles.add(spent);
    }
    return busy;
}

void Worker::Impl::finish_turn() {
    replicator_.finish();
    count_recent();
    transmit_.flush_all();
    counters_.turns.add(1);
    if (online_) {
        grace_.quiescent(setup_.id); // nothing of the table is held any more
    }
}

// --- what becomes of a packet ---

handoff::InterfaceCounters& Worker::Impl::counters_of(IfIndex arrival, PortId port) {
    return arrival == k_no_interface ? counters_.ports[port.index()]
                                     : counters_.interfaces[arrival.index()];
}

// Exactly one of dropped, punted, forwarded.
void Worker::Impl::settle(rte_mbuf* frame, Verdict const& verdict, handoff::Entry const* entry,
                          PortId port, Origin origin, std::uint64_t now) {
    if (verdict.action == Action::drop) {
        drop_one(frame, counters_of(verdict.arrival, port), verdict.drop);
    } else if (verdict.action == Action::punt) {
        punt_one(frame, verdict, verdict.punt, port, now);
    } else if (entry != nullptr) {
        forward_one(frame, verdict, *entry, now);
    } else if (origin == Origin::received) {
        punt_one(frame, verdict, PuntClass::miss, port, now);
    } else {
        drop_one(frame, counters_of(verdict.arrival, port), Drop::reinject_miss);
    }
}

void Worker::Impl::drop_one(rte_mbuf* frame, handoff::InterfaceCounters& counters, Drop why) {
    counters.drops[static_cast<std::size_t>(why)].add(1);
    rte_pktmbuf_free(frame);
}

void Worker::Impl::punt_one(rte_mbuf* frame, Verdict const& verdict, PuntClass to, PortId port,
                            std::uint64_t now) {
    handoff::InterfaceCounters& counters = counters_of(verdict.arrival, port);
    Drop const refused = punter_.punt(frame, verdict, to, port, now);
    if (refused != Drop::none) {
        drop_one(frame, counters, refused);
        return;
    }
    counters.punted[static_cast<std::size_t>(to)].add(1);
    rte_pktmbuf_free(frame);
}

void Worker::Impl::forward_one(rte_mbuf* frame, Verdict const& verdict, handoff::Entry const& entry,
                               std::uint64_t now) {
    if (!recent_.holds_for(entry, verdict.arrival, verdict.ttl, *table_)) {
        if (forwards_to_all(entry, *table_, verdict.arrival, verdict.ttl)) [[likely]] {
            turn_to(entry, verdict.arrival, nullptr);
        } else {
            Outputs const outputs = forward(entry, *table_, verdict.arrival, verdict.ttl);
            outputs.below_threshold.for_each(
                [this](IfIndex i) { counters_.interfaces[i.index()].threshold.add(1); });
            outputs.down.for_each(
                [this](IfIndex i) { counters_.interfaces[i.index()].link_down.add(1); });
            if (outputs.drop != Drop::none) {
                drop_known(frame, verdict, entry, outputs.drop, now);
                return;
            }
            turn_to(entry, verdict.arrival, &outputs.to);
        }
    }
    ++recent_.packets;
    recent_.bytes += verdict.total_length;
    replicator_.replicate(frame, verdict);
}

// `some`: not all outputs of the entry, but these.
void Worker::Impl::turn_to(handoff::Entry const& entry, IfIndex arrival, IfSet const* some) {
    count_recent();
    recent_.entry = &entry;
    recent_.table = table_;
    recent_.arrival = arrival;
    recent_.for_all = some == nullptr;
    recent_.to = recent_.for_all ? entry.outputs : *some;
    replicator_.aim(recent_.to, *table_);
}

// A packet that has an entry, and goes nowhere.
void Worker::Impl::drop_known(rte_mbuf* frame, Verdict const& verdict, handoff::Entry const& entry,
                              Drop why, std::uint64_t now) {
    handoff::InterfaceCounters& arrival = counters_.interfaces[verdict.arrival.index()];
    handoff::EntryCounters& of_entry = entry.counters[setup_.id.index()];
    if (why == Drop::wrong_interface) {
        of_entry.wrong_interface.add(1);
        if (table_->alerting.contains(verdict.arrival)) {
            PortId const port = table_->interfaces[verdict.arrival.index()].port;
            punter_.alert(frame, verdict, port, arrival, now);
        }
    } else if (why == Drop::ttl_expired) {
        of_entry.ttl_expired.add(1);
    } else {
        of_entry.dropped.add(1);
    }
    drop_one(frame, arrival, why);
}

// --- packets from control ---

bool Worker::Impl::take_injections(std::uint64_t now) {
    table_ = &shared_.interfaces.current();
    int taken = 0;
    for (; taken < k_injections; ++taken) {
        handoff::Frame* const frame = channel_.inject.pop();
        if (frame == nullptr) {
            break;
        }
        if (!inject(*frame, now)) {
            std::size_t const of = frame->interface.index();
            (of < k_max_interfaces ? counters_.interfaces[of] : counters_.ports[0])
                .inject_dropped.add(1);
        }
        channel_.inject.release(frame);
    }
    return taken != 0;
}

// False when it could not be sent; not counted yet then.
bool Worker::Impl::inject(handoff::Frame const& frame, std::uint64_t now) {
    bool const known =
        frame.interface.index() < k_max_interfaces && table_->present.contains(frame.interface);
    if (!known || frame.length < k_ethernet_bytes) {
        return false;
    }
    return frame.injection == handoff::Injection::reinject ? reinject(frame, now)
                                                           : transmit_injected(frame);
}

bool Worker::Impl::reinject(handoff::Frame const& frame, std::uint64_t now) {
    rte_mbuf* const copy = chain_of(pools_.control(), frame.bytes());
    if (copy == nullptr) {
        return false;
    }
    counters_.interfaces[frame.interface.index()].reinjected.add(1);
    Verdict const verdict = classify_on({frame.bytes(), frame.length}, frame.interface, *table_);
    handoff::Entry const* const entry =
        verdict.action == Action::forward ? shared_.table.find(verdict.key) : nullptr;
    PortId const port = table_->interfaces[frame.interface.index()].port;
    settle(copy, verdict, entry, port, Origin::reinjected, now);
    return true;
}

bool Worker::Impl::transmit_injected(handoff::Frame const& frame) {
    handoff::Interface const& out = table_->interfaces[frame.interface.index()];
    if (!table_->up.contains(frame.interface)) {
        return false;
    }
    rte_mbuf* const copy = chain_of(pools_.control(), frame.bytes());
    if (copy == nullptr) {
        return false;
    }
    if (out.vlan != 0) {
        char* const start = rte_pktmbuf_prepend(copy, k_tag_bytes);
        if (start == nullptr) {
            rte_pktmbuf_free(copy);
            return false;
        }
        std::memmove(start, start + k_tag_bytes, 12); // both addresses
        write_tag(reinterpret_cast<std::uint8_t*>(start) + 12, out.vlan);
    }
    platform::TransmitPath const& path = transmit_.path(out.port);
    if (copy->pkt_len > path.longest || (copy->nb_segs > 1 && !path.multi_segment)) {
        rte_pktmbuf_free(copy);
        return false;
    }
    transmit_.put(out.port, copy, copy->pkt_len, {.interface = frame.interface, .control = 1});
    return true;
}

// --- the public face ---

Worker::Worker(WorkerSetup setup, handoff::Shared& shared, platform::Pools const& pools,
               platform::Qsbr& grace)
    : impl_(std::make_unique<Impl>(std::move(setup), shared, pools, grace)) {}

Worker::~Worker() = default;

void Worker::run(platform::StopFlag const& stop) {
    impl_->run(stop);
}

bool Worker::poll_once() {
    return impl_->poll_once();
}

bool Worker::take_injections(TimePoint at) {
    return impl_->take_injections(impl_->cycles_at(at));
}

void Worker::process(PortId port, rte_mbuf** frames, std::uint16_t count, TimePoint at) {
    impl_->process(port, frames, count, impl_->cycles_at(at));
}

void Worker::finish_turn() {
    impl_->finish_turn();
}

void Worker::drain_relays() {
    impl_->drain_relays();
}

} // namespace mcast::dataplane
