// A link with one host under test, in a struct: routers and other hosts speak to it, time jumps
// from due moment to due moment, and what it reported is kept with the time it did.
#pragma once

#include "lan.h"

#include "mcast/igmp/host.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcast::igmp::test {

inline constexpr Ipv4 k_member = Ipv4::of(192, 0, 2, 50);
inline constexpr Ipv4 k_querier = Ipv4::of(192, 0, 2, 1);

Wish only(std::string_view names);         // INCLUDE
Wish all_but(std::string_view names = ""); // EXCLUDE

// "TO_EX(G,{a})"; several records in one report are joined by " + "; "REPORT1(G)", "REPORT2(G)",
// "LEAVE(G)".
std::string text_of(ReportToSend const& report);

struct Uplink {
    explicit Uplink(HostConfig const& config = {}, std::uint64_t seed = 1, Link on = {});

    void want(Ipv4 group, Wish const& wish) {
        host.want(group, wish, now);
        run();
    }
    // From the querier, or another, to the usual destination.
    void hear(wire::Igmp const& message, Ipv4 from = k_querier);
    void receive(Received received);
    // What is due now, then all that comes due until `by` from now.
    void advance(Duration by);
    void run();

    // What has been reported since the last call; with times in seconds since the start.
    std::vector<std::string> reports();
    std::vector<Duration> times() const; // of what reports() would give
    void forget() { sent.clear(); }

    struct Sent {
        Duration at{};
        ReportToSend what{};
    };
    Host host;
    TimePoint now{};
    std::vector<Sent> sent;
    std::vector<HostVersionChanged> versions;

private:
    void collect();
    HostOutput out_;
};

} // namespace mcast::igmp::test
