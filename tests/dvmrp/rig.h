// A router under test with three links, in a struct: other routers speak to it, time jumps from due
// moment to due moment, and what it said is kept with the time it said it.
//
//     i: 10.0.0.2/24    n 10.0.0.1, n3 10.0.0.3
//     j: 10.1.0.2/24    m 10.1.0.3, m1 10.1.0.1
//     k: 10.2.0.2/24    r 10.2.0.3
#pragma once

#include "mcast/dvmrp/engine.h"
#include "mcast/wire/describe.h"
#include "mcast/wire/dvmrp.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcast::dvmrp::test {

using namespace std::chrono_literals;
using wire::dvmrp::AskNeighbors2;
using wire::dvmrp::Body;
using wire::dvmrp::Graft;
using wire::dvmrp::GraftAck;
using wire::dvmrp::Message;
using wire::dvmrp::Neighbors2;
using wire::dvmrp::Probe;
using wire::dvmrp::Prune;
using wire::dvmrp::Report;
using wire::dvmrp::Version;

inline constexpr IfIndex k_i{0};
inline constexpr IfIndex k_j{1};
inline constexpr IfIndex k_k{2};
inline constexpr Ipv4 k_us_i = Ipv4::of(10, 0, 0, 2);
inline constexpr Ipv4 k_us_j = Ipv4::of(10, 1, 0, 2);
inline constexpr Ipv4 k_us_k = Ipv4::of(10, 2, 0, 2);
inline constexpr Ipv4 k_n = Ipv4::of(10, 0, 0, 1);
inline constexpr Ipv4 k_n3 = Ipv4::of(10, 0, 0, 3);
inline constexpr Ipv4 k_m = Ipv4::of(10, 1, 0, 3);
inline constexpr Ipv4 k_m1 = Ipv4::of(10, 1, 0, 1);
inline constexpr Ipv4 k_r = Ipv4::of(10, 2, 0, 3);
inline constexpr Ipv4 k_all = wire::dvmrp::k_all_routers;
inline constexpr Ipv4Prefix k_p{Ipv4::of(172, 16, 1, 0), 24};
inline constexpr Ipv4 k_source = Ipv4::of(172, 16, 1, 9);
inline constexpr Ipv4 k_g = Ipv4::of(239, 1, 2, 3);
inline constexpr FlowKey k_flow{k_source, k_g};

inline wire::dvmrp::Route said(Ipv4Prefix prefix, std::uint8_t metric) {
    return {prefix, metric};
}
inline wire::dvmrp::Route said(char const* prefix, std::uint8_t metric) {
    return {*Ipv4Prefix::parse(prefix), metric};
}

struct Sent {
    Duration at{};
    ToSend what{};
};

// How a message arrives, if not as it should.
struct Arrival {
    std::uint8_t ttl = 1;
    std::uint8_t capabilities = 0x0e;
    Version version{};
    Ipv4 destination = k_all;
};

struct Rig {
    explicit Rig(Config const& config = {}, InterfaceConfig const& each = {});

    // Runs what is due now, too.
    void hear(IfIndex on, Ipv4 from, Body body, Arrival const& how = {});
    void hear_bytes(IfIndex on, Ipv4 from, std::vector<std::uint8_t> const& bytes,
                    Arrival const& how = {});
    // A probe with this generation that lists us.
    void probe(IfIndex on, Ipv4 from, std::uint32_t generation = 1);
    void lonely_probe(IfIndex on, Ipv4 from, std::uint32_t generation = 1);
    void report(IfIndex on, Ipv4 from, std::vector<wire::dvmrp::Route> routes);
    void report(IfIndex on, Ipv4 from, Ipv4Prefix prefix, std::uint8_t metric) {
        report(on, from, {said(prefix, metric)});
    }
    // Neighbours as in the drawing; nothing that was said so far is remembered.
    void all_adjacent();
    // p comes from n with metric 2 (ours is 3), and m on j depends on us for it.
    void with_route_and_dependent();

    void run_for(Duration time);
    // The same while all neighbours go on to send probes every ten seconds.
    void live_for(Duration time);
    void settle() { run_for(0s); }

    std::optional<Outputs> open(FlowKey flow = k_flow);
    void data(FlowKey flow = k_flow);
    void member(IfIndex on, bool wants, Ipv4 group = k_g);

    void forget();
    // "DVMRP prune: ..." of all messages of this kind, with the destination in front.
    template <class Kind>
    std::vector<std::string> texts(std::optional<IfIndex> on = {}) const {
        std::vector<std::string> result;
        for (Sent const& it : sent) {
            if (std::holds_alternative<Kind>(it.what.message.body) &&
                (!on || *on == it.what.interface)) {
                result.push_back(to_string(it.what.destination) + " " +
                                 wire::describe(it.what.message));
            }
        }
        return result;
    }
    template <class Kind>
    std::vector<Duration> times(IfIndex on) const {
        std::vector<Duration> result;
        for (Sent const& it : sent) {
            if (std::holds_alternative<Kind>(it.what.message.body) && on == it.what.interface) {
                result.push_back(it.at);
            }
        }
        return result;
    }
    // What was last said of the prefix there; nullopt: nothing.
    std::optional<int> last_said(IfIndex on, Ipv4Prefix prefix) const;
    std::optional<NeighborState> state(IfIndex on, Ipv4 neighbor) const;
    Counters const& counters(IfIndex on) const { return *engine.counters(on); }
    IfSet wanted(FlowKey flow = k_flow) const;

    Engine engine;
    TimePoint now{};
    Output out{};
    std::vector<Sent> sent{};
    std::vector<FlowKey> flows{};
    std::vector<Ipv4Prefix> routes{};
    std::vector<Event> events{};
    std::uint64_t refusals(IfIndex on) const; // sum of the class

private:
    void collect();
    std::vector<std::pair<IfIndex, Ipv4>> living_{};
};

std::vector<std::uint8_t> bytes_of(Message const& message);

} // namespace mcast::dvmrp::test
