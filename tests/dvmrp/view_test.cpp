// What is shown of the trees: prunes in force and grafts that wait, in parts.
#include "rig.h"

#include <string>

#include <fmt/format.h>

namespace mcast::dvmrp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::string text_of(PruneView const& it, TimePoint now) {
    auto const whole = [](Duration time) {
        return std::chrono::duration_cast<std::chrono::seconds>(time).count();
    };
    return fmt::format("{} {} {} {} if{} {} {}/{}{}", to_string(it.place.tree.prefix),
                       to_string(it.place.tree.group), it.place.received ? "from" : "to",
                       to_string(it.place.neighbor), it.place.interface.value,
                       to_string(it.place.host), whole(it.expires - now), whole(it.lifetime),
                       it.resend_at ? " repeats" : "");
}

// Page by page.
std::vector<std::string> prunes(Rig const& rig, std::size_t each = 256) {
    std::vector<std::string> all;
    PrunePage page;
    do {
        page = rig.engine.prunes(page.next, each, rig.now);
        EXPECT_LE(page.rows.size(), each);
        for (PruneView const& it : page.rows) {
            all.push_back(text_of(it, rig.now));
        }
    } while (page.next);
    return all;
}

// DVMRP-99, DVMRP-104, DVMRP-106, DVMRP-110 as they are shown: what runs, from its start to its
// end.
TEST(DvmrpView, Prunes) {
    Rig rig;
    rig.with_route_and_dependent();
    rig.report(k_k, k_r, k_p, 36);
    rig.open();
    EXPECT_THAT(prunes(rig), IsEmpty());
    rig.hear(k_j, k_m, Prune{k_source, k_g, 100});
    rig.live_for(10s);
    rig.hear(k_k, k_r, Prune{k_source, k_g, 700, Ipv4{~0U}});
    std::vector<std::string> const both{
        "172.16.1.0/24 239.1.2.3 to 10.0.0.1 if0 0.0.0.0 90/90 repeats",
        "172.16.1.0/24 239.1.2.3 from 10.1.0.3 if1 0.0.0.0 90/100",
        "172.16.1.0/24 239.1.2.3 from 10.2.0.3 if2 172.16.1.9 700/700"};
    for (std::size_t const each : {1U, 2U, 3U, 256U}) {
        EXPECT_EQ(prunes(rig, each), both) << each << " in a part";
    }
    rig.live_for(30s);
    EXPECT_THAT(prunes(rig),
                ElementsAre("172.16.1.0/24 239.1.2.3 to 10.0.0.1 if0 0.0.0.0 60/90 repeats",
                            "172.16.1.0/24 239.1.2.3 from 10.1.0.3 if1 0.0.0.0 60/100",
                            "172.16.1.0/24 239.1.2.3 from 10.2.0.3 if2 172.16.1.9 670/700"));
    rig.probe(k_k, k_r, 2); // it has forgotten all (DVMRP-28), and m's is still there
    rig.settle();
    EXPECT_THAT(prunes(rig), ElementsAre("172.16.1.0/24 239.1.2.3 from 10.1.0.3 if1 0.0.0.0 "
                                         "60/100"));
    rig.live_for(60s);
    EXPECT_THAT(prunes(rig), IsEmpty());
}

// A tree may have more prunes than a part holds, and more trees than are looked at may have none.
TEST(DvmrpView, ManyPrunes) {
    constexpr std::uint32_t k_hosts = 200;
    constexpr std::uint32_t k_idle = 3000;
    InterfaceConfig each;
    each.message_rate = 0;
    Rig rig({}, each);
    rig.all_adjacent();
    rig.report(k_i, k_n, k_p, 2);
    rig.report(k_j, k_m, k_p, 36);
    for (std::uint32_t n = 1; n <= k_hosts; ++n) {
        Ipv4 const source{k_p.address.value + n};
        rig.open({source, k_g});
        rig.hear(k_j, k_m, Prune{source, k_g, 1000, Ipv4{~0U}});
    }
    for (std::uint32_t n = 0; n < k_idle; ++n) {
        rig.open({k_source, Ipv4{Ipv4::of(239, 2, 0, 0).value + n}});
    }
    rig.open({k_source, Ipv4::of(239, 9, 9, 9)});
    rig.hear(k_j, k_m, Prune{k_source, Ipv4::of(239, 9, 9, 9), 1000});
    auto const all = prunes(rig, 64);
    ASSERT_THAT(all, SizeIs(1 + k_hosts + 2)) << "and two of ours";
    EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size());
    EXPECT_EQ(prunes(rig, 7), all);
    // What goes meanwhile takes none of the others along.
    PrunePage const first = rig.engine.prunes(std::nullopt, 64, rig.now);
    rig.hear(k_j, k_m, Graft{k_source, k_g});
    EXPECT_LT(rig.engine.prune_count(), 10U);
    ASSERT_TRUE(first.next);
    std::size_t rest = 0;
    for (auto after = first.next; after;) {
        PrunePage const page = rig.engine.prunes(after, 64, rig.now);
        rest += page.rows.size();
        after = page.next;
    }
    EXPECT_EQ(rest, 2U) << "those of the other tree";
}

// DVMRP-116 as it is shown.
TEST(DvmrpView, Grafts) {
    Rig rig;
    rig.all_adjacent();
    rig.report(k_i, k_n, k_p, 2);
    rig.open();
    rig.open({k_source, Ipv4::of(239, 1, 2, 4)});
    EXPECT_THAT(rig.engine.grafts(std::nullopt, 256).rows, IsEmpty());
    TimePoint const begun = rig.now;
    rig.member(k_k, true);
    rig.live_for(7s);
    rig.member(k_k, true, Ipv4::of(239, 1, 2, 4));
    GraftPage const first = rig.engine.grafts(std::nullopt, 1);
    ASSERT_THAT(first.rows, SizeIs(1));
    GraftView const& it = first.rows.front();
    EXPECT_EQ(it.place, (GraftPlace{false, {k_g, k_p}}));
    EXPECT_EQ(it.interface, k_i);
    EXPECT_EQ(it.neighbor, k_n);
    EXPECT_EQ(it.source, k_source);
    EXPECT_EQ(it.sent, 2U);
    EXPECT_EQ(it.first_sent, begun);
    EXPECT_EQ(it.resend_at, begun + 15s);
    ASSERT_TRUE(first.next);
    GraftPage const second = rig.engine.grafts(first.next, 1);
    ASSERT_THAT(second.rows, SizeIs(1));
    EXPECT_EQ(second.rows.front().place.tree.group, Ipv4::of(239, 1, 2, 4));
    EXPECT_EQ(second.rows.front().sent, 1U);
    EXPECT_FALSE(second.next);
    rig.hear(k_i, k_n, GraftAck{k_source, k_g});
    EXPECT_THAT(rig.engine.grafts(std::nullopt, 256).rows, SizeIs(1));
    rig.probe(k_i, k_n, 2); // who has restarted owes us no answer
    EXPECT_THAT(rig.engine.grafts(std::nullopt, 256).rows, IsEmpty());
}

// Channels stand behind the trees, each with its source.
TEST(DvmrpView, Channels) {
    Rig rig;
    rig.all_adjacent();
    rig.report(k_i, k_n, k_p, 2);
    rig.open();
    FlowKey const one{k_source, Ipv4::of(232, 1, 1, 1)};
    FlowKey const other{k_source, Ipv4::of(232, 1, 1, 2)};
    for (FlowKey const flow : {one, other}) {
        rig.engine.set_channel_members(flow, IfSet{k_k}, rig.now, rig.out);
        rig.settle();
    }
    auto const grafts = [&] {
        std::vector<Ipv4> groups;
        GraftPage page;
        do {
            page = rig.engine.grafts(page.next, 1);
            for (GraftView const& it : page.rows) {
                EXPECT_TRUE(it.place.channel);
                EXPECT_EQ(it.place.tree.prefix, (Ipv4Prefix{k_source, 32}));
                EXPECT_EQ(it.neighbor, k_n);
                groups.push_back(it.place.tree.group);
            }
        } while (page.next);
        return groups;
    };
    EXPECT_THAT(grafts(), ElementsAre(one.group, other.group));
    rig.hear(k_i, k_n, GraftAck{one.source, one.group});
    EXPECT_THAT(grafts(), ElementsAre(other.group));
    for (FlowKey const flow : {one, other}) {
        rig.open(flow);
        rig.engine.set_channel_members(flow, IfSet{}, rig.now, rig.out);
        rig.settle();
        rig.data(flow);
    }
    auto const all = prunes(rig, 1);
    ASSERT_THAT(all, SizeIs(3)) << "of the tree, and of both channels";
    EXPECT_EQ(all[0].find("172.16.1.0/24 239.1.2.3 to 10.0.0.1"), 0U);
    EXPECT_EQ(all[1].find("172.16.1.9/32 232.1.1.1 to 10.0.0.1"), 0U);
    EXPECT_EQ(all[2].find("172.16.1.9/32 232.1.1.2 to 10.0.0.1"), 0U);
}

} // namespace
} // namespace mcast::dvmrp::test
