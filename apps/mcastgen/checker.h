// What became of stamped datagrams: received, lost, duplicated, reordered, corrupted, late.
//
// A flow is what has one stamp identifier, source and group. Which of its last `window` sequence
// numbers came is kept in a bitmap, so memory is bounded; a datagram older than that is late, and
// whether it is a duplicate is no longer known. Fragments are put together first.
// One thread; time is what the caller says.
#pragma once

#include "stamp.h"

#include "mcast/base/flow.h"
#include "mcast/base/time.h"
#include "reassembly.h"

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mcast::gen {

struct CheckOptions {
    std::uint64_t window = 65536;         // sequence numbers, at least 1
    std::optional<Duration> late_after{}; // from stamp to arrival; nullopt: not judged
    bool only_expected = false;           // what no expectation names is unexpected
};

// Sequence numbers that must arrive, both ends included, and from which flow.
struct Expectation {
    std::uint32_t flow = 0;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
};

struct FlowCounts {
    std::uint64_t received = 0;   // distinct sequence numbers within the window
    std::uint64_t lost = 0;       // missing between the first and the last that came or must come
    std::uint64_t duplicated = 0; // again what had come
    std::uint64_t reordered = 0;  // after one with a higher number; also received
    std::uint64_t corrupted = 0;  // damaged on the way
    std::uint64_t late = 0;       // behind the window, or too long on the way
    std::uint64_t unexpected = 0; // of no expectation, with only_expected
    std::uint64_t first = 0;      // lowest and highest number received
    std::uint64_t last = 0;
    std::uint8_t lowest_ttl = 255;
    std::uint8_t highest_ttl = 0;

    bool clean() const {
        return lost + duplicated + reordered + corrupted + late + unexpected == 0;
    }
};

struct FlowId {
    std::uint32_t flow = 0; // 0: a damaged datagram of no flow seen before
    FlowKey key{};

    constexpr auto operator<=>(FlowId const&) const = default;
};

struct CheckResult {
    std::map<FlowId, FlowCounts> flows;
    std::uint64_t frames = 0;      // all
    std::uint64_t other = 0;       // not stamped datagrams: IGMP, ARP, foreign traffic
    std::uint64_t bad_headers = 0; // IPv4 or UDP that cannot be read

    // Nothing but received.
    bool clean() const;
};

class Checker {
public:
    Checker(CheckOptions options, std::vector<Expectation> expectations);

    // `arrived`: on the clock of the stamps; only late_after uses it.
    void frame(wire::Bytes frame, Duration arrived);
    // As of now: what is still missing counts as lost.
    CheckResult result() const;

private:
    struct State {
        FlowCounts counts;
        std::vector<bool> seen; // ring of the last `window` numbers
        std::uint64_t highest = 0;
        bool any = false;
    };

    void datagram(wire::Ipv4Header const& ip, wire::Bytes payload, Duration arrived);
    void count(State& state, Stamp const& stamp, std::uint8_t ttl, Duration arrived);
    void sequence(State& state, std::uint64_t number);
    State& damaged_flow(FlowKey key);
    bool is_expected(Stamp const& stamp) const;
    std::uint64_t lost_of(FlowId const& id, State const& state) const;

    CheckOptions options_;
    std::vector<Expectation> expectations_;
    std::map<FlowId, State> flows_;
    Reassembly reassembly_;
    CheckResult totals_; // its flows stay empty
};

} // namespace mcast::gen
