// A worker that stops calling its turn: whoever changes something waits for it and for nothing
// else.
#include "running.h"

namespace mcast::handover {
namespace {

class Stall : public Handover {
protected:
    mgm::OwnershipState state(IfIndex interface) {
        for (mgm::OwnershipView const& view : appliance.manager().owners()) {
            if (view.interface.index == interface) {
                return view.state;
            }
        }
        return mgm::OwnershipState::unowned;
    }
    handoff::Publisher& publisher() { return appliance.core().publisher; }
};

TEST_F(Stall, HandOversWaitAsLongAsAWorkerStallsAndTheOthersGoOn) {
    if (options().workers < 2) {
        GTEST_SKIP() << "with one worker there are no others";
    }
    constexpr WorkerId k_stalled{1};
    constexpr WorkerId k_other{0};
    ASSERT_NO_FATAL_FAILURE(start_traffic());
    ASSERT_NO_FATAL_FAILURE(turn_until([&] { return publisher().retired() == 0; }));
    wire.stall(k_stalled, true);
    ASSERT_NO_FATAL_FAILURE(turn_until([&] { return wire.standing(k_stalled); }));

    Timeline of_igmp(true);
    TimePoint const began = platform::now();
    of_igmp.begin(false, began);
    auto lease = component.registration().take({k_east, {}}).value();
    auto other_lease = component.registration().take({k_wan, {}}).value();
    std::uint64_t const settled = traffic.settled(k_other);
    std::size_t retired = 0;
    for (int turns = 0; turns < 2000 || traffic.settled(k_other) < settled + 5000; ++turns) {
        turn();
        ASSERT_EQ(state(k_east), mgm::OwnershipState::taking);
        ASSERT_EQ(state(k_wan), mgm::OwnershipState::taking);
        ASSERT_FALSE(component.ready(k_east) || component.ready(k_wan));
        ASSERT_GE(publisher().retired(), retired) << "freed while a worker may still see it";
        retired = publisher().retired();
        ASSERT_LT(platform::now(), began + k_patience) << "the other worker does not go on";
    }
    EXPECT_GT(retired, 0u); // the entries that the new owner refuses were replaced meanwhile
    ASSERT_TRUE(wire.standing(k_stalled));

    TimePoint const resumed = platform::now();
    wire.stall(k_stalled, false);
    ASSERT_NO_FATAL_FAILURE(
        turn_until([&] { return component.ready(k_east) && component.ready(k_wan); }));
    of_igmp.end(*component.ready(k_east));
    EXPECT_GT(*component.ready(k_east), resumed);
    EXPECT_EQ(state(k_east), mgm::OwnershipState::shared);
    ASSERT_NO_FATAL_FAILURE(turn_until([&] { return publisher().retired() == 0; }));
    std::uint64_t const then = traffic.settled(k_stalled);
    ASSERT_NO_FATAL_FAILURE(
        turn_until([&] { return traffic.settled(k_stalled) > then + streams.count(); }));
    fmt::print(
        "stalled for {} ms, ready {} us after\n",
        std::chrono::floor<std::chrono::milliseconds>(resumed - began).count(),
        std::chrono::floor<std::chrono::microseconds>(*component.ready(k_east) - resumed).count());
    close();
    expect_right("refused by the new owner", Kind::vetoed, of_igmp, &Sighting::east);
    // Leases end after control has stopped; that is a release like any other.
}

} // namespace
} // namespace mcast::handover
