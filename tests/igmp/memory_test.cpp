// An allocation that fails costs a message or a moment, at each place where one can: it counts as a
// limit that was reached, nothing is forgotten that hosts keep asking for, and the books are right.
#include "failing_allocator.h"
#include "lan.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace mcast::igmp::test {
namespace {

using mgm::test::until_failure;

constexpr int k_most_allocations = 400; // of one step; a bound for the loops
constexpr IfIndex k_other{2};

struct Step {
    std::string name;
    std::vector<std::uint8_t> message; // empty: only time passes
    Ipv4 from = k_host1;
    Duration then{}; // time until the next step
};

wire::ReportV3 many_records() {
    wire::ReportV3 report;
    for (std::uint8_t n = 0; n < 6; ++n) {
        report.records.push_back(record(RecordType::allow, Ipv4::of(239, 7, 7, n), "abc"));
    }
    return report;
}

std::vector<Step> story() {
    auto const v3 = [](RecordType type, Ipv4 group, std::string_view names) {
        return bytes_of(wire::ReportV3{.records = {record(type, group, names)}});
    };
    return {
        {"a new group with sources", v3(RecordType::allow, k_g, "abc")},
        {"more sources", v3(RecordType::allow, k_g, "yz"), k_host2},
        {"another group", v3(RecordType::to_ex, k_g2, "a")},
        {"version 2", bytes_of(wire::ReportV2{Ipv4::of(239, 5, 5, 5)}), k_host2},
        {"many groups", bytes_of(many_records())},
        {"sources are blocked", v3(RecordType::block, k_g, "ab"), k_host1, 500ms},
        {"a group is left", v3(RecordType::to_in, k_g2, ""), k_host1, 700ms},
        {"somebody stays", v3(RecordType::is_ex, k_g2, "a"), k_host2},
        {"a leave", bytes_of(wire::Leave{Ipv4::of(239, 5, 5, 5)}), k_host2},
        {"the second queries", {}, k_host1, 400ms},
        {"a better querier", bytes_of(general()), k_better},
        {"it asks about a source", bytes_of(specific(k_g, "c")), k_better},
        {"the source is wanted", v3(RecordType::is_in, k_g, "c")},
        {"checks end", {}, k_host1, 5s},
    };
}

Received heard(Step const& step) {
    return {.interface = k_lan,
            .source = step.from,
            .destination = {},
            .ttl = 1,
            .router_alert = true,
            .source_mac = k_other_mac,
            .payload = step.message};
}

struct Router {
    explicit Router(bool tracking) : Router(config(tracking)) {}
    explicit Router(InterfaceConfig const& config) : lan(config) {
        lan.settle();
        Output out;
        Link const link{.address = {Ipv4::of(198, 51, 100, 1), 24}};
        lan.engine.add_interface(k_other, {}, link, lan.now, out);
    }
    static InterfaceConfig config(bool tracking) {
        InterfaceConfig config;
        config.host_tracking = tracking;
        config.immediate_leave = tracking;
        return config;
    }

    // What the caller does, with one allocation that fails; false when there were not so many.
    bool step(Step const& step, int failing, Output& out) {
        Received message = heard(step);
        message.destination = destination(step);
        until_failure = failing;
        if (!step.message.empty()) {
            lan.engine.receive(message, lan.now, out);
        }
        lan.engine.expire(lan.now, Engine::k_all, out);
        bool const failed = failing >= 0 && until_failure < 0;
        until_failure = -1;
        return failed;
    }
    static Ipv4 destination(Step const& step) {
        if (step.message.empty()) {
            return {};
        }
        switch (step.message.front()) {
        case 0x22:
            return Ipv4::of(224, 0, 0, 22);
        case 0x17:
            return Ipv4::of(224, 0, 0, 2);
        default: { // where its group is, or all
            auto const* at = step.message.data() + 4;
            Ipv4 const group = Ipv4::of(at[0], at[1], at[2], at[3]);
            return group.is_unspecified() ? Ipv4::of(224, 0, 0, 1) : group;
        }
        }
    }
    std::map<Ipv4, Wish> wishes() const {
        std::map<Ipv4, Wish> all;
        for (Ipv4 const group : lan.engine.groups(k_lan)) {
            all[group] = lan.engine.wish(k_lan, group);
        }
        return all;
    }
    std::size_t entries() const {
        std::size_t sum = 0;
        for (Ipv4 const group : lan.engine.groups(k_lan)) {
            sum += 1 + lan.group(group).sources.size();
        }
        return sum;
    }

    Lan lan;
};

void expect_noted(std::map<Ipv4, Wish> before, std::map<Ipv4, Wish> after, Output const& out,
                  std::string const& where) {
    std::map<Ipv4, bool> noted;
    for (Change const& change : out.changes) {
        noted[change.group] = true;
    }
    for (auto const& [group, wish] : before) {
        after.try_emplace(group);
    }
    for (auto const& [group, wish] : after) {
        bool const same = before.contains(group) ? before[group] == wish : wish.empty();
        EXPECT_TRUE(same || noted[group] || out.unnoted.contains(k_lan))
            << where << ": nobody hears of " << to_string(group);
    }
}

// The story with one failure at one place of one step; the host says it once more.
void tell(std::size_t which, int failing, bool tracking, bool& failed) {
    Router router(tracking);
    Output out;
    auto const steps = story();
    for (std::size_t n = 0; n < steps.size(); ++n) {
        std::string const where = steps[n].name + ", allocation " + std::to_string(failing);
        auto const before = router.wishes();
        out.clear();
        Output fresh; // without memory of its own
        if (n == which) {
            std::uint64_t const refused = router.lan.counters().limit_memory;
            failed = router.step(steps[n], failing, fresh);
            expect_noted(before, router.wishes(), fresh, where);
            ASSERT_EQ(router.lan.engine.entries(), router.entries()) << where;
            if (!failed) {
                return;
            }
            bool const counted = router.lan.counters().limit_memory > refused;
            EXPECT_TRUE(counted || fresh.unnoted.contains(k_lan) || fresh.events.empty()) << where;
        }
        router.step(steps[n], -1, out);
        router.lan.advance(steps[n].then);
    }
    std::string const where = steps[which].name + ", allocation " + std::to_string(failing);
    // Nobody who did not leave has lost anything, and no doubt has kept what was left for long.
    EXPECT_TRUE(router.lan.wanted('c')) << where;
    EXPECT_TRUE(router.lan.engine.wish(k_lan, k_g2).any_source) << where;
    for (std::uint8_t n = 0; n < 6; ++n) {
        EXPECT_TRUE(router.lan.engine.wanted(k_lan, {source('a'), Ipv4::of(239, 7, 7, n)}))
            << where;
    }
    router.lan.advance(1000s);
    EXPECT_EQ(router.lan.engine.entries(), 0U) << where;
    EXPECT_EQ(router.lan.engine.bytes(), 0U) << where;
    EXPECT_EQ(router.lan.interface().hosts, 0U) << where;
    EXPECT_TRUE(router.lan.interface().querier) << where; // and it goes on asking
    EXPECT_TRUE(router.lan.interface().next_general_query > router.lan.now) << where;
}

void tell_all(bool tracking) {
    std::size_t failures = 0;
    for (std::size_t which = 0; which < story().size(); ++which) {
        int failing = 0;
        for (bool failed = true; failed && failing < k_most_allocations; ++failing) {
            failed = false;
            tell(which, failing, tracking, failed);
            failures += failed ? 1 : 0;
        }
        ASSERT_LT(failing, k_most_allocations);
    }
    EXPECT_GT(failures, 100U);
}

TEST(Memory, FailsAtEachPlaceAndNothingIsLost) {
    tell_all(false);
}

TEST(Memory, FailsAtEachPlaceWithTracking) {
    tell_all(true);
}

// One query is all that is sent before a group ends here. Where it could not be sent, or the leave
// was only half heard, hosts are asked later: nothing ends unasked.
TEST(Memory, NothingEndsUnasked) {
    Step const leave{"a group is left",
                     bytes_of(wire::ReportV3{.records = {record(RecordType::to_in, k_g2)}})};
    bool failed = true;
    int failing = 0;
    for (; failed && failing < k_most_allocations; ++failing) {
        InterfaceConfig config;
        config.last_member_query_count = 1;
        Router router(config);
        router.lan.report(RecordType::to_ex, k_g2, "", k_host2);
        router.lan.forget();
        Output out;
        failed = router.step(leave, failing, out);
        std::size_t asked = out.queries.size();
        router.lan.advance(10s);
        asked += router.lan.specific_queries().size();
        EXPECT_TRUE(asked > 0 || router.lan.state(k_g2) != "-") << "allocation " << failing;
    }
    EXPECT_GT(failing, 3);
    EXPECT_LT(failing, k_most_allocations);
}

// A general query that cannot be made is left out; the next one comes when it is due.
TEST(Memory, QuerierGoesOnAsking) {
    Lan lan;
    lan.settle();
    lan.advance(124s);
    lan.forget();
    TimePoint const due = *lan.engine.next_due();
    lan.now = due;
    Output out;
    until_failure = 0;
    lan.engine.expire(due, Engine::k_all, out);
    until_failure = -1;
    EXPECT_TRUE(out.queries.empty());
    EXPECT_EQ(lan.counters().limit_memory, 1U);
    EXPECT_EQ(*lan.engine.next_due(), due + 125s);
    lan.engine.expire(due + 125s, Engine::k_all, out);
    EXPECT_EQ(out.queries.size(), 1U);
}

} // namespace
} // namespace mcast::igmp::test
