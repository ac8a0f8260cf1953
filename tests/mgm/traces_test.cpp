// The four conversations between components and manager, in their exact order. Calls that a
// component makes are written into the same trace by hand.
#include "world.h"

namespace mcast::mgm::test {
namespace {

class TracesTest : public World {
protected:
    void call(std::string const& what) { trace.push_back(what); }
    MembershipKey const g = MembershipKey::of(k_g);
};

TEST_F(TracesTest, T1TakeOverFromIgmp) {
    register_igmp();
    auto igmp = take(j, 1);
    x = join_in(1, xl);
    call("X->take if1");
    auto lease = take(x, 1);
    settle();
    call("J->add");
    ASSERT_TRUE(igmp.add(g, k_join, jl.epoch));
    EXPECT_THAT(told(), ElementsAre("X->take if1", "J closed if1", "J opened if1", "J->add",
                                    "X local_join(*, 239.1.1.1) if1"));
}

TEST_F(TracesTest, T2ReleaseToIgmp) {
    register_all();
    register_igmp();
    auto igmp = take(j, 1);
    auto lease = take(x, 1);
    auto out = take(y, 4);
    settle();
    ASSERT_TRUE(out.add(MembershipKey::of(k_h), k_join));
    FlowKey const flow{k_s, k_h};
    miss(flow);
    told();
    call("X->release if1");
    ASSERT_TRUE(lease.release());
    step();
    EXPECT_EQ(outputs(flow), "no entry");
    EXPECT_THAT(trace, ElementsAre("X->release if1", "J closed if1"));
    settle();
    call("J->add");
    ASSERT_TRUE(igmp.add(g, k_join, jl.epoch));
    EXPECT_THAT(told(),
                ElementsAre("X->release if1", "J closed if1", "J opened if1", "J->add",
                            "X join(*, 239.1.1.1) membership", "Y join(*, 239.1.1.1) membership",
                            "Z join(*, 239.1.1.1) membership"));
}

TEST_F(TracesTest, T3FirstPacketOfAFlow) {
    register_all();
    auto in = take(x, 1);
    auto if4 = take(y, 4);
    auto if5 = take(y, 5);
    ASSERT_TRUE(if4.add(g, k_join));
    ASSERT_TRUE(if5.add(g, k_join));
    told();
    yl.refuses = {index(4)};
    yl.created = [&] { call("not installed yet: " + outputs()); };
    call("miss if1");
    miss();
    call("install " + outputs());
    EXPECT_THAT(told(), ElementsAre("miss if1", "X rpf(10.1.0.9, 239.1.1.1) if1",
                                    "Y created(10.1.0.9, 239.1.1.1) from if1: if4 if5",
                                    "not installed yet: no entry", "install if5"));
}

TEST_F(TracesTest, T4LastReceiverElsewhere) {
    register_all();
    auto in = take(x, 1);
    auto in2 = take(z, 2);
    auto if5 = take(y, 5);
    ASSERT_TRUE(if5.add(g, k_join));
    miss();
    miss({k_s2, k_g}, 2);
    told();
    call("Y->delete if5");
    ASSERT_TRUE(if5.remove(g, k_join));
    EXPECT_THAT(told(), ElementsAre("Y->delete if5", "X prune(*, 239.1.1.1) membership 900",
                                    "Z prune(*, 239.1.1.1) membership 900",
                                    "X prune(10.1.0.9, 239.1.1.1) entry 900",
                                    "Z prune(10.2.0.9, 239.1.1.1) entry 900"));
}

} // namespace
} // namespace mcast::mgm::test
