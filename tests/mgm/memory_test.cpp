// What happens when memory runs out, at each place where it can.
#include "failing_allocator.h"

#include "mcast/handoff/publisher.h"
#include "mcast/handoff/table.h"
#include "mcast/mgm/group_manager.h"
#include "mcast/mgm/route_table.h"

#include <gtest/gtest.h>

#include <new>
#include <vector>

namespace mcast::mgm::test {
namespace {

constexpr Ipv4 k_source = Ipv4::of(10, 1, 0, 9); // behind interface 1
constexpr IfIndex k_if1{1};
constexpr IfIndex k_if4{4};
constexpr IfIndex k_if5{5}; // these two have to do with no entry
constexpr IfIndex k_if6{6};
constexpr unsigned k_groups = 8;
constexpr std::size_t k_queue = 64;           // what the queue of news holds before it grows
constexpr unsigned k_most_allocations = 1000; // a bound for the loops

FlowKey flow(unsigned n) {
    return {k_source, Ipv4::of(239, 1, 1, static_cast<std::uint8_t>(n + 1))};
}

// Does not allocate itself.
struct Igmp final : IgmpListener {
    void on_igmp_gate_closed(InterfaceRef interface) override {
        EXPECT_FALSE(closed.contains(interface.index));
        closed.insert(interface.index);
    }
    void on_igmp_gate_opened(InterfaceRef interface, Epoch) override {
        EXPECT_TRUE(closed.contains(interface.index));
        closed.erase(interface.index);
    }
    bool open() const { return closed.empty(); }
    IfSet closed;
};

struct Owner final : ProtocolListener {
    void on_local_join(MembershipKey const&, InterfaceRef) override { ++local_joins; }
    unsigned local_joins = 0;
};

struct Rig {
    Rig() {
        routes.add({{Ipv4::of(10, 1, 0, 0), 16}, k_if1, {}, k_connected_protocol});
        j = *mgm.register_component({k_igmp_protocol, 0}, igmp);
        at1 = *j.take({k_if1, {}});
        at4 = *j.take({k_if4, {}});
        at5 = *j.take({k_if5, {}});
        at6 = *j.take({k_if6, {}});
        x = *mgm.register_component({{1}, 0}, listener);
        for (unsigned n = 0; n < k_groups; ++n) {
            EXPECT_TRUE(at4.add(MembershipKey::of(flow(n).group), MembershipFlags::join_state));
            mgm.miss(flow(n), k_if1, {}, now);
        }
        settle();
    }
    void settle() {
        for (int turn = 0; turn < 100; ++turn) {
            grace.end_all();
            if (mgm.step(now) == 0 && grace.open() == 0) {
                return;
            }
        }
        FAIL() << "the manager does not come to rest";
    }
    // Precondition: X owns interface 4, nothing is queued. Afterwards the queue is full, and X's
    // taking of 5 and 6 is under way.
    void fill_the_queue() {
        for (unsigned n = 0; n < k_queue - 2; ++n) {
            auto const key = MembershipKey::of(Ipv4::of(239, 3, 0, static_cast<std::uint8_t>(n)));
            EXPECT_TRUE(at4.add(key, MembershipFlags::join_state));
        }
        begin_taking(k_if5);
        begin_taking(k_if6);
        EXPECT_EQ(mgm.queued_news(), k_queue);
    }
    void begin_taking(IfIndex index) {
        auto lease = x.take({index, {}});
        ASSERT_TRUE(lease);
        taken.push_back(std::move(*lease));
    }
    bool all_forwarded() const {
        for (unsigned n = 0; n < k_groups; ++n) {
            auto const* entry = publisher.current(flow(n));
            if (entry == nullptr || !entry->outputs.contains(k_if4)) {
                return false;
            }
        }
        return true;
    }

    RouteTable routes;
    handoff::ManualGrace grace;
    handoff::Table table{64, grace};
    handoff::Publisher publisher{table, grace, 1};
    TimePoint now{};
    GroupManager mgm{routes, publisher, grace, Limits{.entries = 32}};
    Igmp igmp;
    Owner listener;
    Registration j, x;
    InterfaceLease at1, at4, at5, at6;
    std::vector<InterfaceLease> taken;
};

TEST(MemoryTest, FailedRegistrationLeavesNothingBehind) { // MGM-4
    unsigned failures = 0;
    for (unsigned n = 0; n < k_most_allocations; ++n) {
        Rig rig;
        until_failure = static_cast<int>(n);
        auto seat = rig.mgm.register_component({{2}, 0}, rig.listener);
        until_failure = -1;
        if (seat) {
            break;
        }
        ++failures;
        EXPECT_EQ(seat.error().code, MgmError::no_memory);
        EXPECT_EQ(rig.mgm.components().size(), 2u);
        EXPECT_TRUE(rig.mgm.register_component({{2}, 0}, rig.listener));
    }
    EXPECT_GT(failures, 0u);
}

TEST(MemoryTest, FailedChangeOpensTheGateAgain) { // MGM-42
    unsigned failures = 0;
    for (unsigned n = 0; n < k_most_allocations; ++n) {
        Rig rig;
        until_failure = static_cast<int>(n);
        auto lease = rig.x.take({k_if4, {}});
        for (int turn = 0; turn < 3; ++turn) { // the rest of the change fails here
            rig.mgm.step(rig.now);
            EXPECT_TRUE(rig.all_forwarded()) << n;
        }
        bool const failed = until_failure < 0;
        until_failure = -1;
        rig.settle();
        EXPECT_TRUE(rig.igmp.open()) << n;
        EXPECT_TRUE(rig.at4.gate_open()) << n;
        EXPECT_TRUE(rig.all_forwarded()) << n;
        EXPECT_EQ(rig.mgm.owner_of({k_if4, {}})->protocol == ProtocolId{1}, lease.has_value());
        if (!failed) {
            break;
        }
        ++failures;
        EXPECT_GT(rig.mgm.counters().out_of_memory, 0u);
        if (!lease) {
            EXPECT_EQ(lease.error().code, MgmError::no_memory);
        }
    }
    EXPECT_GT(failures, 0u);
}

TEST(MemoryTest, LeaseDroppedWithoutMemoryIsReleasedLater) {
    unsigned failures = 0;
    for (unsigned n = 0; n < k_most_allocations; ++n) {
        Rig rig;
        auto lease = rig.x.take({k_if4, {}});
        ASSERT_TRUE(lease);
        ASSERT_TRUE(lease->add(MembershipKey::any(), MembershipFlags::join_state));
        rig.settle();
        rig.fill_the_queue(); // so that the release itself asks for memory
        until_failure = static_cast<int>(n);
        *lease = InterfaceLease{};
        rig.mgm.step(rig.now);
        bool const failed = until_failure < 0;
        until_failure = -1;
        rig.settle();
        EXPECT_EQ(rig.mgm.owner_of({k_if4, {}})->protocol, k_igmp_protocol) << n;
        EXPECT_TRUE(rig.igmp.open()) << n;
        EXPECT_EQ(rig.mgm.memberships({k_if4, {}}).size(), k_groups + k_queue - 2) << n;
        if (!failed) {
            break;
        }
        ++failures;
    }
    EXPECT_GT(failures, 0u);
}

TEST(MemoryTest, RegistrationDroppedWithoutMemoryIsReleasedLater) {
    unsigned failures = 0;
    for (unsigned n = 0; n < k_most_allocations; ++n) {
        Rig rig;
        auto lease = rig.x.take({k_if4, {}});
        ASSERT_TRUE(lease);
        ASSERT_TRUE(lease->add(MembershipKey::any(), MembershipFlags::join_state));
        rig.settle();
        rig.fill_the_queue();
        until_failure = static_cast<int>(n);
        rig.x = Registration{};
        rig.mgm.step(rig.now);
        bool const failed = until_failure < 0;
        until_failure = -1;
        rig.settle();
        EXPECT_FALSE(lease->active()) << n;
        EXPECT_EQ(rig.mgm.components().size(), 1u) << n;
        for (IfIndex index : {k_if4, k_if5, k_if6}) {
            EXPECT_EQ(rig.mgm.owner_of({index, {}})->protocol, k_igmp_protocol) << n;
        }
        EXPECT_TRUE(rig.igmp.open()) << n;
        EXPECT_TRUE(rig.all_forwarded()) << n;
        if (!failed) {
            break;
        }
        ++failures;
    }
    EXPECT_GT(failures, 0u);
}

TEST(MemoryTest, FailedSwitchChangesNothing) { // forward_state, alone and with join_state
    using enum MembershipFlags;
    for (MembershipFlags flags : {forward_state, forward_state | join_state}) {
        unsigned refused = 0;
        for (unsigned n = 0; n < k_most_allocations; ++n) {
            Rig rig;
            auto const key = MembershipKey::of(flow(0));
            until_failure = static_cast<int>(n);
            auto const added = rig.at5.add(key, flags);
            bool const failed = until_failure < 0;
            until_failure = -1;
            bool const at_once = rig.publisher.current(flow(0))->outputs.contains(k_if5);
            EXPECT_FALSE(!added && at_once) << n;
            rig.settle();
            EXPECT_EQ(rig.publisher.current(flow(0))->outputs.contains(k_if5), added.has_value())
                << n;
            bool const joined = !rig.mgm.memberships({k_if5, {}}).empty();
            EXPECT_EQ(joined, added && has(flags, join_state)) << n;
            refused += added ? 0 : 1;
            if (!failed) {
                break;
            }
        }
        EXPECT_GT(refused, 0u);
    }
}

TEST(MemoryTest, NewsOfAnOpeningDisplacesNoOther) {
    Rig rig;
    auto const lease = rig.x.take({k_if4, {}});
    rig.settle();
    rig.listener.local_joins = 0;
    rig.fill_the_queue();
    for (int turn = 0; turn < 3; ++turn) { // one item of news is delivered in each
        rig.grace.end_all();
        rig.mgm.step(rig.now, 1);
    }
    EXPECT_GT(rig.mgm.queued_news(), k_queue - 3); // both changes are complete
    rig.settle();
    EXPECT_EQ(rig.listener.local_joins, k_queue - 2);
}

// A worker may hold what the table showed; only a grace period frees it.
TEST(MemoryTest, PublishingWithoutMemoryFreesNothingEarly) {
    unsigned failures = 0;
    for (unsigned n = 0; n < k_most_allocations; ++n) {
        handoff::ManualGrace grace;
        handoff::Table table{64, grace};
        handoff::Publisher publisher{table, grace, 1};
        handoff::EntrySpec spec{flow(0), k_if1, {}, 0, handoff::Drop::no_member};
        ASSERT_TRUE(publisher.publish(spec));
        handoff::Entry const* const seen = table.find(flow(0));
        spec.outputs.insert(k_if4);
        spec.negative = handoff::Drop::none;
        bool failed = false;
        until_failure = static_cast<int>(n);
        try {
            publisher.publish(spec);
            publisher.withdraw(flow(0));
            spec.key = flow(1);
            publisher.publish(spec);
        } catch (std::bad_alloc const&) {
            failed = true;
        }
        until_failure = -1;
        EXPECT_EQ(seen->negative, handoff::Drop::no_member) << n; // ASan: it is still there
        EXPECT_EQ(publisher.versions_alive(), publisher.size() + publisher.retired()) << n;
        publisher.withdraw(flow(0));
        publisher.withdraw(flow(1));
        grace.end_all();
        publisher.reclaim(k_most_allocations);
        EXPECT_EQ(publisher.versions_alive(), 0U) << n;
        EXPECT_TRUE(publisher.totals(flow(0)).outputs.empty());
        if (!failed) {
            break;
        }
        ++failures;
    }
    EXPECT_GT(failures, 0U);
}

TEST(MemoryTest, FailedMembershipChangesNothing) {
    unsigned failures = 0;
    auto const group = MembershipKey::of(Ipv4::of(239, 9, 9, 9));
    for (unsigned n = 0; n < k_most_allocations; ++n) {
        Rig rig;
        until_failure = static_cast<int>(n);
        auto const added = rig.at4.add(group, MembershipFlags::join_state);
        until_failure = -1;
        std::size_t const known = rig.mgm.memberships({k_if4, {}}).size();
        EXPECT_EQ(known, added ? k_groups + 1 : k_groups) << n;
        rig.settle();
        EXPECT_TRUE(rig.at4.add(group, MembershipFlags::join_state));
        if (rig.mgm.counters().out_of_memory == 0) {
            break;
        }
        ++failures;
    }
    EXPECT_GT(failures, 0u);
}

} // namespace
} // namespace mcast::mgm::test
