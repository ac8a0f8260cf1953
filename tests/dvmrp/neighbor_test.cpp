// Who is there: probes, the handshake, restarts, losses.
#include "rig.h"

namespace mcast::dvmrp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Probe last_probe(Rig const& rig, IfIndex on) {
    Probe result;
    for (Sent const& it : rig.sent) {
        auto const* probe = std::get_if<Probe>(&it.what.message.body);
        if (probe != nullptr && it.what.interface == on) {
            result = *probe;
        }
    }
    return result;
}

template <class E>
std::size_t count(std::vector<Event> const& events) {
    return static_cast<std::size_t>(std::ranges::count_if(
        events, [](Event const& it) { return std::holds_alternative<E>(it); }));
}

// DVMRP-16: at once, then every ten seconds, to 224.0.0.4 with TTL 1. DVMRP-1: P, G and M.
TEST(DvmrpNeighbor, ProbesFromTheStart) {
    Rig rig;
    rig.run_for(20s);
    EXPECT_THAT(rig.times<Probe>(k_i), ElementsAre(0s, 10s, 20s));
    for (Sent const& it : rig.sent) {
        EXPECT_EQ(it.what.destination, k_all);
        EXPECT_EQ(it.what.ttl, 1);
        EXPECT_EQ(it.what.message.capabilities, 0x0e);
        EXPECT_EQ(it.what.message.version, Version{});
    }
    EXPECT_EQ(rig.sent.front().what.source, k_us_i);
}

// DVMRP-20: whoever lists us in its first probe is new and two-way in one step, which is one event.
TEST(DvmrpNeighbor, IsToldOfOnce) {
    Rig rig;
    rig.forget();
    rig.probe(k_i, k_n);
    EXPECT_EQ(count<NeighborChanged>(rig.events), 1U);
    rig.lonely_probe(k_j, k_m);
    EXPECT_EQ(count<NeighborChanged>(rig.events), 2U);
    rig.probe(k_j, k_m);
    EXPECT_EQ(count<NeighborChanged>(rig.events), 3U);
    rig.run_for(3s);
    EXPECT_THAT(rig.times<Probe>(k_i), SizeIs(1)) << "nor is more than one probe triggered";
}

// DVMRP-18: 12 bytes alone, 20 with two that were heard, in whatever state.
TEST(DvmrpNeighbor, ProbesListWhoWasHeard) {
    Rig rig;
    EXPECT_THAT(bytes_of(rig.sent.front().what.message), SizeIs(12));
    rig.lonely_probe(k_i, k_n);
    rig.probe(k_i, k_n3);
    rig.run_for(1s);
    EXPECT_THAT(last_probe(rig, k_i).neighbors, ElementsAre(k_n, k_n3));
    EXPECT_THAT(bytes_of(rig.sent.back().what.message), SizeIs(20));
    EXPECT_THAT(last_probe(rig, k_j).neighbors, IsEmpty());
}

// DVMRP-19: one-way, listed at once (DEC-12), told nothing.
TEST(DvmrpNeighbor, FirstProbe) {
    Rig rig;
    rig.forget();
    rig.lonely_probe(k_i, k_n);
    EXPECT_EQ(rig.state(k_i, k_n), NeighborState::one_way);
    EXPECT_THAT(last_probe(rig, k_i).neighbors, ElementsAre(k_n));
    rig.run_for(9s);
    EXPECT_THAT(rig.texts<Report>(), IsEmpty());
}

TEST(DvmrpNeighbor, TriggeredProbesAreASecondApart) {
    Rig rig;
    rig.forget();
    for (std::uint8_t last = 20; last < 30; ++last) {
        rig.lonely_probe(k_i, Ipv4::of(10, 0, 0, last));
        rig.run_for(100ms);
    }
    rig.run_for(5s);
    EXPECT_THAT(rig.times<Probe>(k_i), ElementsAre(0s, 1s));
}

// DVMRP-20: the whole table, to it alone; but nothing of the link's own subnet.
TEST(DvmrpNeighbor, BothWays) {
    Rig rig;
    rig.lonely_probe(k_i, k_n);
    rig.forget();
    rig.probe(k_i, k_n);
    EXPECT_EQ(rig.state(k_i, k_n), NeighborState::two_way);
    EXPECT_THAT(rig.texts<Report>(),
                ElementsAre("10.0.0.1 DVMRP report: 10.1.0.0/24 metric 1, 10.2.0.0/24 metric 1"));
}

TEST(DvmrpNeighbor, TableOnAPointToPointLink) {
    Rig rig({}, {.point_to_point = true});
    rig.probe(k_i, k_n);
    EXPECT_THAT(rig.texts<Report>(),
                ElementsAre("224.0.0.4 DVMRP report: 10.1.0.0/24 metric 1, 10.2.0.0/24 metric 1"));
}

// DVMRP-24: gone after 35 s, not after 34.
TEST(DvmrpNeighbor, Silence) {
    Rig rig;
    rig.probe(k_i, k_n);
    rig.report(k_i, k_n, k_p, 2);
    rig.run_for(34s);
    EXPECT_EQ(rig.state(k_i, k_n), NeighborState::two_way);
    EXPECT_TRUE(rig.engine.rpf(k_source));
    rig.run_for(1s);
    EXPECT_EQ(rig.state(k_i, k_n), std::nullopt);
    EXPECT_FALSE(rig.engine.rpf(k_source));
    EXPECT_EQ(rig.counters(k_i).neighbors_lost, 1U);
    EXPECT_THAT(last_probe(rig, k_i).neighbors, ElementsAre(k_n));
    rig.run_for(10s);
    EXPECT_THAT(last_probe(rig, k_i).neighbors, IsEmpty());
}

// DVMRP-25: one-way again, and all that it said is void.
TEST(DvmrpNeighbor, NoLongerListed) {
    Rig rig;
    rig.with_route_and_dependent();
    rig.open();
    rig.hear(k_j, k_m, Prune{k_source, k_g, 500});
    EXPECT_EQ(rig.engine.prune_count(), 1U);
    rig.lonely_probe(k_j, k_m);
    EXPECT_EQ(rig.state(k_j, k_m), NeighborState::one_way);
    EXPECT_EQ(rig.engine.prune_count(), 0U);
    EXPECT_THAT(rig.engine.view(k_p)->legs, IsEmpty());
    rig.lonely_probe(k_i, k_n);
    EXPECT_FALSE(rig.engine.rpf(k_source));
    EXPECT_TRUE(rig.engine.view(k_p)->held_down_until);
    rig.run_for(10s);
    EXPECT_THAT(last_probe(rig, k_i).neighbors, testing::Contains(k_n));
}

// DVMRP-26: it has heard nobody yet, and stays; the table goes out again. DVMRP-27: any change of
// the generation is a restart, a smaller one too.
TEST(DvmrpNeighbor, Restart) {
    for (std::uint32_t const generation : {6U, 4U, 0U, 0xffffffffU}) {
        Rig rig;
        rig.probe(k_i, k_n, 5);
        rig.report(k_i, k_n, k_p, 2);
        rig.run_for(6s);
        rig.forget();
        rig.lonely_probe(k_i, k_n, generation);
        EXPECT_EQ(rig.state(k_i, k_n), NeighborState::two_way);
        EXPECT_THAT(rig.texts<Report>(), SizeIs(1));
        EXPECT_EQ(count<NeighborRestarted>(rig.events), 1U);
        EXPECT_TRUE(rig.engine.rpf(k_source)) << "routes stay";
        rig.run_for(34s);
        EXPECT_EQ(rig.state(k_i, k_n), NeighborState::two_way);
    }
}

// DVMRP-26: for one timeout; then it must have heard us.
TEST(DvmrpNeighbor, RestartWithoutAnEnd) {
    Rig rig;
    rig.probe(k_i, k_n, 5);
    rig.lonely_probe(k_i, k_n, 6);
    for (int i = 0; i < 3; ++i) {
        rig.run_for(10s);
        rig.lonely_probe(k_i, k_n, 6);
        EXPECT_EQ(rig.state(k_i, k_n), NeighborState::two_way);
    }
    rig.run_for(5s);
    rig.lonely_probe(k_i, k_n, 6);
    EXPECT_EQ(rig.state(k_i, k_n), NeighborState::one_way);
}

// S20: a flood of generations is one restart in ten seconds.
TEST(DvmrpNeighbor, RestartsAreDamped) {
    Rig rig;
    rig.probe(k_i, k_n, 1);
    for (std::uint32_t generation = 2; generation < 100; ++generation) {
        rig.probe(k_i, k_n, generation);
        rig.run_for(100ms);
    }
    EXPECT_EQ(rig.counters(k_i).neighbor_restarts, 1U);
    EXPECT_EQ(rig.counters(k_i).restarts_damped, 97U);
    rig.run_for(1s);
    rig.probe(k_i, k_n, 99);
    EXPECT_EQ(rig.counters(k_i).neighbor_restarts, 2U);
}

// DVMRP-28: its prune is void, its interface back, and we graft.
TEST(DvmrpNeighbor, RestartVoidsPrunes) {
    Rig rig;
    rig.with_route_and_dependent();
    rig.open();
    rig.hear(k_j, k_m, Prune{k_source, k_g, 500});
    EXPECT_THAT(rig.texts<Prune>(), SizeIs(1));
    EXPECT_EQ(rig.wanted(), IfSet{});
    rig.forget();
    rig.lonely_probe(k_j, k_m, 77);
    EXPECT_EQ(rig.wanted(), IfSet{k_j});
    EXPECT_THAT(rig.flows, ElementsAre(k_flow));
    EXPECT_THAT(rig.texts<Graft>(), ElementsAre("10.0.0.1 DVMRP graft: 172.16.1.9, 239.1.2.3"));
}

// DVMRP-30: every run, every interface and every start of a link has its own.
TEST(DvmrpNeighbor, OurGeneration) {
    Rig rig;
    auto const first = last_probe(rig, k_i).generation;
    EXPECT_EQ(first, 1000U);
    EXPECT_NE(last_probe(rig, k_j).generation, first);
    rig.engine.set_link(k_i, false, rig.now, rig.out);
    rig.engine.set_link(k_i, true, rig.now, rig.out);
    rig.settle();
    EXPECT_GT(*last_probe(rig, k_i).generation, *first);
}

// DVMRP-31: at once, and so do the routes behind it and its own subnet.
TEST(DvmrpNeighbor, LinkDown) {
    Rig rig;
    rig.with_route_and_dependent();
    rig.engine.set_link(k_i, false, rig.now, rig.out);
    rig.settle();
    EXPECT_THAT(rig.engine.neighbors(k_i), IsEmpty());
    EXPECT_FALSE(rig.engine.rpf(k_source));
    EXPECT_FALSE(rig.engine.rpf(k_n));
    EXPECT_EQ(rig.last_said(k_j, {Ipv4::of(10, 0, 0, 0), 24}), 32);
    EXPECT_EQ(rig.last_said(k_j, k_p), 32);
    rig.engine.set_link(k_i, true, rig.now, rig.out);
    rig.settle();
    EXPECT_TRUE(rig.engine.rpf(k_n));
}

// DVMRP-34, DVMRP-36: bits of no meaning do nothing, and a change is told once.
TEST(DvmrpNeighbor, Capabilities) {
    Rig rig;
    rig.hear(k_i, k_n, Probe{.generation = 1, .neighbors = {k_us_i}}, {.capabilities = 0xce});
    EXPECT_EQ(rig.state(k_i, k_n), NeighborState::two_way);
    rig.forget();
    for (int i = 0; i < 3; ++i) {
        rig.hear(k_i, k_n, Probe{.generation = 1, .neighbors = {k_us_i}}, {.capabilities = 0x2e});
    }
    EXPECT_EQ(count<CapabilitiesChanged>(rig.events), 1U);
    EXPECT_EQ(rig.engine.neighbors(k_i).front().capabilities, 0x2e);
}

// DEC-10: ignored, told once, unless allowed.
TEST(DvmrpNeighbor, NonPruner) {
    Rig rig;
    for (int i = 0; i < 3; ++i) {
        rig.hear(k_i, k_n, Probe{.generation = 1, .neighbors = {k_us_i}}, {.capabilities = 0});
    }
    EXPECT_EQ(rig.state(k_i, k_n), NeighborState::ignored);
    EXPECT_EQ(count<NonPruner>(rig.events), 1U);
    rig.report(k_i, k_n, k_p, 1);
    EXPECT_EQ(rig.counters(k_i).ignored_neighbor, 1U);
    Rig lenient({}, {.allow_non_pruners = true});
    lenient.hear(k_i, k_n, Probe{.generation = 1, .neighbors = {k_us_i}}, {.capabilities = 0});
    EXPECT_EQ(lenient.state(k_i, k_n), NeighborState::two_way);
}

// Section 4.1: what each version needs to be a neighbour, and how long it may be silent.
TEST(DvmrpNeighbor, OlderVersions) {
    struct Case {
        Version version;
        bool by_report;
        std::optional<NeighborState> expected;
        Duration timeout;
    };
    Case const cases[] = {
        {{3, 255}, true, std::nullopt, 0s},
        {{3, 4}, true, NeighborState::two_way, 35s},
        {{3, 0}, true, NeighborState::two_way, 140s},
        {{3, 3}, false, NeighborState::two_way, 35s},
        {{12, 4}, true, NeighborState::two_way, 140s},
        {{10, 4}, false, NeighborState::ignored, 140s},
    };
    for (auto const& [version, by_report, expected, timeout] : cases) {
        SCOPED_TRACE(testing::Message() << int{version.major} << '.' << int{version.minor});
        Rig rig;
        Body const probe = has_generation(version) ? Probe{.generation = 1} : Probe{};
        Body const first = by_report ? Body{Report{{said(k_p, 2)}}} : probe;
        rig.hear(k_i, k_n, first, {.capabilities = 0, .version = version});
        EXPECT_EQ(rig.state(k_i, k_n), expected);
        EXPECT_EQ(rig.engine.view(k_p).has_value(),
                  by_report && expected == NeighborState::two_way);
        if (expected) {
            rig.run_for(timeout - 1s);
            EXPECT_EQ(rig.state(k_i, k_n), expected);
            rig.run_for(1s);
            EXPECT_EQ(rig.state(k_i, k_n), std::nullopt);
        }
    }
}

// DVMRP-54: an empty report is a sign of life.
TEST(DvmrpNeighbor, EmptyReport) {
    Rig rig;
    rig.probe(k_i, k_n);
    auto const before = rig.engine.route_count();
    rig.run_for(30s);
    rig.report(k_i, k_n, {});
    rig.run_for(34s);
    EXPECT_EQ(rig.state(k_i, k_n), NeighborState::two_way);
    EXPECT_EQ(rig.engine.route_count(), before);
}

// DVMRP-129: one record a port; 0.0.0.0 where nobody is.
TEST(DvmrpNeighbor, QuestionsAreAnswered) {
    Rig rig({.answer_neighbors = true});
    rig.probe(k_i, k_n);
    rig.lonely_probe(k_j, k_m);
    rig.run_for(1s);
    rig.forget();
    rig.hear(k_j, Ipv4::of(10, 1, 0, 77), AskNeighbors2{}, {.destination = k_us_j});
    EXPECT_THAT(rig.texts<Neighbors2>(),
                ElementsAre("10.1.0.77 DVMRP neighbors answer: 10.0.0.2 metric 1 threshold 1 flags "
                            "0x00 {10.0.0.1}; 10.1.0.2 metric 1 threshold 1 flags 0x80 {0.0.0.0}; "
                            "10.2.0.2 metric 1 threshold 1 flags 0x80 {0.0.0.0}"));
    EXPECT_EQ(rig.sent.front().what.ttl, 64);
    EXPECT_EQ(rig.sent.front().what.message.version, (Version{3, 255}));
    EXPECT_EQ(rig.state(k_j, Ipv4::of(10, 1, 0, 77)), std::nullopt);
    // Not without end.
    for (int i = 0; i < 100; ++i) {
        rig.hear(k_j, Ipv4::of(10, 1, 0, 77), AskNeighbors2{}, {.destination = k_us_j});
    }
    EXPECT_EQ(rig.counters(k_j).sent_neighbor_answers, 10U);
    EXPECT_EQ(rig.counters(k_j).not_answered, 91U);
    // Not where it is off.
    Rig off;
    off.forget();
    off.hear(k_j, k_m, AskNeighbors2{}, {.destination = k_us_j});
    EXPECT_THAT(off.sent, IsEmpty());
    EXPECT_EQ(off.counters(k_j).not_answered, 1U);
}

// Nor to those who are not to know, nor to who asks all routers at once; the querier is marked.
TEST(DvmrpNeighbor, WhoMayAsk) {
    Rig rig({.answer_neighbors = true, .answer_neighbors_to = {{k_m, 32}}});
    rig.engine.set_querier(k_j, true);
    rig.forget();
    rig.hear(k_j, k_m1, AskNeighbors2{}, {.destination = k_us_j});
    rig.hear(k_j, k_m, AskNeighbors2{}, {.destination = k_all});
    EXPECT_THAT(rig.sent, IsEmpty());
    EXPECT_EQ(rig.counters(k_j).not_answered, 2U);
    rig.hear(k_j, k_m, AskNeighbors2{}, {.destination = k_us_j});
    ASSERT_THAT(rig.sent, SizeIs(1));
    auto const& records = std::get<Neighbors2>(rig.sent.front().what.message.body).records;
    ASSERT_THAT(records, SizeIs(3));
    EXPECT_EQ(records[0].flags, 0x80);
    EXPECT_EQ(records[1].flags, 0xc0);
}

} // namespace
} // namespace mcast::dvmrp::test
