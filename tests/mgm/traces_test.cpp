// The four conversations between components and manager, line by line and in their exact order.
// Calls that a component makes are written into the same trace by hand.
#include "world.h"

namespace mcast::mgm::test {
namespace {

class TracesTest : public World {
protected:
    void call(std::string const& what) { trace.push_back(what); }
    // Turns until the change of owner is complete, with all news of it delivered: the moment at
    // which a call that waits would return. Notes when X has no entries left on the interface.
    void until_complete(unsigned n, std::string const& what) {
        for (int turn = 0; turn < 10; ++turn) {
            mgm.step(now);
            if (had_entries && !has_entries(n)) {
                call("entries of X on " + show(ref(n)) + " gone");
                had_entries = false;
            }
            if (!changing(n) && mgm.queued_news() == 0) {
                call("X<-" + what + " returns");
                return;
            }
            grace.end_all();
        }
        FAIL() << "the change does not end";
    }
    bool had_entries = false;
    bool changing(unsigned n) const {
        for (OwnershipView const& view : mgm.owners()) {
            if (view.interface == ref(n)) {
                return view.waiting.has_value();
            }
        }
        return false;
    }
    bool has_entries(unsigned n) const {
        for (ForwardingEntry const& entry : mgm.page(std::nullopt, 100).entries) {
            if (entry.arrival == ref(n) && entry.owner == ComponentId{{1}, 0}) {
                return true;
            }
        }
        return false;
    }
    MembershipKey const g = MembershipKey::of(k_g);
};

TEST_F(TracesTest, T1TakeOverFromIgmp) {
    register_igmp();
    auto igmp = take(j, 1);
    x = join_in(1, xl);
    call("X->take if1");
    auto lease = take(x, 1);
    until_complete(1, "take");
    call("J->add(*, 239.1.1.1) if1");
    ASSERT_TRUE(igmp.add(g, k_join, jl.epoch));
    EXPECT_THAT(told(), ElementsAre("X->take if1",              //
                                    "J closed if1",             //
                                    "J opened if1",             //
                                    "X<-take returns",          //
                                    "J->add(*, 239.1.1.1) if1", //
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
    miss({k_s, k_h});
    told();
    had_entries = has_entries(1);
    call("X->release if1");
    ASSERT_TRUE(lease.release());
    until_complete(1, "release");
    call("J->add(*, 239.1.1.1) if1");
    ASSERT_TRUE(igmp.add(g, k_join, jl.epoch));
    // X's entry goes as IGMP's takes its place, for which IGMP, now alone there, is asked.
    EXPECT_THAT(told(), ElementsAre("X->release if1",                    //
                                    "J rpf(10.1.0.9, 239.2.2.2) if1",    //
                                    "J closed if1",                      //
                                    "entries of X on if1 gone",          //
                                    "J opened if1",                      //
                                    "X<-release returns",                //
                                    "J->add(*, 239.1.1.1) if1",          //
                                    "X join(*, 239.1.1.1) membership",   //
                                    "Y join(*, 239.1.1.1) membership",   //
                                    "Z join(*, 239.1.1.1) membership")); // and no local join
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
    yl.created = [&] {
        call("Y clears if4");
        EXPECT_EQ(outputs(), "no entry") << "installed too early"; // MGM-104
    };
    call("miss(10.1.0.9, 239.1.1.1) if1");
    miss();
    call("install(10.1.0.9, 239.1.1.1) from " + show(InterfaceRef{published()->arrival, {}}) +
         ": " + outputs());
    EXPECT_THAT(told(), ElementsAre("miss(10.1.0.9, 239.1.1.1) if1",                    //
                                    "X rpf(10.1.0.9, 239.1.1.1) if1",                   //
                                    "Y created(10.1.0.9, 239.1.1.1) from if1: if4 if5", //
                                    "Y clears if4",                                     //
                                    "install(10.1.0.9, 239.1.1.1) from if1: if5"));
}

TEST_F(TracesTest, T4LastReceiverElsewhere) {
    register_all();
    register_igmp();
    auto in = take(x, 1);
    auto in2 = take(z, 2);
    auto if5 = take(y, 5);
    ASSERT_TRUE(if5.add(g, k_join));
    miss();
    miss({k_s2, k_g}, 2);
    told();
    zl.prune_lifetime = 120s;
    call("Y->delete(*, 239.1.1.1) if5");
    ASSERT_TRUE(if5.remove(g, k_join));
    EXPECT_THAT(told(), ElementsAre("Y->delete(*, 239.1.1.1) if5",            //
                                    "X prune(*, 239.1.1.1) membership 900",   //
                                    "Z prune(*, 239.1.1.1) membership 900",   //
                                    "J prune(*, 239.1.1.1) membership 900",   //
                                    "X prune(10.1.0.9, 239.1.1.1) entry 900", //
                                    "Z prune(10.2.0.9, 239.1.1.1) entry 900"));
    // The lifetime goes in and comes out.
    EXPECT_EQ(mgm.entry(k_flow)->lifetime, Duration{900s});
    EXPECT_EQ(mgm.entry({k_s2, k_g})->lifetime, Duration{120s});
}

} // namespace
} // namespace mcast::mgm::test
