// DVMRP at a worker: where it does not run, and floods of it.
#include "rig.h"

#include <chrono>

#include <gtest/gtest.h>

namespace mcast::dataplane {
namespace {

using namespace std::chrono_literals;
using handoff::Drop;
using handoff::PuntClass;
using test::Octets;
using test::Packet;
using test::Rig;
using test::RigOptions;

// DVMRP-132: no queue sees it.
TEST(Worker, DvmrpWhereItDoesNotRun) {
    Rig rig;
    rig.publish({{0, rig.plain(0)}, {1, rig.plain(1)}}, {}, IfSet{IfIndex{1}});
    Packet const dvmrp{.ttl = 1, .protocol = 2, .data = Octets{0x13, 1, 0, 0}};
    rig.receive(0, dvmrp.bytes());
    EXPECT_EQ(rig.punts(PuntClass::dvmrp), 0U);
    EXPECT_EQ(rig.drops(Drop::dvmrp_not_running), 1U);
    rig.receive(1, Packet{.source = Ipv4::of(10, 0, 1, 9),
                          .ttl = 1,
                          .protocol = 2,
                          .data = Octets{0x13, 1, 0, 0}}
                       .bytes());
    EXPECT_EQ(rig.punts(PuntClass::dvmrp), 1U);
}

// DVMRP-133: a flood on one port takes nothing from the adjacencies of another.
TEST(Worker, PolicesDvmrpByPort) {
    RigOptions options;
    options.limits = {.dvmrp = 40, .igmp = 0, .query = 0, .miss = 0, .host = 0}; // bursts of ten
    options.sizes.punt_slots = {64, 8, 64, 8, 8};
    Rig rig{options};
    rig.publish_plain(2);
    TimePoint const start{1s};
    Packet const flood{.ttl = 1, .protocol = 2, .data = Octets{0x13, 1, 0, 0}};
    for (int i = 0; i < 100; ++i) {
        rig.receive(0, rig.frame(flood.bytes()), start);
    }
    EXPECT_EQ(rig.punts(PuntClass::dvmrp), 10U);
    EXPECT_EQ(rig.drops(Drop::dvmrp_policed), 90U);
    Packet probe = flood;
    probe.source = Ipv4::of(10, 0, 1, 9);
    rig.receive(1, rig.frame(probe.bytes()), start);
    EXPECT_EQ(rig.punts(PuntClass::dvmrp), 11U);
}

} // namespace
} // namespace mcast::dataplane
