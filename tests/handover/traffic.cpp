#include "traffic.h"

#include "frames.h"
#include "stamp.h"

#include "mcast/platform/clock.h"

#include <algorithm>
#include <cstring>

#include <sched.h>

#include <fmt/format.h>
#include <rte_mbuf.h>

namespace mcast::handover {

namespace {

constexpr std::uint16_t k_payload = 40;
constexpr std::size_t k_payload_at = 42; // behind Ethernet, IPv4 and UDP
constexpr Duration k_patience = std::chrono::seconds{60};

gen::Checker checker() {
    return gen::Checker({.window = 4096, .late_after = {}, .only_expected = false}, {});
}

bool single(std::uint32_t flow) {
    return Streams::kind(flow) != Kind::both;
}

} // namespace

Traffic::Traffic(Wire& wire, rte_mempool* pool, Streams streams)
    : wire_(wire), pool_(pool), streams_(streams), next_sequence_(streams.count() + 1),
      sightings_(streams.count() + 1), checkers_{checker(), checker(), checker(), checker()} {}

// --- sending

bool Traffic::send(std::uint32_t flow) {
    std::size_t const worker = worker_of(flow);
    if (under_way_[worker].size() >= k_under_way) {
        return false;
    }
    rte_mbuf* const frame = rte_pktmbuf_alloc(pool_);
    if (frame == nullptr) {
        return false;
    }
    // Strictly rising, so that the stamp tells the order of sending too.
    TimePoint const now = std::max(platform::now(), last_sent_ + Duration{1});
    last_sent_ = now;
    std::uint64_t const sequence = next_sequence_[flow]++;
    FlowKey const key = Streams::key(flow);
    gen::Flow described;
    described.id = flow;
    described.source = key.source;
    described.group = key.group;
    described.size = k_payload;
    auto const bytes = gen::flow_frame(described, sequence, now.time_since_epoch());
    std::memcpy(rte_pktmbuf_append(frame, static_cast<std::uint16_t>(bytes.size())), bytes.data(),
                bytes.size());
    under_way_[worker].push_back({flow, sequence, now});
    if (single(flow)) {
        sightings_[flow].push_back({.sent = now, .settled = TimePoint::max()});
    }
    if (!wire_.send(PortId{k_wan.value}, worker, frame)) {
        rte_pktmbuf_free(frame);
        troubles_.emplace_back("the ring to a worker is full: more under way than allowed");
    }
    return true;
}

// Every fourth packet is of a stream that one owner alone wants: those are looked at more often.
bool Traffic::send_next() {
    bool const one_owner = turn_ % 4 == 3;
    std::uint32_t& next = one_owner ? next_single_ : next_both_;
    bool const sent = send(next);
    // Whether it could be sent or its worker is behind: the others go on.
    ++turn_;
    do {
        next = next % static_cast<std::uint32_t>(streams_.count()) + 1;
    } while (single(next) != one_owner);
    return sent;
}

void Traffic::establish() {
    for (std::uint32_t flow = 1; flow <= streams_.count(); ++flow) {
        while (under_way_[worker_of(flow)].size() >= 32) {
            if (receive() == 0) {
                sched_yield();
            }
        }
        send(flow);
    }
    finish();
}

void Traffic::run() {
    while (!stop_.load(std::memory_order_relaxed)) {
        std::size_t done = 0;
        for (std::size_t i = 0; i < k_burst; ++i) {
            done += send_next() ? 1 : 0;
        }
        done += receive();
        if (done == 0) {
            sched_yield();
        }
    }
    // What was held back cannot settle anything: something that comes out must be the last.
    for (std::uint32_t flow = 1; flow <= streams_.count(); ++flow) {
        while (!single(flow) && !send(flow)) {
            receive();
        }
    }
    finish();
}

std::uint64_t Traffic::settled() const {
    std::uint64_t sum = 0;
    for (auto const& of_worker : settled_) {
        sum += of_worker.load(std::memory_order_relaxed);
    }
    return sum;
}

void Traffic::finish() {
    TimePoint const end = platform::now() + k_patience;
    auto const all_settled = [this] {
        return std::ranges::all_of(under_way_, [](auto const& queue) { return queue.empty(); });
    };
    while (!all_settled() && platform::now() < end) {
        if (receive() == 0) {
            sched_yield();
        }
    }
    if (!all_settled()) {
        troubles_.emplace_back("packets were sent and nothing came out any more");
    }
    receive(); // the copies on the other ports left in the same turn or before
}

// --- receiving

std::size_t Traffic::receive() {
    std::size_t done = 0;
    for (std::uint16_t port = 0; port < Wire::k_ports; ++port) {
        done += wire_.drain(PortId{port}, [&](rte_mbuf* frame, std::size_t) {
            came_out(IfIndex{port},
                     {rte_pktmbuf_mtod(frame, std::uint8_t const*), frame->data_len});
            rte_pktmbuf_free(frame);
        });
    }
    return done;
}

void Traffic::came_out(IfIndex interface, std::span<std::uint8_t const> frame) {
    TimePoint const now = platform::now();
    checkers_[interface.index()].frame(frame, now.time_since_epoch());
    if (frame.size() < k_payload_at + k_payload) {
        return; // a query of ours
    }
    auto const stamp = gen::read_stamp(frame.subspan(k_payload_at, k_payload));
    if (!stamp || stamp->flow == 0 || stamp->flow > streams_.count()) {
        return; // the checker counts it
    }
    if (single(stamp->flow) && stamp->sequence < sightings_[stamp->flow].size()) {
        Sighting& sighting = sightings_[stamp->flow][stamp->sequence];
        sighting.east = sighting.east || interface == k_east;
        sighting.west = sighting.west || interface == k_west;
    }
    settle(worker_of(stamp->flow), TimePoint{Duration{stamp->sent_ns}}, now);
}

void Traffic::settle(std::size_t worker, TimePoint until, TimePoint now) {
    auto& queue = under_way_[worker];
    while (!queue.empty() && queue.front().sent <= until) {
        Pending const& oldest = queue.front();
        if (single(oldest.flow)) {
            sightings_[oldest.flow][oldest.sequence].settled = now;
        }
        queue.pop_front();
        settled_[worker].fetch_add(1, std::memory_order_relaxed);
    }
}

// --- judging

void Traffic::check_flow(std::uint32_t flow, IfIndex interface, gen::CheckResult const& result,
                         std::vector<std::string>& faults) const {
    auto const found = result.flows.find({flow, Streams::key(flow)});
    gen::FlowCounts const counts = found == result.flows.end() ? gen::FlowCounts{} : found->second;
    Kind const kind = Streams::kind(flow);
    bool const whole =
        kind == Kind::both || (interface == k_west && kind != Kind::moved); // nobody changes it
    std::uint64_t const lost = whole ? next_sequence_[flow] - counts.received : 0;
    if (lost + counts.duplicated + counts.reordered + counts.corrupted + counts.late != 0) {
        faults.push_back(fmt::format(
            "flow {} on interface {}: {} lost, {} duplicated, {} reordered, {} damaged, {} late of "
            "{}",
            flow, interface.value, lost, counts.duplicated, counts.reordered, counts.corrupted,
            counts.late, next_sequence_[flow]));
    }
}

std::vector<std::string> Traffic::faults() const {
    std::vector<std::string> faults = troubles_;
    for (IfIndex const interface : {k_east, k_west}) {
        gen::CheckResult const result = checkers_[interface.index()].result();
        for (std::uint32_t flow = 1; flow <= streams_.count(); ++flow) {
            check_flow(flow, interface, result, faults);
        }
        if (result.bad_headers != 0 || result.flows.size() > streams_.count()) {
            faults.push_back(fmt::format("interface {}: frames of no stream", interface.value));
        }
    }
    for (IfIndex const interface : {k_wan, k_back}) {
        if (!checkers_[interface.index()].result().flows.empty()) {
            faults.push_back(fmt::format("streams came out of interface {}", interface.value));
        }
    }
    return faults;
}

Verdict Traffic::judge(Kind kind, Timeline const& timeline, bool Sighting::* seen) const {
    Verdict sum;
    for (std::uint32_t flow = 1; flow <= streams_.count(); ++flow) {
        if (Streams::kind(flow) != kind) {
            continue;
        }
        Verdict verdict = handover::judge(timeline, sightings_[flow], seen);
        if (!verdict.mistake.empty()) {
            verdict.mistake = fmt::format("flow {}: {}", flow, verdict.mistake);
        }
        sum.add(verdict);
    }
    return sum;
}

std::uint64_t Traffic::sent() const {
    std::uint64_t sum = 0;
    for (std::uint64_t each : next_sequence_) {
        sum += each;
    }
    return sum;
}

std::uint64_t Traffic::received(IfIndex interface) const {
    std::uint64_t sum = 0;
    for (auto const& [id, counts] : checkers_[interface.index()].result().flows) {
        sum += counts.received;
    }
    return sum;
}

} // namespace mcast::handover
