// A worker's turn: counters, punts, injections, relays, hostile input.
#include "rig.h"

#include "mcast/base/random.h"
#include "mcast/dataplane/policer.h"
#include "mcast/platform/lcores.h"

#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <rte_mbuf.h>

namespace mcast::dataplane {
namespace {

using namespace std::chrono_literals;
using handoff::CopyDrop;
using handoff::Drop;
using handoff::Injection;
using handoff::PuntClass;
using test::forwarded;
using test::k_router_mac;
using test::Octets;
using test::Packet;
using test::Rig;
using test::RigOptions;

TEST(Worker, PollsItsQueues) {
    Rig rig;
    rig.publish_plain(3);
    rig.forward_to({1, 2});
    EXPECT_FALSE(rig.worker().poll_once());
    for (int i = 0; i < 40; ++i) {
        rig.enqueue(0, rig.frame(Packet{}.bytes()));
    }
    EXPECT_TRUE(rig.worker().poll_once());
    EXPECT_EQ(rig.sent(1).size(), 32U); // a burst a turn and queue
    EXPECT_TRUE(rig.worker().poll_once());
    EXPECT_EQ(rig.sent(1).size(), 8U);
    EXPECT_EQ(rig.sent(2).size(), 40U);
    auto const& counters = *rig.shared().workers[0]->counters;
    EXPECT_EQ(counters.turns.read(), 3U);
    EXPECT_EQ(counters.busy_turns.read(), 2U);
    EXPECT_EQ(counters.interfaces[0].received_bytes.read(), 40 * Packet{}.bytes().size());
    auto const flow = rig.publisher().totals({test::k_source, test::k_group});
    EXPECT_EQ(flow.packets, 40U);
    EXPECT_EQ(flow.bytes, 40 * Packet{}.total_length());
    EXPECT_EQ(flow.copies, 80U);
}

TEST(Worker, CountsWhatTheEntryRefuses) {
    Rig rig;
    auto far = rig.plain(1);
    far.ttl_threshold = 10;
    auto down = rig.plain(2);
    down.up = false;
    rig.publish({{0, rig.plain(0)}, {1, far}, {2, down}, {3, rig.plain(3)}});
    FlowKey const key{test::k_source, test::k_group};
    rig.publish_entry({.key = key,
                       .arrival = IfIndex{0},
                       .outputs = {IfIndex{1}, IfIndex{2}},
                       .highest_threshold = 10});
    rig.receive(0, Packet{.ttl = 1}.bytes());
    rig.receive(0, Packet{.ttl = 10}.bytes());
    rig.receive(3, Packet{}.bytes()); // MGM-106
    rig.receive(0, Packet{.ttl = 11}.bytes());
    EXPECT_EQ(rig.drops(Drop::ttl_expired), 1U);
    EXPECT_EQ(rig.drops(Drop::ttl_threshold), 1U);
    EXPECT_EQ(rig.drops(Drop::wrong_interface), 1U);
    EXPECT_EQ(rig.counters(3).drops[std::size_t(Drop::wrong_interface)].read(), 1U);
    EXPECT_EQ(rig.counters(1).threshold.read(), 1U);
    EXPECT_EQ(rig.counters(2).link_down.read(), 2U);
    EXPECT_EQ(rig.sent(1).size(), 1U);
    rig.publish_entry({.key = key, .arrival = IfIndex{0}, .negative = Drop::no_member});
    rig.receive(0, Packet{}.bytes());
    EXPECT_EQ(rig.drops(Drop::no_member), 1U);
    auto const flow = rig.publisher().totals(key);
    EXPECT_EQ(flow.packets, 1U);
    EXPECT_EQ(flow.ttl_expired, 1U);
    EXPECT_EQ(flow.wrong_interface, 1U);
    EXPECT_EQ(flow.dropped, 2U);
}

// RFC 2715 rule 2, MGM-106: a packet that is refused on an interface in alert mode is reported.
// It is a drop all the same, counted once, and no punt.
TEST(Worker, AlertsOnTheWrongInterface) {
    for (std::size_t segment : {2048U, 13U, 5U}) {
        Rig rig;
        auto tagged = rig.plain(3);
        tagged.vlan = 30;
        rig.publish({{0, rig.plain(0)}, {1, rig.plain(1)}, {2, rig.plain(2)}, {3, tagged}},
                    {IfIndex{0}, IfIndex{3}});
        rig.forward_to({1, 2});
        Packet const packet{.payload = 300, .tags = {30}, .padding = 9};
        rig.receive(3, rig.frame(packet.bytes(), segment));
        rig.receive(2, Packet{}.bytes()); // not in alert mode
        rig.receive(0, Packet{}.bytes()); // where it is expected
        auto const up = rig.alerted();
        ASSERT_TRUE(up.has_value());
        EXPECT_EQ(up->first, IfIndex{3});
        Octets head = Packet{.payload = 300}.bytes();
        head.resize(handoff::k_alert_bytes);
        EXPECT_EQ(up->second, head);
        EXPECT_FALSE(rig.alerted().has_value());
        EXPECT_EQ(rig.drops(Drop::wrong_interface), 2U);
        EXPECT_EQ(rig.counters(3).alerts.read(), 1U);
        EXPECT_EQ(rig.counters(2).alerts.read(), 0U);
        EXPECT_EQ(rig.totals().punted, 0U);
        EXPECT_EQ(rig.totals().forwarded, 1U);
    }
}

// A packet that is shorter than an alert goes up as it is, without padding.
TEST(Worker, AlertsAreNoLongerThanThePacket) {
    Rig rig;
    rig.publish({{0, rig.plain(0)}, {1, rig.plain(1)}}, {IfIndex{1}});
    rig.forward_to({1});
    rig.receive(1, Packet{.payload = 10, .padding = 20}.bytes());
    auto const up = rig.alerted();
    ASSERT_TRUE(up.has_value());
    EXPECT_EQ(up->second, (Packet{.payload = 10}.bytes()));
}

// The first packet of a flow may come in on the wrong interface: it is reported on its way back.
TEST(Worker, AlertsOnParkedPackets) {
    Rig rig;
    rig.publish({{0, rig.plain(0)}, {1, rig.plain(1)}}, {IfIndex{1}});
    rig.receive(1, Packet{}.bytes());
    auto const parked = rig.punted(PuntClass::miss);
    ASSERT_TRUE(parked.has_value());
    rig.forward_to({1});
    rig.inject(1, Injection::reinject, parked->second);
    rig.worker().poll_once();
    EXPECT_EQ(rig.drops(Drop::wrong_interface), 1U);
    EXPECT_TRUE(rig.alerted().has_value());
}

TEST(Worker, AlertsAreLimited) {
    RigOptions options;
    options.limits.alerts = 40; // bursts of ten
    options.sizes.alert_slots = 12;
    Rig rig{options};
    rig.publish({{0, rig.plain(0)}, {1, rig.plain(1)}, {2, rig.plain(2)}},
                {IfIndex{1}, IfIndex{2}});
    rig.forward_to({1});
    TimePoint const start{1s};
    for (int i = 0; i < 15; ++i) {
        rig.receive(1, rig.frame(Packet{}.bytes()), start);
    }
    EXPECT_EQ(rig.counters(1).alerts.read(), 10U);
    EXPECT_EQ(rig.counters(1).alerts_policed.read(), 5U);
    for (int i = 0; i < 5; ++i) { // the other port has its own limit, but the queue is full
        rig.receive(2, rig.frame(Packet{}.bytes()), start);
    }
    EXPECT_EQ(rig.counters(2).alerts.read(), 2U);
    EXPECT_EQ(rig.counters(2).alerts_full.read(), 3U);
    EXPECT_EQ(rig.drops(Drop::wrong_interface), 20U); // whatever became of the alerts
}

// A miss goes up whole, without tag and padding, and installs nothing.
TEST(Worker, PuntsMisses) {
    for (std::size_t segment : {2048U, 13U, 5U}) {
        Rig rig;
        auto tagged = rig.plain(0);
        tagged.vlan = 30;
        rig.publish({{5, tagged}});
        Packet const packet{.payload = 300, .tags = {30}, .padding = 9};
        rig.receive(0, rig.frame(packet.bytes(), segment));
        auto const up = rig.punted(PuntClass::miss);
        ASSERT_TRUE(up.has_value());
        EXPECT_EQ(up->first, IfIndex{5});
        EXPECT_EQ(up->second, Packet{.payload = 300}.bytes());
        EXPECT_EQ(rig.punts(PuntClass::miss), 1U);
        EXPECT_EQ(rig.shared().table.size(), 0U);
    }
}

TEST(Worker, EachClassHasItsOwnQueue) {
    Rig rig;
    rig.publish_plain(1);
    Packet const report{.ttl = 1, .protocol = 2, .data = Octets{0x22, 0, 0, 0}};
    Packet const dvmrp{.ttl = 1, .protocol = 2, .data = Octets{0x13, 0, 0, 0}};
    Packet const query{.ttl = 1, .protocol = 2, .data = Octets{0x11, 0, 0, 0}};
    for (int i = 0; i < 20; ++i) {
        rig.receive(0, report.bytes());
    }
    rig.receive(0, dvmrp.bytes());
    rig.receive(0, query.bytes());
    EXPECT_EQ(rig.punts(PuntClass::igmp), 8U); // its slots
    EXPECT_EQ(rig.drops(Drop::igmp_full), 12U);
    EXPECT_EQ(rig.punts(PuntClass::query), 1U);
    EXPECT_EQ(rig.punts(PuntClass::dvmrp), 1U);
}

// MGM-105: what waits for its entry beyond that is dropped under a name. (It is a queue for each
// worker, not for each entry.)
TEST(Worker, MissesBeyondTheQueueAreCounted) {
    Rig rig;
    rig.publish_plain(1);
    for (int i = 0; i < 70; ++i) {
        rig.receive(0, Packet{}.bytes());
    }
    EXPECT_EQ(rig.punts(PuntClass::miss), 64U); // its slots
    EXPECT_EQ(rig.drops(Drop::miss_full), 6U);
}

// IGMP-124: no word to the sender, and an exact checksum.
TEST(Worker, TtlOneEndsHereTtlTwoGoesOn) {
    Rig rig;
    rig.publish_plain(2);
    rig.forward_to({1});
    rig.receive(0, Packet{.ttl = 1}.bytes());
    EXPECT_TRUE(rig.sent(1).empty());
    rig.receive(0, Packet{.ttl = 2}.bytes());
    auto const sent = rig.sent(1);
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].bytes, test::forwarded(Packet{.ttl = 2}, test::k_router_mac, 0));
    EXPECT_EQ(sent[0].bytes[14 + 8], 1);
    EXPECT_EQ(rig.totals().frames_sent, 1U);
}

TEST(Worker, PuntTooLong) {
    RigOptions options;
    options.sizes.slot_bytes = 512;
    Rig rig{options};
    rig.publish_plain(1);
    rig.receive(0, Packet{.payload = 478}.bytes()); // 512 bytes
    rig.receive(0, Packet{.payload = 479}.bytes());
    EXPECT_EQ(rig.punts(PuntClass::miss), 1U);
    EXPECT_EQ(rig.drops(Drop::punt_too_long), 1U);
}

TEST(Worker, PolicesPuntsByPortAndClass) {
    RigOptions options;
    options.limits = {.dvmrp = 0, .igmp = 0, .miss = 40, .host = 0}; // bursts of ten
    Rig rig{options};
    rig.publish_plain(2);
    TimePoint const start{1s};
    for (int i = 0; i < 15; ++i) {
        rig.receive(0, rig.frame(Packet{}.bytes()), start);
    }
    EXPECT_EQ(rig.punts(PuntClass::miss), 10U);
    EXPECT_EQ(rig.drops(Drop::miss_policed), 5U);
    rig.receive(1, rig.frame(Packet{.source = Ipv4::of(10, 0, 1, 9)}.bytes()), start);
    EXPECT_EQ(rig.punts(PuntClass::miss), 11U);                // the other port is not punished
    rig.receive(0, rig.frame(Packet{}.bytes()), start + 25ms); // one packet's time
    rig.receive(0, rig.frame(Packet{}.bytes()), start + 25ms);
    EXPECT_EQ(rig.punts(PuntClass::miss), 12U);
}

TEST(Policer, KeepsItsRate) {
    Policer policer{100, 1'000'000};
    int passed = 0;
    for (std::uint64_t now = 0; now < 10'000'000; now += 1000) {
        passed += policer.passes(now) ? 1 : 0;
    }
    EXPECT_EQ(passed, 1000 + 24);
    Policer unlimited;
    EXPECT_TRUE(unlimited.passes(0) && unlimited.passes(0));
}

TEST(Worker, SendsControlsOwnFrames) {
    Rig rig;
    auto tagged = rig.plain(1);
    tagged.vlan = 77;
    auto down = rig.plain(2);
    down.up = false;
    rig.publish({{0, rig.plain(0)}, {1, tagged}, {2, down}});
    Octets const query = Packet{.ttl = 1, .protocol = 2}.bytes();
    rig.inject(0, Injection::transmit, query);
    rig.inject(1, Injection::transmit, query);
    rig.inject(2, Injection::transmit, query); // down
    rig.inject(9, Injection::transmit, query); // not there
    rig.inject(0, Injection::transmit, {1, 2, 3});
    EXPECT_TRUE(rig.worker().poll_once());
    EXPECT_EQ(rig.sent(0).at(0).bytes, query);
    EXPECT_EQ(rig.sent(1).at(0).bytes, (Packet{.ttl = 1, .protocol = 2, .tags = {77}}.bytes()));
    EXPECT_EQ(rig.counters(1).injected.read(), 1U);
    EXPECT_EQ(rig.counters(2).inject_dropped.read(), 1U);
    EXPECT_EQ(rig.counters(9).inject_dropped.read(), 1U);
    EXPECT_EQ(rig.counters(0).inject_dropped.read(), 1U);
    EXPECT_EQ(rig.totals().frames_sent, 0U); // not multicast data
}

// The first packet of a flow is not lost: it comes back and leaves by the new entry.
TEST(Worker, ForwardsParkedPackets) {
    Rig rig;
    auto tagged = rig.plain(0);
    tagged.vlan = 30;
    auto jumbo = rig.plain(1);
    jumbo.mtu = 9000;
    rig.publish({{0, tagged}, {1, jumbo}});
    Packet const first{.payload = 8000, .tags = {30}};
    rig.receive(0, first.bytes());
    auto const parked = rig.punted(PuntClass::miss);
    ASSERT_TRUE(parked.has_value());
    rig.forward_to({1});
    rig.inject(0, Injection::reinject, parked->second);
    rig.worker().poll_once();
    EXPECT_EQ(rig.sent(1).at(0).bytes, forwarded(first, k_router_mac, 0));
    EXPECT_EQ(rig.totals().reinjected, 1U);
    EXPECT_EQ(rig.totals().forwarded, 1U);
    // Its entry is gone again: it does not go up a second time.
    rig.publisher().withdraw({test::k_source, test::k_group});
    rig.inject(0, Injection::reinject, parked->second);
    rig.worker().poll_once();
    EXPECT_EQ(rig.drops(Drop::reinject_miss), 1U);
    EXPECT_EQ(rig.punts(PuntClass::miss), 1U);
}

TEST(Worker, InjectionWithoutBuffers) {
    Rig rig;
    rig.publish_plain(2);
    rig.forward_to({1});
    std::vector<rte_mbuf*> taken;
    while (rte_mbuf* const one = rte_pktmbuf_alloc(rig.pools().control())) {
        taken.push_back(one);
    }
    rig.inject(0, Injection::reinject, Packet{}.bytes());
    rig.inject(0, Injection::transmit, Packet{}.bytes());
    rig.worker().poll_once();
    EXPECT_EQ(rig.counters(0).inject_dropped.read(), 2U);
    EXPECT_EQ(rig.totals().reinjected, 0U);
    rte_pktmbuf_free_bulk(taken.data(), static_cast<unsigned>(taken.size()));
}

// A port with one transmit queue and two workers: the second passes its frames to the first.
TEST(Worker, RelaysToTheOwnerOfTheQueue) {
    Rig rig{RigOptions{.workers = 2}};
    rig.publish_plain(3);
    rig.forward_to({1, 2});
    rte_mbuf* frame = rig.frame(Packet{}.bytes());
    rig.worker(1).process(PortId{0}, &frame, 1, {});
    rig.worker(1).finish_turn();
    EXPECT_TRUE(rig.sent(1).empty());
    EXPECT_TRUE(rig.worker(0).poll_once());
    EXPECT_EQ(rig.sent(1).at(0).bytes, forwarded(Packet{}, k_router_mac, 0));
    EXPECT_EQ(rig.counters(1).frames_sent.read(), 1U); // counted by who sent it
    // The relay holds 63; what does not fit is counted by who could not pass it.
    for (int i = 0; i < 70; ++i) {
        frame = rig.frame(Packet{}.bytes());
        rig.worker(1).process(PortId{0}, &frame, 1, {});
    }
    rig.worker(1).finish_turn();
    EXPECT_EQ(rig.copy_drops(CopyDrop::tx_full), 14U);
    rig.worker(0).poll_once();
    EXPECT_EQ(rig.sent(2).size(), 64U);
    // Late frames are counted as not sent.
    frame = rig.frame(Packet{}.bytes());
    rig.worker(1).process(PortId{0}, &frame, 1, {});
    rig.worker(1).finish_turn();
    rig.worker(0).drain_relays();
    EXPECT_EQ(rig.copy_drops(CopyDrop::tx_full), 16U);
}

// Two threads at work while control replaces entries: nothing is lost track of, every old version
// is freed, and both report quiescent points.
TEST(Worker, TwoRunningWorkersShareAPort) {
    Rig rig{RigOptions{.workers = 2, .idle = platform::Idle::yield}};
    rig.publish_plain(4);
    FlowKey const other{Ipv4::of(10, 0, 3, 9), test::k_group};
    auto const publish = [&](IfSet const& outputs) {
        rig.publish_entry(
            {.key = {test::k_source, test::k_group}, .arrival = IfIndex{0}, .outputs = outputs});
        rig.publish_entry({.key = other, .arrival = IfIndex{3}, .outputs = outputs});
    };
    publish({IfIndex{1}});
    platform::Lcores cores;
    for (std::uint16_t w = 0; w < 2; ++w) {
        auto const run = [&rig, w](platform::StopFlag const& stop) { rig.worker(w).run(stop); };
        ASSERT_TRUE(cores.launch(WorkerId{w}, run).has_value());
    }
    auto const deadline = std::chrono::steady_clock::now() + 20s;
    auto const in_time = [&] { return std::chrono::steady_clock::now() < deadline; };
    std::uint64_t enqueued = 0;
    for (int round = 0; round < 100; ++round) {
        for (int i = 0; i < 4; ++i, enqueued += 2) {
            rig.enqueue(0, rig.frame(Packet{}.bytes()));
            rig.enqueue(3, rig.frame(Packet{.source = other.source}.bytes()));
        }
        publish(round % 2 == 0 ? IfSet{IfIndex{1}, IfIndex{2}} : IfSet{IfIndex{1}});
        rig.publisher().reclaim(1000);
        while (rig.totals().received < enqueued && in_time()) {
            std::this_thread::yield();
        }
        rig.sent(1);
        rig.sent(2);
        rig.release();
    }
    auto const last = rig.grace().start();
    while (!rig.grace().passed(last) && in_time()) {
        std::this_thread::yield();
    }
    EXPECT_TRUE(rig.grace().passed(last)); // while they run
    cores.stop();
    cores.join();
    rig.worker(0).drain_relays();
    rig.publisher().reclaim(1000);
    EXPECT_EQ(rig.publisher().retired(), 0U);
    EXPECT_EQ(rig.totals().received, enqueued);
    EXPECT_EQ(rig.totals().forwarded, enqueued);
    EXPECT_TRUE(rig.grace().passed(rig.grace().start())); // offline again
}

Octets random_packet(Random& random) {
    Packet packet{.ttl = static_cast<std::uint8_t>(random.below(256)),
                  .payload = random.below(600),
                  .padding = random.below(40)};
    Ipv4 const groups[] = {test::k_group,
                           Ipv4::of(224, 0, 0, 1),
                           Ipv4::of(239, 9, 9, 9),
                           Ipv4::of(10, 0, 0, 1),
                           {static_cast<std::uint32_t>(random())}};
    packet.group = groups[random.below(2) * random.below(5)]; // mostly the first
    packet.protocol = random.below(4) == 0 ? 2 : 17;
    packet.source =
        random.below(4) == 0 ? Ipv4{static_cast<std::uint32_t>(random())} : test::k_source;
    packet.dont_fragment = random.below(2) == 0;
    packet.options.resize(random.below(2) * random.below(11) * 4);
    for (auto& octet : packet.options) {
        octet = static_cast<std::uint8_t>(random.below(64) == 0 ? random() : 1);
    }
    packet.tags.resize(random.below(2) * random.below(3),
                       static_cast<std::uint16_t>(random.below(2) * 100));
    Octets bytes = packet.bytes();
    for (std::uint64_t flips = random.below(2) * random.below(3); flips > 0; --flips) {
        bytes[random.below(bytes.size())] = static_cast<std::uint8_t>(random());
    }
    if (random.below(2) == 0 && bytes.size() > packet.link_length() + 60) {
        test::fix_checksum(bytes, packet.link_length()); // so that deeper checks are reached
    }
    if (random.below(8) == 0) {
        bytes.resize(1 + random.below(bytes.size()));
    }
    return bytes;
}

// A thousand random frames: no crash, each in exactly one named counter.
TEST(Worker, SurvivesHostileInput) {
    // --gtest_random_seed=N repeats a run.
    auto const given = static_cast<std::uint64_t>(testing::UnitTest::GetInstance()->random_seed());
    std::uint64_t const seed = given != 0 ? given : std::random_device{}() % 99999 + 1;
    fmt::print("seed {}\n", seed);
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random{seed};
    Rig rig;
    auto tagged = rig.plain(0);
    tagged.vlan = 100;
    auto small = rig.plain(1);
    small.mtu = 300;
    auto own = rig.plain(2);
    own.mac = test::k_own_mac;
    rig.publish({{0, rig.plain(0)}, {1, small}, {2, own}, {3, tagged}, {4, rig.plain(4)}});
    rig.forward_to({1, 2, 3, 4});
    for (int i = 0; i < 1000; ++i) {
        rig.receive(0, rig.frame(random_packet(random), 1 + random.below(300)));
        auto const now = rig.totals();
        ASSERT_EQ(now.received, static_cast<std::uint64_t>(i) + 1);
        ASSERT_EQ(now.forwarded + now.drops + now.punted, now.received);
        ASSERT_EQ(now.copies + now.fragments, now.frames_sent + now.copy_drops);
        for (std::uint16_t port = 0; port < 5; ++port) {
            rig.sent(port);
        }
        rig.release();
        while (rig.punted(PuntClass::miss) || rig.punted(PuntClass::igmp)) {
        }
    }
    EXPECT_GT(rig.totals().forwarded, 50U); // the generator reaches every stage
    EXPECT_GT(rig.totals().drops, 100U);
    EXPECT_GT(rig.totals().punted, 10U);
}

} // namespace
} // namespace mcast::dataplane
