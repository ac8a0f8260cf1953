#include "checker.h"

#include "mcast/wire/datagram.h"

#include <algorithm>

namespace mcast::gen {

bool CheckResult::clean() const {
    return bad_headers == 0 &&
           std::ranges::all_of(flows, [](auto const& flow) { return flow.second.clean(); });
}

Checker::Checker(CheckOptions options, std::vector<Expectation> expectations)
    : options_(options), expectations_(std::move(expectations)) {
    options_.window = std::max<std::uint64_t>(options_.window, 1);
}

void Checker::frame(wire::Bytes frame, Duration arrived) {
    ++totals_.frames;
    auto const read = wire::decode_datagram(frame);
    if (!read) {
        ++(read.error() == wire::DatagramError::not_ipv4 ? totals_.other : totals_.bad_headers);
        return;
    }
    if (read->ip.protocol != wire::k_protocol_udp || !read->ip.destination.is_multicast()) {
        ++totals_.other;
        return;
    }
    if (!read->ip.is_fragment()) {
        datagram(read->ip, read->payload, arrived);
    } else if (auto const whole = reassembly_.add(read->ip, read->payload)) {
        datagram(read->ip, *whole, arrived);
    }
}

void Checker::datagram(wire::Ipv4Header const& ip, wire::Bytes payload, Duration arrived) {
    FlowKey const key{ip.source, ip.destination};
    auto const udp = wire::decode_udp(payload, ip.source, ip.destination);
    if (!udp) {
        if (udp.error() == wire::UdpError::bad_checksum) {
            ++damaged_flow(key).counts.corrupted;
        } else {
            ++totals_.bad_headers;
        }
        return;
    }
    auto const stamp = read_stamp(udp->data);
    if (!stamp) {
        if (stamp.error() == StampError::foreign) {
            ++totals_.other;
        } else {
            ++damaged_flow(key).counts.corrupted;
        }
        return;
    }
    count(flows_[{stamp->flow, key}], *stamp, ip.ttl, arrived);
}

// The flow that a damaged datagram most likely belongs to: what it says of itself is not believed.
Checker::State& Checker::damaged_flow(FlowKey key) {
    for (auto& [id, state] : flows_) {
        if (id.key == key) {
            return state;
        }
    }
    return flows_[{0, key}];
}

void Checker::count(State& state, Stamp const& stamp, std::uint8_t ttl, Duration arrived) {
    if (!is_expected(stamp)) {
        ++state.counts.unexpected;
        return;
    }
    state.counts.lowest_ttl = std::min(state.counts.lowest_ttl, ttl);
    state.counts.highest_ttl = std::max(state.counts.highest_ttl, ttl);
    if (options_.late_after && arrived - Duration{stamp.sent_ns} > *options_.late_after) {
        ++state.counts.late;
    }
    sequence(state, stamp.sequence);
}

void Checker::sequence(State& state, std::uint64_t number) {
    std::uint64_t const window = options_.window;
    FlowCounts& counts = state.counts;
    if (!state.any) {
        state.any = true;
        state.seen.resize(window);
        state.highest = counts.first = number;
    } else if (number > state.highest) {
        // The places of the numbers that were jumped over are free again.
        std::uint64_t const fresh = std::min(number - state.highest, window);
        for (std::uint64_t i = 0; i < fresh; ++i) {
            state.seen[(number - i) % window] = false;
        }
        state.highest = number;
    } else if (state.highest - number >= window) {
        ++counts.late;
        return;
    } else if (state.seen[number % window]) {
        ++counts.duplicated;
        return;
    } else {
        ++counts.reordered;
        counts.first = std::min(counts.first, number);
    }
    state.seen[number % window] = true;
    ++counts.received;
    counts.last = state.highest;
}

bool Checker::is_expected(Stamp const& stamp) const {
    return !options_.only_expected ||
           std::ranges::any_of(expectations_, [&](Expectation const& one) {
               return one.flow == stamp.flow && stamp.sequence >= one.first &&
                      stamp.sequence <= one.last;
           });
}

std::uint64_t Checker::lost_of(FlowId const& id, State const& state) const {
    std::uint64_t wanted = 0;
    for (auto const& one : expectations_) {
        wanted += one.flow == id.flow ? one.last - one.first + 1 : 0;
    }
    if (expectations_.empty() && state.any) {
        wanted = state.counts.last - state.counts.first + 1;
    }
    return wanted > state.counts.received ? wanted - state.counts.received : 0;
}

CheckResult Checker::result() const {
    CheckResult result = totals_;
    result.bad_headers += reassembly_.incomplete();
    for (auto const& [id, state] : flows_) {
        FlowCounts& counts = result.flows[id];
        counts = state.counts;
        counts.lost = lost_of(id, state);
    }
    for (auto const& one : expectations_) {
        auto const came = std::ranges::any_of(
            flows_, [&](auto const& flow) { return flow.first.flow == one.flow; });
        if (!came) {
            result.flows[{one.flow, {}}].lost += one.last - one.first + 1;
        }
    }
    return result;
}

} // namespace mcast::gen
