// Who owns an interface, changed by command on a running router: what is answered, what the streams
// see of it, and what is shown meanwhile.
#include "world.h"

#include "mcast/mgm/group_manager.h"

#include <gtest/gtest.h>

namespace mcast::control {
namespace {

using namespace std::chrono_literals;

constexpr Ipv4 k_group = Ipv4::of(239, 1, 1, 1);
constexpr Ipv4 k_static_group = Ipv4::of(239, 7, 7, 7);

FlowKey flow() {
    return {host_of(k_lan0), k_group};
}

Config with_static_group() {
    Config config = three_lans();
    config.groups.push_back({k_static_group, std::nullopt, "lan1"});
    return config;
}

// A stream from lan0 to a member on lan1, and a grace period that ends when told to.
struct Running : World {
    explicit Running(Config const& config = with_static_group(), std::size_t workers = 1)
        : World(config, workers) {
        settle();
        join(k_lan1, k_group);
        miss(k_lan0, udp_frame(flow().source, flow().group));
        settle();
    }
    bool flows() const {
        return entry(flow()) != nullptr && entry(flow())->outputs.contains(k_lan1);
    }
    // Turns without any worker moving.
    void stall(Duration by) {
        now += by;
        for (int turn = 0; turn < 20; ++turn) {
            control.step(now);
        }
    }
    std::string sentence(std::vector<std::string> const& words) {
        return command("owner", words).value("sentence", "no refusal");
    }
    std::size_t memberships(std::string const& interface) const {
        return list({"memberships", interface}).size();
    }
};

TEST(Owner, ReleaseAndTakeBackWhileAStreamGoesOn) {
    Running world;
    ASSERT_TRUE(world.flows());
    EXPECT_EQ(world.owner("lan1")["state"], "PI");
    EXPECT_EQ(world.memberships("lan1"), 2U);

    auto const begun = world.command("owner", {"release", "lan1", "static"});
    EXPECT_EQ(begun["complete"], false) << begun.dump();
    EXPECT_EQ(begun["ownership"]["state"], "RX");
    EXPECT_EQ(begun["ownership"]["igmp"], "gate closed");
    world.stall(1ms);
    EXPECT_TRUE(world.flows()) << "what IGMP wants stays in force (MGM-49)";
    world.settle();
    auto const alone = world.owner("lan1");
    EXPECT_EQ(alone["state"], "I");
    EXPECT_EQ(alone["owner"], nullptr);
    EXPECT_EQ(alone["igmp"], "gate open");
    EXPECT_EQ(alone["last"]["change"], "released");
    EXPECT_TRUE(world.flows());
    EXPECT_EQ(world.memberships("lan1"), 1U) << "the static group has gone";

    EXPECT_EQ(world.command("owner", {"take", "lan1", "static"})["ownership"]["state"], "TX");
    world.stall(1ms);
    EXPECT_TRUE(world.flows());
    world.settle();
    auto const both = world.owner("lan1");
    EXPECT_EQ(both["state"], "PI");
    EXPECT_EQ(both["last"]["change"], "taken");
    EXPECT_EQ(both["hand_overs"], 3); // the first when the router started
    EXPECT_GT(both["epoch"], alone["epoch"]) << "IGMP has added its members again";
    EXPECT_EQ(world.memberships("lan1"), 2U);
    EXPECT_TRUE(world.flows());
    world.run_for(15s); // beyond the hold of what is stale
    EXPECT_TRUE(world.flows());
}

TEST(Owner, IgmpLeavesAndReturns) {
    Running world;
    world.injected();
    auto const gone = world.command("owner", {"release", "lan1", "igmp"});
    EXPECT_EQ(gone["complete"], true) << gone.dump();
    EXPECT_EQ(gone["ownership"]["igmp"], nullptr);
    world.settle();
    EXPECT_FALSE(world.flows());
    EXPECT_EQ(world.memberships("lan1"), 1U) << "the static group stays";
    world.join(k_lan1, k_group);
    EXPECT_EQ(world.control.counters().of(Fate::igmp_not_enabled), 1U);
    EXPECT_FALSE(world.flows());

    EXPECT_EQ(world.command("owner", {"take", "lan1", "igmp"})["ownership"]["igmp"], "gate open");
    EXPECT_EQ(world.queries(k_lan1).size(), 1U) << "it asks at once who is there";
    world.join(k_lan1, k_group);
    EXPECT_TRUE(world.flows());
    // What IGMP had on other interfaces is as before.
    EXPECT_EQ(world.owner("lan2")["igmp"], "gate open");
}

TEST(Owner, RefusalsAreSentences) {
    Running world;
    struct Row {
        std::vector<std::string> words;
        std::string says;
    };
    std::vector<Row> const table{
        {{}, "take INTERFACE PROTOCOL"},
        {{"take", "lan1"}, "take INTERFACE PROTOCOL"},
        {{"steal", "lan1", "static"}, "take INTERFACE PROTOCOL"},
        {{"take", "lan9", "static"}, "there is no interface 'lan9'"},
        {{"take", "lan1", "dvmrp"}, "the configuration has no [dvmrp]"},
        {{"take", "lan1", "ospf"},
         "there is no protocol 'ospf'; possible are: static, igmp, proxy, dvmrp"},
        {{"take", "lan1", "static"}, "static has lan1 already"},
        {{"take", "lan1", "igmp"}, "igmp has lan1 already"},
    };
    for (Row const& row : table) {
        EXPECT_NE(world.sentence(row.words).find(row.says), std::string::npos)
            << world.sentence(row.words);
    }
    EXPECT_EQ(world.owner("lan1")["hand_overs"], 1) << "refusals change nothing";
    world.command("owner", {"release", "lan1", "static"});
    EXPECT_NE(world.sentence({"take", "lan1", "static"}).find("lan1 is changing hands"),
              std::string::npos);
    EXPECT_NE(world.sentence({"release", "lan1", "static"}).find("static does not have lan1"),
              std::string::npos);
}

// A protocol that a host has seated beside ours keeps what it owns.
TEST(Owner, SomebodyElseOwnsIt) {
    Running world;
    world.command("owner", {"release", "lan1", "static"});
    world.settle();
    mgm::ProtocolListener listener;
    auto seat = world.control.manager().register_component({mgm::ProtocolId{77}, 0}, listener);
    ASSERT_TRUE(seat);
    auto const lease = seat->take({k_lan1, {}});
    ASSERT_TRUE(lease);
    world.settle();
    EXPECT_EQ(world.sentence({"take", "lan1", "static"}),
              "0x0000004d owns lan1, and has to release it first");
    EXPECT_EQ(world.owner("lan1")["owner"], "0x0000004d");
    EXPECT_TRUE(world.flows());
}

TEST(Owner, AfterTheEndNothingChangesAnyMore) {
    Running world;
    world.control.stop(world.now);
    EXPECT_EQ(world.command("owner", {"take", "lan1", "static"})["code"], "unavailable");
}

// An interface that nobody has is shown, too.
TEST(Owner, NobodyIsAState) {
    Running world;
    world.command("owner", {"release", "lan2", "igmp"});
    world.command("owner", {"release", "lan2", "static"});
    world.settle();
    auto const row = world.owner("lan2");
    EXPECT_EQ(row["state"], "U");
    EXPECT_EQ(row["meaning"], "nobody");
    EXPECT_EQ(row["owner"], nullptr);
}

TEST(Owner, TheWorkerThatHoldsAChangeUpIsNamed) {
    Running world(with_static_group(), 2);
    world.command("owner", {"release", "lan1", "static"});
    world.stall(1ms);
    EXPECT_EQ(world.owner("lan1")["waits_for"], api::Json::array({0, 1}));
    world.shared.workers[1]->counters->turns.add(1);
    world.stall(50ms);
    auto const row = world.owner("lan1");
    EXPECT_EQ(row["transition_seconds"], 0.051);
    EXPECT_EQ(row["waits_for"], api::Json::array({0}));
    world.settle();
    auto const done = world.owner("lan1");
    EXPECT_EQ(done["transition_seconds"], nullptr);
    EXPECT_TRUE(done["waits_for"].empty());
    EXPECT_EQ(done["last"]["ready_seconds"], 0.051);
    world.run_for(2s);
    EXPECT_NEAR(world.owner("lan1")["last"]["ago_seconds"].get<double>(), 2, 1e-9);
}

} // namespace
} // namespace mcast::control
