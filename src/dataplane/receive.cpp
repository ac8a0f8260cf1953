// A burst of received frames: judged, looked up together, and each handed to what becomes of it.
#include "worker_impl.h"

#include "mbuf_tools.h"
#include "tunnel_frames.h"

#include "mcast/dataplane/forward.h"
#include "mcast/dataplane/usual.h"

#include <algorithm>

#include <rte_mbuf.h>
#include <rte_prefetch.h>

namespace mcast::dataplane {

using handoff::Drop;

namespace {

FrameView view_of(rte_mbuf const* frame, std::array<std::uint8_t, k_head_bytes>& head) {
    if (frame->data_len >= k_head_bytes || frame->nb_segs == 1) {
        return {{rte_pktmbuf_mtod(frame, std::uint8_t const*), frame->data_len}, frame->pkt_len};
    }
    // Headers over several segments: rare enough for a copy.
    std::uint32_t const length = std::min<std::uint32_t>(frame->pkt_len, k_head_bytes);
    void const* const bytes = rte_pktmbuf_read(frame, 0, length, head.data());
    return {{static_cast<std::uint8_t const*>(bytes), length}, frame->pkt_len};
}

std::uint8_t const* head_of(rte_mbuf const* frame) {
    return rte_pktmbuf_mtod(frame, std::uint8_t const*);
}

bool may_be_usual(rte_mbuf const* frame) {
    return frame->nb_segs == 1 && frame->data_len >= Usual::k_bytes;
}

} // namespace

void Worker::Impl::process(PortId port, rte_mbuf** frames, std::uint16_t count, std::uint64_t now) {
    while (count != 0) {
        std::uint16_t const burst = std::min(count, k_burst);
        process_burst(port, frames, burst, now);
        frames += burst;
        count = static_cast<std::uint16_t>(count - burst);
    }
}

// False, and nothing done, unless all of them go to all outputs of the entry.
[[gnu::always_inline]] inline bool Worker::Impl::forward_train(std::span<rte_mbuf*> frames,
                                                               Part const& train,
                                                               handoff::Entry const& entry) {
    IfIndex const arrival = burst_.arrival;
    if (!recent_.holds_for(entry, arrival, train.ttl, *table_)) {
        if (recent_.is_way_of(entry, arrival, train.ttl, *table_)) {
            count_recent();
            recent_.entry = &entry;
        } else if (forwards_to_all(entry, *table_, arrival, train.ttl)) {
            turn_to(entry, arrival, nullptr);
        } else {
            return false;
        }
    }
    recent_.packets += frames.size();
    recent_.bytes += train.bytes;
    replicator_.replicate_train(frames, train.key.group);
    return true;
}

// The table's answers are asked for all together, and each further step of all packets is
// prefetched before the first of them takes it: entries, then what is counted on them.
void Worker::Impl::process_burst(PortId port, rte_mbuf** frames, std::uint16_t count,
                                 std::uint64_t now) {
    table_ = &shared_.interfaces.current();
    for (std::uint16_t i = 0; i < count; ++i) {
        rte_prefetch0(rte_pktmbuf_mtod(frames[i], void*));
    }
    std::size_t const parts = judge_all(port, frames, count);
    look_up();
    rte_mbuf** at = frames;
    for (std::size_t i = 0; i < parts; ++i) {
        Part const& part = burst_.parts[i];
        std::span<rte_mbuf*> const these{at, part.frames};
        at += part.frames;
        handoff::Entry const* const entry =
            part.question == k_no_question
                ? nullptr
                : handoff::Table::verified(burst_.entries[part.question], part.key);
        if (!part.train) {
            settle(these.front(), burst_.verdicts[i], entry, port, Origin::received, now);
        } else if (entry == nullptr || !forward_train(these, part, *entry)) {
            for (rte_mbuf* const frame : these) {
                settle(frame, Usual::verdict(head_of(frame), burst_.arrival), entry, port,
                       Origin::received, now);
            }
        }
    }
}

// How far the train of the first frame goes, which the part has already. Gives the bytes of the
// further frames.
std::uint64_t Worker::Impl::follow(Part& part, std::span<rte_mbuf* const> frames) {
    Usual::Train const train{head_of(frames.front())};
    std::uint64_t frame_bytes = 0;
    std::uint32_t packet_bytes = 0;
    std::size_t length = 1;
    for (; length < frames.size(); ++length) {
        rte_mbuf const* const frame = frames[length];
        if (!may_be_usual(frame) || !train.takes(head_of(frame), frame->data_len)) {
            break;
        }
        packet_bytes += Usual::total_length_in(head_of(frame));
        frame_bytes += frame->data_len;
    }
    part.bytes += packet_bytes;
    part.frames = static_cast<std::uint8_t>(length);
    return frame_bytes;
}

// Fills the burst's parts and questions and counts what came in. Gives the number of parts.
std::size_t Worker::Impl::judge_all(PortId port, rte_mbuf** frames, std::uint16_t count) {
    Usual const usual{port, *table_};
    burst_.arrival = usual.arrival();
    std::size_t parts = 0;
    std::size_t questions = 0;
    std::uint64_t packets = 0; // usual ones
    std::uint64_t bytes = 0;
    for (rte_mbuf **at = frames, **const end = frames + count; at != end; ++parts) {
        Part& part = burst_.parts[parts];
        rte_mbuf* const frame = *at;
        std::uint8_t const* const head = head_of(frame);
        bool asks = true;
        part.frames = 1;
        part.train = may_be_usual(frame) && usual.is_usual(head, frame->data_len);
        if (part.train) [[likely]] {
            part.key = Usual::key_in(head);
            part.ttl = Usual::ttl_in(head);
            part.bytes = Usual::total_length_in(head);
            bytes += frame->data_len;
            if (at + 1 != end && may_be_usual(at[1]) && Usual::may_follow(head, head_of(at[1]))) {
                bytes += follow(part, {at, end});
            }
            packets += part.frames;
        } else {
            Verdict& verdict = burst_.verdicts[parts];
            *at = judge_other(verdict, frame, port);
            part.key = verdict.key;
            asks = verdict.action == Action::forward;
        }
        at += part.frames;
        part.question = k_no_question;
        if (asks) {
            burst_.keys[questions] = part.key;
            part.question = static_cast<std::uint8_t>(questions++);
        }
    }
    burst_.questions = questions;
    if (packets != 0) {
        handoff::InterfaceCounters& counters = counters_of(usual.arrival(), port);
        counters.received.add(packets);
        counters.received_bytes.add(bytes);
    }
    return parts;
}

// One frame that is no usual one. Gives what is to be done with: it, or what a tunnel carried.
rte_mbuf* Worker::Impl::judge_other(Verdict& verdict, rte_mbuf* frame, PortId port) {
    verdict = {};
    std::array<std::uint8_t, k_head_bytes> head;
    classify(view_of(frame, head), port, *table_, verdict);
    handoff::InterfaceCounters& counters = counters_of(verdict.arrival, port);
    counters.received.add(1);
    counters.received_bytes.add(frame->pkt_len);
    return verdict.action == Action::decapsulate ? take_out(frame, verdict) : frame;
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

// Asks the table all questions together, and fetches what the packets will need of their entries
// before the first of them does.
void Worker::Impl::look_up() {
    shared_.table.find_bulk({burst_.keys.data(), burst_.questions},
                            {burst_.entries.data(), burst_.questions});
    for (std::size_t i = 0; i < burst_.questions; ++i) {
        if (handoff::Entry const* const found = burst_.entries[i]; found != nullptr) {
            rte_prefetch0(found);
            rte_prefetch0(handoff::counters_behind(found, setup_.id));
        }
    }
}

} // namespace mcast::dataplane
