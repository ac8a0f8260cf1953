// The real IGMP beside another protocol that takes its interface: what it does at a closed gate,
// and when the gate opens again. IGMP alone is on lan1 until then.
#include "core.h"
#include "world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <variant>

namespace mcast::control {
namespace {

using mgm::MembershipKey;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr Ipv4 k_group = Ipv4::of(239, 1, 1, 1);
constexpr Ipv4 k_other_group = Ipv4::of(239, 1, 1, 2);
constexpr mgm::InterfaceRef k_link{k_lan1, {}};

struct Protocol final : mgm::ProtocolListener {
    void on_local_join(MembershipKey const& key, mgm::InterfaceRef interface) override {
        EXPECT_EQ(interface, k_link);
        EXPECT_TRUE(local.insert(*key.group).second) << to_string(key) << " is told twice";
    }
    std::set<Ipv4> local;
};

Config igmp_alone_on_lan1() {
    Config config = three_lans();
    config.interfaces[k_lan1.index()].static_protocol = false;
    return config;
}

class GateTest : public testing::Test {
protected:
    GateTest() {
        core.publish_interfaces();
        core.start_components(now);
        seat = std::move(*core.manager.register_component({{77}, 0}, protocol));
    }
    void report(wire::ReportV3 const& message) {
        Frame const frame = igmp_frame(k_lan1, message);
        auto const content = demux(frame, core.interfaces, {.igmp = true});
        ASSERT_TRUE(content);
        EXPECT_EQ(core.igmp.receive(k_lan1, std::get<IgmpFrame>(*content), now),
                  Fate::igmp_handled);
    }
    void turns(Duration by) {
        for (TimePoint const end = now + by; now <= end; now += std::chrono::milliseconds{100}) {
            core.run_timers(now);
        }
    }
    void close_the_gate() {
        lease = std::move(*seat.take(k_link));
        turns(std::chrono::seconds{1});
        EXPECT_EQ(core.manager.counters().gate_refused, 0U);
    }
    void open_the_gate() {
        grace.end_all();
        turns(std::chrono::seconds{1});
        EXPECT_EQ(core.manager.counters().gate_refused, 0U) << "IGMP called while it was closed";
    }
    std::set<Ipv4> members(bool stale) const {
        std::set<Ipv4> groups;
        for (mgm::MembershipView const& view : core.manager.memberships(k_link)) {
            if (view.by_igmp && view.stale == stale) {
                groups.insert(*view.key.group);
            }
        }
        return groups;
    }

    handoff::ManualGrace grace;
    handoff::Shared shared{1, 64, World::small_queues(), grace};
    Core core{igmp_alone_on_lan1(), three_ports(), shared, grace, {}};
    TimePoint now{std::chrono::hours{1}};
    Protocol protocol;
    mgm::Registration seat;
    mgm::InterfaceLease lease;
};

TEST_F(GateTest, ReportAtAClosedGateMakesNoCall) { // MGM-37
    report(exclude_report(k_group, {}));
    turns({});
    ASSERT_THAT(members(false), UnorderedElementsAre(k_group));
    close_the_gate();
    report(exclude_report(k_other_group, {}));
    turns(std::chrono::seconds{1});
    EXPECT_TRUE(core.igmp.engine().wanted(k_lan1, {host_of(k_lan0), k_other_group}));
    EXPECT_THAT(members(true), UnorderedElementsAre(k_group));
    EXPECT_THAT(members(false), IsEmpty());
    open_the_gate();
    EXPECT_THAT(members(false), UnorderedElementsAre(k_group, k_other_group));
    EXPECT_THAT(protocol.local, UnorderedElementsAre(k_group, k_other_group));
}

TEST_F(GateTest, LeaveAtAClosedGateMakesNoCallAndNoReAdd) { // MGM-38
    report(exclude_report(k_group, {}));
    report(exclude_report(k_other_group, {}));
    turns({});
    close_the_gate();
    report({{{wire::RecordType::to_in, k_group, {}, {}}}});
    turns(std::chrono::seconds{3}); // last member query time: 2 times 1 s
    EXPECT_FALSE(core.igmp.engine().wanted(k_lan1, {host_of(k_lan0), k_group}));
    EXPECT_THAT(members(true), UnorderedElementsAre(k_group, k_other_group)) << "not removed yet";
    open_the_gate();
    EXPECT_THAT(members(false), UnorderedElementsAre(k_other_group));
    EXPECT_THAT(members(true), IsEmpty());
    EXPECT_THAT(protocol.local, UnorderedElementsAre(k_other_group)) << "never added again";
}

TEST_F(GateTest, EveryMembershipIsAddedAfterTheOpening) { // MGM-39
    std::set<Ipv4> groups;
    for (std::uint8_t high = 0; high < 10; ++high) { // more than one turn can add
        wire::ReportV3 message;
        for (std::uint8_t low = 1; low <= 30; ++low) {
            groups.insert(Ipv4::of(239, 2, high, low));
            message.records.push_back(
                {wire::RecordType::to_ex, Ipv4::of(239, 2, high, low), {}, {}});
        }
        report(message);
    }
    turns(std::chrono::seconds{1});
    ASSERT_EQ(members(false), groups);
    close_the_gate();
    EXPECT_EQ(members(true), groups);
    open_the_gate();
    EXPECT_EQ(members(false), groups);
    EXPECT_EQ(protocol.local, groups);
}

} // namespace
} // namespace mcast::control
