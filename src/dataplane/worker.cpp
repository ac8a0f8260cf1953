#include "worker_impl.h"

#include "link_header.h"
#include "mbuf_tools.h"
#include "tunnel_frames.h"

#include "mcast/dataplane/forward.h"
#include "mcast/dataplane/usual.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include <sched.h>
#include <sys/prctl.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_pause.h>
#include <rte_prefetch.h>

namespace mcast::dataplane {

using handoff::Drop;
using handoff::PuntClass;

namespace {

// Idle turns before a worker that may sleep does: traffic that comes in trickles is not delayed.
constexpr std::uint32_t k_turns_before_sleep = 64;
// The first sleep, in microseconds; each further one is twice as long, up to the bound.
constexpr std::uint32_t k_first_sleep = 5;
constexpr std::uint32_t k_most_doublings = 16;

FrameView view_of(rte_mbuf const* frame, std::array<std::uint8_t, k_head_bytes>& head) {
    if (frame->data_len >= k_head_bytes || frame->nb_segs == 1) {
        return {{rte_pktmbuf_mtod(frame, std::uint8_t const*), frame->data_len}, frame->pkt_len};
    }
    // Headers over several segments: rare enough for a copy.
    std::uint32_t const length = std::min<std::uint32_t>(frame->pkt_len, k_head_bytes);
    void const* const bytes = rte_pktmbuf_read(frame, 0, length, head.data());
    return {{static_cast<std::uint8_t const*>(bytes), length}, frame->pkt_len};
}

} // namespace

Worker::Impl::Impl(WorkerSetup setup, handoff::Shared& shared, platform::Pools const& pools,
                   platform::Qsbr& grace)
    : setup_(std::move(setup)), shared_(shared), channel_(*shared.workers[setup_.id.index()]),
      pools_(pools), grace_(grace), counters_(*channel_.counters),
      table_(&shared.interfaces.current()),
      transmit_(setup_.queues.transmit, setup_.queues.relays, counters_),
      replicator_(pools, transmit_, counters_),
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
    while (!stop.requested()) {
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

// --- received packets ---

void Worker::Impl::process(PortId port, rte_mbuf** frames, std::uint16_t count, std::uint64_t now) {
    while (count != 0) {
        std::uint16_t const burst = std::min(count, k_burst);
        process_burst(port, frames, burst, now);
        frames += burst;
        count = static_cast<std::uint16_t>(count - burst);
    }
}

void Worker::Impl::judge(rte_mbuf const* frame, PortId port, Verdict& verdict) const {
    std::array<std::uint8_t, k_head_bytes> head;
    classify(view_of(frame, head), port, *table_, verdict);
}

// What the packet carries is judged as come in by the tunnel.
rte_mbuf* Worker::Impl::take_out(rte_mbuf* frame, Verdict& verdict) {
    rte_mbuf* const inner = decapsulate(frame, verdict, pools_.headers());
    if (inner == nullptr) {
        verdict.action = Action::drop;
        verdict.drop = Drop::tunnel_no_buffer;
        return frame;
    }
    std::array<std::uint8_t, k_head_bytes> head;
    verdict = classify_on(view_of(inner, head), verdict.arrival, *table_);
    return inner;
}

// The table's answers are asked for all together, and each further step of all packets is
// prefetched before the first of them takes it: entries, then what is counted on them.
void Worker::Impl::process_burst(PortId port, rte_mbuf** frames, std::uint16_t count,
                                 std::uint64_t now) {
    table_ = &shared_.interfaces.current();
    for (std::uint16_t i = 0; i < count; ++i) {
        rte_prefetch0(rte_pktmbuf_mtod(frames[i], void*));
    }
    look_up(judge_all(port, frames, count));
    for (std::uint16_t i = 0; i < count;) {
        Verdict const& verdict = burst_.verdicts[i];
        std::uint8_t const question = burst_.questions[i];
        handoff::Entry const* const entry =
            question == k_no_question
                ? nullptr
                : handoff::Table::verified(burst_.entries[question], verdict.key);
        if (entry == nullptr || !recent_.holds_for(*entry, verdict, *table_)) {
            settle(frames[i], verdict, entry, port, Origin::received, now);
            ++i;
            continue;
        }
        auto end = static_cast<std::uint16_t>(i + 1);
        while (end < count && burst_.questions[end] == question &&
               recent_.holds_for(*entry, burst_.verdicts[end], *table_)) {
            ++end;
        }
        forward_recent({frames + i, frames + end}, &burst_.verdicts[i]);
        i = end;
    }
}

// Fills the burst's verdicts and counts what came in. Gives the number of questions to the table:
// packets of one flow that follow each other ask once.
std::size_t Worker::Impl::judge_all(PortId port, rte_mbuf** frames, std::uint16_t count) {
    Usual usual{port, *table_};
    std::size_t questions = 0;
    std::uint64_t packets = 0; // usual ones
    std::uint64_t bytes = 0;
    for (std::uint16_t i = 0; i < count; ++i) {
        rte_mbuf* const frame = frames[i];
        Verdict& verdict = burst_.verdicts[i];
        if (frame->nb_segs == 1 && frame->data_len >= Usual::k_bytes &&
            usual.judge(rte_pktmbuf_mtod(frame, std::uint8_t const*), frame->data_len, verdict))
            [[likely]] {
            ++packets;
            bytes += frame->data_len;
        } else {
            verdict = {};
            judge(frame, port, verdict);
            handoff::InterfaceCounters& counters = counters_of(verdict.arrival, port);
            counters.received.add(1);
            counters.received_bytes.add(frame->pkt_len);
            if (verdict.action == Action::decapsulate) {
                frames[i] = take_out(frame, verdict);
            }
        }
        if (verdict.action != Action::forward) {
            burst_.questions[i] = k_no_question;
            continue;
        }
        if (questions == 0 || burst_.keys[questions - 1] != verdict.key) {
            burst_.keys[questions++] = verdict.key;
        }
        burst_.questions[i] = static_cast<std::uint8_t>(questions - 1);
    }
    if (packets != 0) {
        handoff::InterfaceCounters& counters = counters_of(usual.arrival(), port);
        counters.received.add(packets);
        counters.received_bytes.add(bytes);
    }
    return questions;
}

// Asks the table all questions together, and fetches what the packets will need of their entries
// before the first of them does.
void Worker::Impl::look_up(std::size_t questions) {
    shared_.table.find_bulk({burst_.keys.data(), questions}, {burst_.entries.data(), questions});
    for (std::size_t i = 0; i < questions; ++i) {
        if (handoff::Entry const* const found = burst_.entries[i]; found != nullptr) {
            rte_prefetch0(found);
            rte_prefetch0(handoff::counters_behind(found, setup_.id));
        }
    }
}

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
    if (!recent_.holds_for(entry, verdict, *table_)) {
        count_recent();
        if (forwards_to_all(entry, *table_, verdict.arrival, verdict.ttl)) [[likely]] {
            recent_.to = &entry.outputs;
            recent_.for_all = true;
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
            some_ = outputs.to;
            recent_.to = &some_;
            recent_.for_all = false;
        }
        recent_.entry = &entry;
        recent_.table = table_;
        recent_.arrival = verdict.arrival;
    }
    forward_recent({&frame, 1}, &verdict);
}

void Worker::Impl::forward_recent(std::span<rte_mbuf*> frames, Verdict const* verdicts) {
    recent_.packets += frames.size();
    for (std::size_t i = 0; i < frames.size(); ++i) {
        recent_.bytes += verdicts[i].total_length;
    }
    replicator_.replicate(frames, verdicts, *recent_.to, *table_);
}

// What went by the last answer of forward() is counted together, before that is forgotten.
void Worker::Impl::count_recent() {
    if (recent_.packets != 0) {
        counters_.interfaces[recent_.arrival.index()].forwarded.add(recent_.packets);
        handoff::EntryCounters& of_entry = recent_.entry->counters[setup_.id.index()];
        of_entry.packets.add(recent_.packets);
        of_entry.bytes.add(recent_.bytes);
    }
    recent_.packets = 0;
    recent_.bytes = 0;
    recent_.entry = nullptr;
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
