// A link with one router under test, in a struct: hosts and other routers speak to it, time jumps
// from due moment to due moment, and what the router did is kept with the time it did it.
//
// State and queries are compared as short texts in which the sources a, b, c, y, z, n and the
// groups of the behaviours have their names: "EXC{a}/{y}", "Q(G,{a}) S=1".
#pragma once

#include "mcast/igmp/engine.h"
#include "mcast/wire/igmp.h"

#include <cstdint>
#include <string>
#include <vector>

namespace mcast::igmp::test {

using namespace std::chrono_literals;
using wire::RecordType;

inline constexpr IfIndex k_lan{1};
inline constexpr Ipv4 k_router = Ipv4::of(192, 0, 2, 2);
inline constexpr Ipv4 k_better = Ipv4::of(192, 0, 2, 1); // would win the election
inline constexpr Ipv4 k_worse = Ipv4::of(192, 0, 2, 200);
inline constexpr Ipv4 k_host1 = Ipv4::of(192, 0, 2, 11);
inline constexpr Ipv4 k_host2 = Ipv4::of(192, 0, 2, 12);
inline constexpr Ipv4 k_g = Ipv4::of(239, 1, 2, 3);
inline constexpr Ipv4 k_g2 = Ipv4::of(239, 1, 2, 4);
inline constexpr Ipv4 k_channel = Ipv4::of(232, 1, 2, 3);
inline constexpr Mac k_router_mac{{2, 0, 0, 0, 0, 2}};
inline constexpr Mac k_other_mac{{2, 0, 0, 0, 0, 99}};

// One of "abcyzn".
Ipv4 source(char name);
std::vector<Ipv4> sources(std::string_view names);
std::string name_of(Ipv4 address);
std::vector<std::uint8_t> bytes_of(wire::Igmp const& message);
wire::Query general(std::uint8_t version = 3, std::uint8_t qrv = 2, std::uint8_t qqic = 125);
wire::Query specific(Ipv4 group, std::string_view names = "", bool suppress = false);
wire::GroupRecord record(RecordType type, Ipv4 group, std::string_view names = "");

struct Sent {
    Duration at{};
    QueryToSend what{};
};

struct DiscoverySent {
    Duration at{};
    DiscoveryToSend what{};
};

// "GQ", "Q(G) S=0", "Q(G,{a,b}) S=1".
std::string text_of(QueryToSend const& query);

struct Lan {
    explicit Lan(InterfaceConfig const& with = {}, Config const& global = {}, Link const& on = {});

    // The interface is up, the startup queries are out of the way, and nothing is remembered.
    void settle();
    // We hear the better router, and remember nothing of it.
    void lose_election();

    void receive(Received received);
    // From a host or router to the usual destination.
    void hear(Ipv4 from, wire::Igmp const& message);
    void report(RecordType type, Ipv4 group, std::string_view names = "", Ipv4 from = k_host1);
    void v1(Ipv4 group, Ipv4 from = k_host1) { hear(from, wire::ReportV1{group}); }
    void v2(Ipv4 group, Ipv4 from = k_host1) { hear(from, wire::ReportV2{group}); }
    void leave(Ipv4 group, Ipv4 from = k_host1) { hear(from, wire::Leave{group}); }

    void advance(Duration by);
    // To this time since the start.
    void advance_to(Duration at) { advance(at - now.time_since_epoch()); }

    // "-", "INC{a,b}", "EXC{a}/{y}".
    std::string state(Ipv4 group = k_g) const;
    // What is left of the timer; -1 s when it does not run.
    Duration group_timer(Ipv4 group = k_g) const;
    Duration source_timer(char name, Ipv4 group = k_g) const;
    GroupView group(Ipv4 group = k_g) const { return engine.view(k_lan, group, now).value(); }
    InterfaceView interface() const { return engine.view(k_lan).value(); }
    Counters const& counters() const { return *engine.counters(k_lan); }
    bool wanted(char name, Ipv4 group = k_g) const {
        return engine.wanted(k_lan, {source(name), group});
    }

    // What has been sent since the last call, as texts; with times in seconds: "GQ@31.25".
    std::vector<std::string> queries();
    std::vector<std::string> timed_queries();
    std::vector<std::string> specific_queries(); // without general ones
    std::size_t changes();                       // since the last call
    std::vector<DiscoverySent> discovery();      // since the last call
    template <class T>
    std::vector<T> events() const {
        std::vector<T> result;
        for (Event const& event : all_events) {
            if (auto const* it = std::get_if<T>(&event)) {
                result.push_back(*it);
            }
        }
        return result;
    }
    void forget();

    Engine engine;
    TimePoint now{};
    std::vector<Sent> sent;
    std::vector<DiscoverySent> advertised;
    std::vector<Change> changed;
    std::vector<Event> all_events;

private:
    void collect();
    Output out_;
};

} // namespace mcast::igmp::test
