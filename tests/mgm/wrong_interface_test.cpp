// Wrong-interface alerts: RFC 2715 rule 2, which the classic interface names and never delivers
// (MGM, 2.8 and 8.14).
#include "world.h"

#include "mcast/handoff/worker_channel.h"

#include <cstdint>

namespace mcast::mgm::test {
namespace {

// X owns if1, from where the flow comes, and Y if4, where it is wanted. Z owns if3.
class WrongInterfaceTest : public World {
protected:
    WrongInterfaceTest() {
        register_all();
        at1 = take(x, 1);
        at3 = take(z, 3);
        at4 = take(y, 4);
        EXPECT_TRUE(at4.add(MembershipKey::of(k_g), k_join));
        miss();
        told();
    }
    AlertResult arrives(FlowKey key = k_flow, unsigned on = 3) {
        std::vector<std::uint8_t> const packet(60, 0x45);
        return mgm.wrong_interface(key, index(on), packet, now);
    }

    InterfaceLease at1, at3, at4;
};

TEST_F(WrongInterfaceTest, OffUntilAskedFor) {
    EXPECT_TRUE(mgm.alerting().empty());
    EXPECT_EQ(arrives(), AlertResult::stale);
    EXPECT_THAT(told(), IsEmpty());
    EXPECT_EQ(mgm.counters().wrong_interface_stale, 1u);
}

TEST_F(WrongInterfaceTest, TellsTheOwnerOfWhereItArrived) {
    ASSERT_TRUE(at1.set_wrong_interface_alerts(true));
    ASSERT_TRUE(at3.set_wrong_interface_alerts(true));
    ASSERT_TRUE(at4.set_wrong_interface_alerts(true));
    EXPECT_EQ(mgm.alerting(), (IfSet{index(1), index(3), index(4)}));
    EXPECT_EQ(arrives(), AlertResult::queued);
    EXPECT_THAT(trace, IsEmpty()); // news, not a question
    EXPECT_THAT(told(), ElementsAre("Z wrong_interface(10.1.0.9, 239.1.1.1) if3 60"));
    // Also on an interface where the flow goes out: that is where a forwarder must be chosen.
    EXPECT_EQ(arrives(k_flow, 4), AlertResult::queued);
    EXPECT_THAT(told(), ElementsAre("Y wrong_interface(10.1.0.9, 239.1.1.1) if4 60"));
    EXPECT_EQ(outputs(), "if4"); // telling changes nothing
}

TEST_F(WrongInterfaceTest, CutsThePacketShort) {
    ASSERT_TRUE(at3.set_wrong_interface_alerts(true));
    std::vector<std::uint8_t> packet(handoff::k_alert_packet_bytes + 1);
    mgm.wrong_interface(k_flow, index(3), packet, now);
    packet.clear(); // the news has its own
    EXPECT_THAT(told(), ElementsAre("Z wrong_interface(10.1.0.9, 239.1.1.1) if3 128"));
}

TEST_F(WrongInterfaceTest, OneASecondForEachFlowAndInterface) {
    ASSERT_TRUE(at3.set_wrong_interface_alerts(true));
    ASSERT_TRUE(at4.set_wrong_interface_alerts(true));
    FlowKey const other{k_s, k_h};
    miss(other);
    told();
    EXPECT_EQ(arrives(), AlertResult::queued);
    EXPECT_EQ(arrives(), AlertResult::suppressed);
    EXPECT_EQ(arrives(k_flow, 4), AlertResult::queued);
    EXPECT_EQ(arrives(other), AlertResult::queued);
    now += 1s - 1ns;
    EXPECT_EQ(arrives(), AlertResult::suppressed);
    now += 1ns;
    EXPECT_EQ(arrives(), AlertResult::queued);
    EXPECT_EQ(told().size(), 4u);
    EXPECT_EQ(mgm.counters().wrong_interface_suppressed, 2u);
}

// A source that invents flows does not fill the memory: what is remembered is bounded.
TEST_F(WrongInterfaceTest, ManyFlowsAreNotToldApart) {
    constexpr unsigned k_flows = 2000;
    handoff::Table large{4096, grace};
    handoff::Publisher publish{large, grace, 1};
    GroupManager manager{routes, publish, grace, Limits{.entries = 4096}};
    auto seat = manager.register_component({{1}, 0}, xl);
    ASSERT_TRUE(seat);
    auto here = take(*seat, 1);
    auto there = take(*seat, 3);
    ASSERT_TRUE(there.set_wrong_interface_alerts(true));
    auto const raise_all = [&] {
        unsigned raised = 0;
        for (unsigned n = 0; n < k_flows; ++n) {
            FlowKey const flow{k_s, {k_g.value + n}};
            manager.miss(flow, index(1), {}, now);
            raised += manager.wrong_interface(flow, index(3), {}, now) == AlertResult::queued;
        }
        return raised;
    };
    EXPECT_EQ(raise_all(), 1024u);
    while (manager.step(now) != 0) {
    }
    EXPECT_EQ(manager.counters().wrong_interface_suppressed, k_flows - 1024u);
    now += 1s;
    EXPECT_EQ(raise_all(), 1024u);
}

// News that nobody takes does not grow without a bound either.
TEST_F(WrongInterfaceTest, YieldsToOtherNews) {
    ASSERT_TRUE(at3.set_wrong_interface_alerts(true));
    unsigned raised = 0;
    for (; raised < 100000 && arrives() == AlertResult::queued; now += 1s) {
        ++raised;
    }
    EXPECT_EQ(raised, 4096u);
    EXPECT_EQ(told().size(), 4096u);
    miss(); // the entry has aged meanwhile
    EXPECT_EQ(arrives(), AlertResult::queued);
}

TEST_F(WrongInterfaceTest, EndsWithTheLease) {
    ASSERT_TRUE(at3.set_wrong_interface_alerts(true));
    EXPECT_EQ(arrives(), AlertResult::queued);
    ASSERT_TRUE(at3.release());
    EXPECT_TRUE(mgm.alerting().empty());
    EXPECT_THAT(told(), IsEmpty()); // what was queued is no news to who has left
    EXPECT_EQ(code(at3.set_wrong_interface_alerts(true)), MgmError::invalid_parameter);
    auto next = take(y, 3);
    EXPECT_EQ(arrives(), AlertResult::stale); // who comes next has to ask
    ASSERT_TRUE(next.set_wrong_interface_alerts(true));
    EXPECT_EQ(arrives(), AlertResult::queued); // and hears at once
    EXPECT_THAT(told(), ElementsAre("Y wrong_interface(10.1.0.9, 239.1.1.1) if3 60"));
    ASSERT_TRUE(next.set_wrong_interface_alerts(false));
    EXPECT_TRUE(mgm.alerting().empty());
    ASSERT_TRUE(next.set_wrong_interface_alerts(true));
    mgm.interface_gone(index(3)); // MGM-128
    EXPECT_TRUE(mgm.alerting().empty());
}

TEST_F(WrongInterfaceTest, EndsWithTheRegistration) {
    ASSERT_TRUE(at3.set_wrong_interface_alerts(true));
    EXPECT_EQ(arrives(), AlertResult::queued);
    z = Registration{};
    EXPECT_TRUE(mgm.alerting().empty());
    EXPECT_THAT(told(), IsEmpty());
}

// The interface counts for IGMP while IGMP is alone on it.
TEST_F(WrongInterfaceTest, TheRoutingOwnerGoesBeforeIgmp) {
    register_igmp();
    auto igmp = take(j, 3);
    ASSERT_TRUE(igmp.set_wrong_interface_alerts(true));
    EXPECT_TRUE(mgm.alerting().empty()); // Z owns it, and has not asked
    ASSERT_TRUE(at3.release());
    EXPECT_EQ(mgm.alerting(), IfSet{index(3)});
    told();
    EXPECT_EQ(arrives(), AlertResult::queued);
    at3 = take(y, 3);
    EXPECT_TRUE(mgm.alerting().empty());
    EXPECT_THAT(told(), ElementsAre("J closed if3", "J opened if3"));
}

TEST_F(WrongInterfaceTest, OldReportsAreNoNews) {
    ASSERT_TRUE(at3.set_wrong_interface_alerts(true));
    ASSERT_TRUE(at1.set_wrong_interface_alerts(true));
    EXPECT_EQ(arrives({k_s2, k_g}), AlertResult::stale); // no such entry (any more)
    EXPECT_EQ(arrives(k_flow, 1), AlertResult::stale);   // it is expected here by now
    EXPECT_EQ(arrives(k_flow, k_max_interfaces), AlertResult::stale);
    EXPECT_THAT(told(), IsEmpty());
    EXPECT_EQ(mgm.counters().wrong_interface_stale, 3u);
}

TEST_F(WrongInterfaceTest, WhereItIsRefused) {
    auto link = take(x, {index(5), Ipv4::of(10, 5, 0, 1)});
    auto refused = link.set_wrong_interface_alerts(true);
    ASSERT_FALSE(refused);
    EXPECT_EQ(code(refused), MgmError::cannot_complete);
    EXPECT_THAT(refused.error().reason, testing::HasSubstr("point-to-multipoint"));
    std::optional<MgmError> inside;
    xl.rpf = [&](RpfQuery const&, RpfDecision&) {
        inside = code(at1.set_wrong_interface_alerts(true));
    };
    miss({k_s, k_h});
    EXPECT_EQ(inside, MgmError::cannot_complete);
    EXPECT_TRUE(mgm.alerting().empty());
    EXPECT_FALSE(InterfaceLease{}.set_wrong_interface_alerts(true));
}

} // namespace
} // namespace mcast::mgm::test
