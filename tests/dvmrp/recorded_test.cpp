// Conversations of real routers against the engine: it takes the part of one of the two routers of
// a link, hears what the other said when it said it, and must come to the same. The recordings are
// no part of this tree: MCAST_CAPTURES names their folder, else the Meson option `captures`;
// without them the tests are skipped.
#include "pcap_file.h"
#include "rig.h"

#include "mcast/wire/datagram.h"

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

namespace mcast::dvmrp::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Ipv4 k_r1 = Ipv4::of(10, 10, 12, 1);
constexpr Ipv4 k_r2 = Ipv4::of(10, 10, 12, 2);
constexpr Ipv4 k_r2_below = Ipv4::of(10, 10, 23, 2);
constexpr Ipv4 k_r3 = Ipv4::of(10, 10, 23, 3);
constexpr FlowKey k_stream{Ipv4::of(10, 10, 1, 10), Ipv4::of(225, 1, 2, 3)};
constexpr char const* k_neighbor_up = "01-neighbor-up-r1r2";
constexpr char const* k_routes = "02-route-exchange-r1r2";
constexpr char const* k_routes_below = "02-route-exchange-r2r3";
constexpr char const* k_flood_prune = "03-flood-prune-r1r2";
constexpr char const* k_graft = "04-graft-on-join-r1r2";
constexpr char const* k_restart = "05-restart-newgenid-r1r2";
constexpr char const* k_shutdown = "06-graceful-shutdown-r1r2";
constexpr char const* k_malformed = "09-malformed-and-odd-input";

fs::path captures() {
    char const* const named = std::getenv("MCAST_CAPTURES");
    return named != nullptr ? named : MCAST_CAPTURES_DEFAULT;
}

Ipv4Prefix prefix(char const* text) {
    return *Ipv4Prefix::parse(text);
}

// Of one recording, the last metric that a router told of each route.
using Said = std::map<std::string, int>;

// We on the link of the recording (i), and on one that is ours alone (j).
struct Recorded : testing::Test {
    void SetUp() override {
        if (!fs::is_directory(captures())) {
            GTEST_SKIP() << "no recordings in " << captures()
                         << "; MCAST_CAPTURES names their folder";
        }
    }
    void be(Ipv4 us, Ipv4 on_j) {
        engine.add_interface(k_i, {}, {.address = {us, 24}}, now, out);
        engine.add_interface(k_j, {}, {.address = {on_j, 24}}, now, out);
        ours = us;
        collect();
    }
    // What others said there; `until` from its start. Time goes on from where it was.
    void hear(char const* name, Duration until = std::chrono::hours{1}) {
        auto const frames =
            wire::test::read_timed_capture(captures() / (std::string{name} + ".pcap"));
        ASSERT_TRUE(frames && !frames->empty()) << name;
        TimePoint const start = now;
        recorded.clear();
        for (wire::test::Captured const& it : *frames) {
            auto const at = it.at - frames->front().at;
            auto const datagram = wire::decode_datagram(it.frame);
            if (at > until || !datagram || datagram->ip.protocol != wire::k_protocol_igmp ||
                datagram->payload.empty() || datagram->payload.front() != 0x13) {
                continue;
            }
            if (datagram->ip.source == ours) {
                note(datagram->payload);
                continue;
            }
            run_until(start + at);
            engine.receive({.interface = k_i,
                            .source = datagram->ip.source,
                            .destination = datagram->ip.destination,
                            .ttl = datagram->ip.ttl,
                            .payload = datagram->payload},
                           now, out);
            collect();
            run_until(now);
        }
        run_until(now + 6s); // a flash may wait so long
    }
    void note(wire::Bytes payload) {
        auto const message = wire::dvmrp::decode_dvmrp(payload);
        auto const* const report = message ? std::get_if<Report>(&message->body) : nullptr;
        for (auto const& route : report != nullptr ? report->routes : decltype(report->routes){}) {
            recorded[to_string(route.prefix)] = route.metric;
        }
    }
    void run_until(TimePoint end) {
        for (auto due = engine.next_due(); due && *due <= end; due = engine.next_due()) {
            now = std::max(now, *due);
            engine.expire(now, 1000, out);
            collect();
        }
        now = std::max(now, end);
    }
    void collect() {
        for (ToSend& it : out.messages) {
            if (it.interface == k_i) {
                if (auto const* const report = std::get_if<Report>(&it.message.body)) {
                    for (auto const& route : report->routes) {
                        said[to_string(route.prefix)] = route.metric;
                    }
                }
                sent.push_back(std::move(it));
            }
        }
        out.clear();
    }
    template <class Kind>
    std::vector<std::string> texts() const {
        std::vector<std::string> result;
        for (ToSend const& it : sent) {
            if (std::holds_alternative<Kind>(it.message.body)) {
                result.push_back(to_string(it.destination) + " " + wire::describe(it.message));
            }
        }
        return result;
    }
    NeighborState state_of(Ipv4 neighbor) const {
        for (NeighborView const& it : engine.neighbors(k_i)) {
            if (it.address == neighbor) {
                return it.state;
            }
        }
        ADD_FAILURE() << to_string(neighbor) << " is no neighbour";
        return NeighborState::ignored;
    }
    // "10.10.12.2": who depends on us for it on i.
    std::vector<std::string> dependents(char const* route) const {
        std::vector<std::string> all;
        auto const view = engine.view(prefix(route));
        for (LegView const& leg : view ? view->legs : std::vector<LegView>{}) {
            for (DependentView const& it : leg.dependents) {
                all.push_back(to_string(it.neighbor));
            }
        }
        return all;
    }
    Counters const& counters() const { return *engine.counters(k_i); }
    std::uint64_t refused() const {
        std::uint64_t sum = 0;
        for (CounterName const& it : k_counters) {
            sum += it.kind == CounterClass::refusal ? counters().*it.member : 0;
        }
        return sum;
    }

    Engine engine{{}, {.random = 1, .generation = 1000}};
    TimePoint now{};
    Output out{};
    Ipv4 ours{};
    std::vector<ToSend> sent{};
    Said said{};     // by us
    Said recorded{}; // by the router whose part we have
};

// DVMRP-19, DVMRP-20, DVMRP-56, DVMRP-84: the one that was there first, and the one that came.
TEST_F(Recorded, TwoRoutersMeet) {
    be(k_r1, Ipv4::of(10, 10, 1, 1));
    hear(k_neighbor_up, 8s);
    EXPECT_EQ(state_of(k_r2), NeighborState::one_way) << "it has not heard us";
    EXPECT_THAT(texts<Report>(), IsEmpty());
    sent.clear();
}

TEST_F(Recorded, TheFirstOfTwoRouters) {
    be(k_r1, Ipv4::of(10, 10, 1, 1));
    hear(k_neighbor_up);
    EXPECT_EQ(state_of(k_r2), NeighborState::two_way);
    EXPECT_EQ(engine.route(prefix("10.10.23.0/24")),
              (Rpf{k_i, k_r2, prefix("10.10.23.0/24"), 2, false}));
    EXPECT_THAT(dependents("10.10.1.0/24"), ElementsAre("10.10.12.2"));
    EXPECT_EQ(said, recorded) << "as the real one told it";
    EXPECT_EQ(refused(), 0U);
}

TEST_F(Recorded, TheSecondOfTwoRouters) {
    be(k_r2, k_r2_below);
    hear(k_neighbor_up);
    EXPECT_EQ(state_of(k_r1), NeighborState::two_way);
    EXPECT_EQ(engine.route(prefix("10.10.1.0/24")),
              (Rpf{k_i, k_r1, prefix("10.10.1.0/24"), 2, false}));
    EXPECT_THAT(dependents("10.10.23.0/24"), ElementsAre("10.10.12.1"));
    EXPECT_EQ(said, recorded);
    EXPECT_EQ(refused(), 0U);
}

// OBS 02: a third router's network comes in, and goes on as poison.
TEST_F(Recorded, RoutesComeAndAreKept) {
    be(k_r1, Ipv4::of(10, 10, 1, 1));
    hear(k_routes);
    EXPECT_EQ(engine.route(prefix("10.10.3.0/24"))->metric, 3);
    EXPECT_EQ(said, recorded);
    EXPECT_EQ(said.at("10.10.3.0/24"), 35);
    EXPECT_EQ(refused(), 0U);
}

TEST_F(Recorded, TheLastOfTheRow) {
    be(k_r3, Ipv4::of(10, 10, 3, 1));
    hear(k_routes_below);
    EXPECT_EQ(engine.route(prefix("10.10.1.0/24")),
              (Rpf{k_i, k_r2_below, prefix("10.10.1.0/24"), 3, false}));
    EXPECT_THAT(dependents("10.10.3.0/24"), ElementsAre("10.10.23.2"));
    EXPECT_EQ(said, recorded);
    EXPECT_EQ(refused(), 0U);
}

// OBS 03 to 05: unicast with TTL 255 (fact 5), the network in place of the host (fact 7), 5793 s.
TEST_F(Recorded, PrunedAndGrafted) {
    be(k_r1, Ipv4::of(10, 10, 1, 1));
    hear(k_routes);
    ASSERT_TRUE(engine.open_flow(k_stream, now, out));
    auto const wanted = [&] { return engine.outputs(k_stream, now)->wanted; };
    EXPECT_EQ(wanted(), IfSet{k_i}) << "the first packet goes down";
    hear(k_flood_prune);
    EXPECT_EQ(wanted(), IfSet{}); // DVMRP-105
    auto const prunes = engine.prunes(std::nullopt, 10, now);
    ASSERT_EQ(prunes.rows.size(), 1U);
    EXPECT_EQ(prunes.rows[0].lifetime, 5793s);
    EXPECT_EQ(prunes.rows[0].place.neighbor, k_r2);
    sent.clear();
    hear(k_graft, 5s);
    EXPECT_EQ(wanted(), IfSet{k_i}); // DVMRP-121
    EXPECT_THAT(texts<GraftAck>(),
                ElementsAre("10.10.12.2 DVMRP graft acknowledgement: 10.10.1.0, 225.1.2.3"));
    hear(k_graft); // and once more, to its end: the member has left
    EXPECT_EQ(wanted(), IfSet{});
    sent.clear();
    // A router further down has restarted: graft, one packet, prune.
    hear(k_restart, 5190ms);
    EXPECT_EQ(texts<GraftAck>().size(), 1U);
    hear(k_restart);
    EXPECT_EQ(wanted(), IfSet{});
    EXPECT_EQ(refused(), 0U);
}

// OBS 06: section 3.4.9 of others. DVMRP-64, DVMRP-66.
TEST_F(Recorded, TheFarRouterSaysFarewell) {
    be(k_r1, Ipv4::of(10, 10, 1, 1));
    hear(k_routes);
    ASSERT_TRUE(engine.rpf(Ipv4::of(10, 10, 3, 5)));
    hear(k_shutdown);
    EXPECT_FALSE(engine.rpf(Ipv4::of(10, 10, 3, 5)));
    EXPECT_TRUE(engine.view(prefix("10.10.3.0/24"))->held_down_until);
    EXPECT_EQ(said.at("10.10.3.0/24"), 32);
    EXPECT_EQ(recorded.at("10.10.3.0/24"), 32);
    EXPECT_EQ(state_of(k_r2), NeighborState::two_way);
}

// OBS 09: made to be wrong. What real routers take, we do not: strangers of other links
// (DVMRP-13, DVMRP-14), grafts of nobody's neighbour (DVMRP-120), wrong checksums (DVMRP-3).
TEST_F(Recorded, OddInput) {
    be(Ipv4::of(10, 10, 1, 1), k_r1);
    hear(k_malformed);
    EXPECT_EQ(counters().bad_checksum, 1U);
    EXPECT_GE(counters().not_on_link, 2U);
    EXPECT_GE(counters().unknown_neighbor, 2U);
    EXPECT_THAT(texts<GraftAck>(), IsEmpty());
    for (NeighborView const& it : engine.neighbors(k_i)) {
        EXPECT_TRUE((Ipv4Prefix{ours, 24}.contains(it.address))) << to_string(it.address);
    }
    EXPECT_EQ(counters().received, counters().probes + counters().reports + counters().prunes +
                                       counters().grafts + counters().graft_acks +
                                       counters().neighbor_questions + refused());
}

} // namespace
} // namespace mcast::dvmrp::test
