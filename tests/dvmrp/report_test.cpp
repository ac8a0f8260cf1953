// What we say of our routes, and when.
#include "rig.h"

#include <map>
#include <set>

namespace mcast::dvmrp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<wire::dvmrp::Route> many(std::size_t count, std::uint8_t metric) {
    std::vector<wire::dvmrp::Route> result;
    for (std::uint32_t i = 0; i < count; ++i) {
        result.push_back({{{Ipv4::of(172, 16, 0, 0).value + (i << 8)}, 24}, metric});
    }
    return result;
}

// In reports that a packet can carry.
void report_all(Rig& rig, IfIndex on, Ipv4 from, std::vector<wire::dvmrp::Route> const& routes) {
    for (std::size_t at = 0; at < routes.size(); at += 300) {
        auto const from_at = routes.begin() + static_cast<std::ptrdiff_t>(at);
        auto const count =
            static_cast<std::ptrdiff_t>(std::min<std::size_t>(300, routes.size() - at));
        rig.report(on, from, {from_at, from_at + count});
    }
}

std::size_t routes_in(Sent const& it) {
    auto const* report = std::get_if<Report>(&it.what.message.body);
    return report != nullptr ? report->routes.size() : 0;
}

// DVMRP-55: 300 routes in messages that every path takes. DVMRP-46: each list is closed (the
// encoder's work), and all are there, in order, once.
TEST(DvmrpReport, LongTablesAreCut) {
    Rig rig({.max_routes = 1000});
    rig.probe(k_i, k_n);
    report_all(rig, k_i, k_n, many(300, 1));
    rig.run_for(6s);
    rig.forget();
    rig.probe(k_j, k_m);
    rig.run_for(1s);
    std::vector<Ipv4Prefix> said;
    for (Sent const& it : rig.sent) {
        if (auto const* report = std::get_if<Report>(&it.what.message.body)) {
            EXPECT_EQ(it.what.destination, k_m);
            EXPECT_LE(bytes_of(it.what.message).size(), 8U + 508U);
            for (auto const& route : report->routes) {
                said.push_back(route.prefix);
            }
        }
    }
    EXPECT_EQ(said.size(), 302U);
    EXPECT_TRUE(std::ranges::is_sorted(said, {}, [](Ipv4Prefix p) { return p.address; }));
    EXPECT_EQ(rig.counters(k_j).sent_reports, 3U);
}

// Section 5.6: a few routes are said once a minute.
TEST(DvmrpReport, SmallTable) {
    Rig rig;
    rig.all_adjacent();
    rig.live_for(180s);
    auto const times = rig.times<Report>(k_i);
    ASSERT_EQ(times.size(), 3U);
    EXPECT_EQ(times[1] - times[0], 60s);
    EXPECT_EQ(times[2] - times[1], 60s);
    EXPECT_THAT(
        rig.texts<Report>(k_j),
        testing::Each("224.0.0.4 DVMRP report: 10.0.0.0/24 metric 1, 10.2.0.0/24 metric 1"));
}

// Nobody there: nothing is said.
TEST(DvmrpReport, NobodyThere) {
    Rig rig;
    rig.lonely_probe(k_i, k_n);
    rig.run_for(30s);
    rig.lonely_probe(k_i, k_n);
    rig.run_for(30s);
    EXPECT_THAT(rig.texts<Report>(), IsEmpty());
}

// DVMRP-73: all of them in a minute, and no second has more than a tenth.
TEST(DvmrpReport, Spread) {
    Rig rig({.max_routes = 6000}, {.message_rate = 0});
    rig.all_adjacent();
    report_all(rig, k_i, k_n, many(5000, 1));
    rig.live_for(30s); // the flash
    while (rig.now.time_since_epoch() % 60s != 59s) {
        rig.live_for(1s);
    }
    report_all(rig, k_i, k_n, many(5000, 1));
    rig.live_for(990ms);
    rig.forget();
    auto const begun = rig.now;
    rig.live_for(60s);
    std::map<std::int64_t, std::size_t> by_second;
    std::size_t all = 0;
    for (Sent const& it : rig.sent) {
        if (it.what.interface == k_j) {
            auto const second = (it.at - begun.time_since_epoch()) / 1s;
            by_second[second] += routes_in(it);
            all += routes_in(it);
        }
    }
    EXPECT_EQ(all, 5002U);
    for (auto const& [second, count] : by_second) {
        EXPECT_LE(count, 500U) << second;
    }
    std::size_t so_far = 0;
    for (std::int64_t second = 0; second < 59; ++second) {
        so_far += by_second[second];
        EXPECT_GE(so_far, 5002U * static_cast<std::size_t>(second) / 60) << second;
    }
}

// DVMRP-74: one flash in five seconds, of what changed; the first at once.
TEST(DvmrpReport, Flashes) {
    Rig rig;
    rig.all_adjacent();
    rig.run_for(5s);
    rig.forget();
    auto const begun = rig.now.time_since_epoch();
    for (std::uint8_t metric = 2; metric < 12; ++metric) {
        rig.report(k_i, k_n, {said("172.16.1.0/24", metric), said("172.16.2.0/24", metric)});
        rig.run_for(100ms);
    }
    rig.run_for(9s);
    EXPECT_THAT(rig.times<Report>(k_j), ElementsAre(begun, begun + 5s));
    EXPECT_THAT(
        rig.texts<Report>(k_j),
        ElementsAre("224.0.0.4 DVMRP report: 172.16.1.0/24 metric 3, 172.16.2.0/24 metric 3",
                    "224.0.0.4 DVMRP report: 172.16.1.0/24 metric 12, 172.16.2.0/24 metric "
                    "12"));
    EXPECT_EQ(rig.counters(k_j).flashes, 2U);
}

// DVMRP-75: everything is unreachable, what we depended on too.
TEST(DvmrpReport, Farewell) {
    Rig rig({.max_routes = 1000});
    rig.all_adjacent();
    report_all(rig, k_i, k_n, many(250, 1));
    rig.run_for(6s);
    rig.forget();
    int calls = 1;
    while (!rig.engine.farewell(2, rig.out)) {
        EXPECT_LE(rig.out.messages.size(), 4U * static_cast<std::size_t>(calls));
        ++calls;
    }
    EXPECT_GT(calls, 1);
    rig.settle();
    for (IfIndex const on : {k_i, k_j, k_k}) {
        std::set<Ipv4Prefix> gone;
        for (Sent const& it : rig.sent) {
            auto const* report = std::get_if<Report>(&it.what.message.body);
            if (report == nullptr || it.what.interface != on) {
                continue;
            }
            EXPECT_EQ(it.what.destination, k_all);
            for (auto const& route : report->routes) {
                EXPECT_EQ(route.metric, 32);
                EXPECT_TRUE(gone.insert(route.prefix).second);
            }
        }
        EXPECT_EQ(gone.size(), 252U);
    }
}

} // namespace
} // namespace mcast::dvmrp::test
