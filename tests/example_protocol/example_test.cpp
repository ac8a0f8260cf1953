// The example protocol in a full life, beside an IGMP and another protocol:
//
//   source -- [if1]        [if2] -- a router that floods on
//                   router
//             (other) [if4]      [if3] -- hosts (IGMP)
#include "flood_and_prune.h"

#include "mcast/handoff/publisher.h"
#include "mcast/handoff/table.h"
#include "mcast/mgm/route_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace example {
namespace {

using mcast::FlowKey;
using mcast::IfIndex;
using mcast::Ipv4;
using mcast::mgm::Epoch;
using mcast::mgm::InterfaceLease;
using mcast::mgm::InterfaceRef;
using mcast::mgm::MembershipFlags;
using mcast::mgm::MembershipKey;
using mcast::mgm::Registration;
using testing::ElementsAre;

constexpr IfIndex k_up{1};
constexpr IfIndex k_down{2};
constexpr IfIndex k_hosts{3};
constexpr IfIndex k_other{4};
constexpr FlowKey k_flow{Ipv4::of(10, 1, 0, 9), Ipv4::of(239, 1, 1, 1)};
constexpr auto k_join = MembershipFlags::join_state;

// Knows its members, and adds them again when its gate opens.
struct Igmp final : mcast::mgm::IgmpListener {
    void on_igmp_gate_closed(InterfaceRef) override { ++closings; }
    void on_igmp_gate_opened(InterfaceRef, Epoch epoch) override { opened = epoch; }
    void work() {
        if (auto const epoch = std::exchange(opened, std::nullopt)) {
            for (MembershipKey const& key : members) {
                EXPECT_TRUE(lease.add(key, k_join, epoch));
            }
        }
    }
    void join(MembershipKey const& key) {
        members.insert(key);
        EXPECT_TRUE(lease.add(key, k_join));
    }
    void leave(MembershipKey const& key) {
        members.erase(key);
        EXPECT_TRUE(lease.remove(key, k_join));
    }
    InterfaceLease lease;
    std::set<MembershipKey> members;
    std::optional<Epoch> opened;
    int closings = 0;
};

class ExampleTest : public testing::Test {
protected:
    ExampleTest() {
        routes.add({{Ipv4::of(10, 1, 0, 0), 16}, k_up, {}, mcast::mgm::k_connected_protocol});
        igmp_seat = *manager.register_component({mcast::mgm::k_igmp_protocol, 0}, igmp);
        igmp.lease = *igmp_seat.take({k_hosts, {}});
        other_seat = *manager.register_component({{0x40000F1C}, 0}, nobody);
        other = *other_seat.take({k_other, {}});
        settle();
    }
    void settle() {
        for (int turn = 0; turn < 50; ++turn) {
            grace.end_all();
            manager.step(now);
            igmp.work();
        }
    }
    std::string packet() {
        manager.miss(k_flow, k_up, {}, now);
        settle();
        return outputs();
    }
    std::string outputs() const {
        auto const* entry = publisher.current(k_flow);
        if (entry == nullptr) {
            return "no entry";
        }
        std::string text;
        entry->outputs.for_each([&](IfIndex i) { text += "if" + std::to_string(i.value) + " "; });
        return text;
    }
    std::vector<Message> told() { return std::exchange(sent, {}); }

    mcast::mgm::RouteTable routes;
    mcast::handoff::ManualGrace grace;
    mcast::handoff::Table table{64, grace};
    mcast::handoff::Publisher publisher{table, grace, 1};
    mcast::TimePoint now{};
    mcast::mgm::GroupManager manager{routes, publisher, grace};
    Igmp igmp;
    mcast::mgm::ProtocolListener nobody;
    Registration igmp_seat, other_seat;
    InterfaceLease other;
    std::vector<Message> sent;
    FloodAndPrune protocol{manager,
                           {{k_up, false}, {k_down, true}, {k_hosts, false}},
                           [this](Message const& message) { sent.push_back(message); }};
    MembershipKey const group = MembershipKey::of(k_flow.group);
};

TEST_F(ExampleTest, AFullLife) {
    igmp.join(group);
    ASSERT_EQ(protocol.start(), "");
    EXPECT_FALSE(protocol.ready(k_hosts));
    settle(); // the gate of IGMP closes, opens, and it adds its member again
    EXPECT_TRUE(protocol.ready(k_hosts));
    EXPECT_EQ(igmp.closings, 1);

    EXPECT_EQ(packet(), "if2 if3 ");
    EXPECT_EQ(manager.entry(k_flow)->owner, (mcast::mgm::ComponentId{k_flood_and_prune, 0}));

    protocol.receive({Kind::prune, k_flow, k_down});
    EXPECT_EQ(outputs(), "if3 ");
    igmp.leave(group);
    settle();
    EXPECT_EQ(outputs(), "");
    EXPECT_THAT(told(), ElementsAre(Message{Kind::prune, k_flow, k_up}));

    igmp.join(MembershipKey::of(k_flow)); // one source only
    settle();
    EXPECT_EQ(outputs(), "if3 ");
    EXPECT_THAT(told(), ElementsAre(Message{Kind::graft, k_flow, k_up}));

    protocol.hand_over(k_hosts);
    EXPECT_EQ(outputs(), "if3 ") << "IGMP carries on, not one packet is lost";
    settle();
    EXPECT_EQ(igmp.closings, 2);
    EXPECT_EQ(outputs(), "if3 ");
    EXPECT_EQ(manager.owner_of({k_hosts, {}})->protocol, mcast::mgm::k_igmp_protocol);

    protocol.stop();
    settle();
    EXPECT_EQ(outputs(), "no entry");
    EXPECT_EQ(manager.components().size(), 2U);
    EXPECT_EQ(manager.counters().reentrant_refused, 0U);
}

// What another component wants is asked for upstream, and given up again.
TEST_F(ExampleTest, OthersAreServed) {
    ASSERT_EQ(protocol.start(), "");
    settle();
    EXPECT_EQ(packet(), "if2 ");
    protocol.receive({Kind::prune, k_flow, k_down});
    EXPECT_THAT(told(), ElementsAre(Message{Kind::prune, k_flow, k_up}));
    ASSERT_TRUE(other.add(group, k_join));
    settle();
    EXPECT_EQ(outputs(), "if4 ");
    EXPECT_THAT(told(), ElementsAre(Message{Kind::graft, k_flow, k_up}));
    ASSERT_TRUE(other.remove(group, k_join));
    settle();
    EXPECT_THAT(told(), ElementsAre(Message{Kind::prune, k_flow, k_up}));
    EXPECT_EQ(manager.entry(k_flow)->lifetime, mcast::Duration{std::chrono::seconds{120}});
    protocol.receive({Kind::graft, k_flow, k_down});
    EXPECT_EQ(outputs(), "if2 ");
    EXPECT_THAT(told(), ElementsAre(Message{Kind::graft, k_flow, k_up}));
}

TEST_F(ExampleTest, AnOwnedInterfaceIsSaid) {
    auto const taken = *other_seat.take({k_down, {}});
    EXPECT_THAT(protocol.start(), testing::HasSubstr("another routing protocol"));
    EXPECT_EQ(manager.components().size(), 2U) << "and nothing is left behind";
    settle();
    EXPECT_EQ(manager.owners().size(), 3U);
}

} // namespace
} // namespace example
