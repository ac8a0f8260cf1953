// Wrong-interface alerts from the worker's queue to who asked for them: RFC 2715 rule 2.
#include "world.h"

#include "mcast/handoff/worker_channel.h"
#include "mcast/mgm/group_manager.h"

#include <algorithm>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcast::control {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr Ipv4 k_group = Ipv4::of(239, 1, 1, 1);
Ipv4 const k_source = host_of(k_lan0);

struct Protocol final : mgm::ProtocolListener {
    void on_wrong_interface(FlowKey key, mgm::InterfaceRef arrived_on,
                            std::span<std::uint8_t const> packet) override {
        told.push_back(to_string(key) + " on " + std::to_string(arrived_on.index.value));
        last.assign(packet.begin(), packet.end());
    }
    std::vector<std::string> told;
    Frame last;
};

Config lan1_is_free() {
    Config config = three_lans();
    config.interfaces[1].static_protocol = false;
    return config;
}

// The flow comes from lan0, is wanted on lan2, and a protocol of the host's owns lan1.
class WrongInterfaceTest : public testing::Test {
protected:
    WrongInterfaceTest() {
        auto registered = world.control.manager().register_component({{7}, 0}, protocol);
        seat = std::move(*registered);
        lease = std::move(*seat.take({k_lan1, {}}));
        world.join(k_lan2, k_group);
        world.miss(k_lan0, frame);
        world.settle();
    }
    // As a worker does it.
    void raise(Frame const& whole, std::size_t worker = 0, IfIndex on = k_lan1) {
        handoff::FrameQueue& queue = world.shared.workers[worker]->alerts;
        handoff::Frame* const slot = queue.acquire();
        if (slot == nullptr) {
            throw std::runtime_error("the test filled the queue of alerts");
        }
        std::size_t const length = std::min(whole.size(), queue.slot_bytes());
        std::copy_n(whole.begin(), length, slot->storage.begin());
        slot->length = static_cast<std::uint32_t>(length);
        slot->interface = on;
        queue.push(slot);
    }
    IfSet alerting() const { return world.shared.interfaces.current().alerting; }

    World world{lan1_is_free(), 2};
    Protocol protocol;
    mgm::Registration seat;
    mgm::InterfaceLease lease;
    Frame const frame = udp_frame(k_source, k_group, std::string(400, 'x'));
};

TEST_F(WrongInterfaceTest, WorkersAreAskedWhileSomebodyAsks) {
    EXPECT_TRUE(alerting().empty());
    std::uint64_t const before = world.control.counters().of(Deed::interfaces_published);
    ASSERT_TRUE(lease.set_wrong_interface_alerts(true));
    world.settle();
    EXPECT_EQ(alerting(), IfSet{k_lan1});
    EXPECT_TRUE(world.ask("show", {"interfaces"})[1]["wrong_interface_alerts"]["on"]);
    world.control.link_changed(PortId{0}, false, world.now); // another reason for a snapshot
    EXPECT_EQ(alerting(), IfSet{k_lan1});
    ASSERT_TRUE(lease.release());
    world.settle();
    EXPECT_TRUE(alerting().empty());
    EXPECT_EQ(world.control.counters().of(Deed::interfaces_published), before + 3);
}

TEST_F(WrongInterfaceTest, OneASecondForEachFlow) {
    ASSERT_TRUE(lease.set_wrong_interface_alerts(true));
    for (int n = 0; n < 10; ++n) { // a worker each in turn: what they raise is one flow's
        raise(frame, n % 2);
    }
    world.settle();
    EXPECT_THAT(protocol.told, testing::ElementsAre("(10.0.0.9, 239.1.1.1) on 1"));
    Frame const head(frame.begin() + 14, frame.begin() + handoff::k_alert_bytes);
    EXPECT_EQ(protocol.last, head);
    world.run_for(999ms);
    raise(frame);
    world.settle();
    EXPECT_EQ(protocol.told.size(), 1U);
    world.run_for(1ms);
    raise(frame);
    world.settle();
    EXPECT_EQ(protocol.told.size(), 2U);
    auto const& counters = world.control.manager().counters();
    EXPECT_EQ(counters.alerts.of(mgm::AlertKind::wrong_interface), 2U);
    EXPECT_EQ(counters.wrong_interface_suppressed, 10U);
    // Alerts are no punts: the packets were dropped and counted by the worker.
    EXPECT_EQ(world.control.counters().judged(), 2U); // the report and the miss
}

TEST_F(WrongInterfaceTest, NothingAfterTheLease) {
    ASSERT_TRUE(lease.set_wrong_interface_alerts(true));
    raise(frame);
    lease = {};
    world.settle();
    EXPECT_TRUE(protocol.told.empty());
    EXPECT_EQ(world.control.manager().counters().wrong_interface_stale, 1U);
}

TEST_F(WrongInterfaceTest, HeadsThatAreNone) {
    ASSERT_TRUE(lease.set_wrong_interface_alerts(true));
    Frame bad_sum = frame;
    bad_sum[24] ^= 1U;
    Frame not_ip = frame;
    not_ip[12] = 0x86;
    for (Frame const& bad : {Frame{}, Frame(frame.begin(), frame.begin() + 33), bad_sum, not_ip}) {
        raise(bad);
    }
    raise(frame, 0, k_no_interface);
    raise(frame, 1, k_lan0); // expected there
    world.settle();
    EXPECT_TRUE(protocol.told.empty());
    EXPECT_EQ(world.control.counters().of(Deed::alerts_unreadable), 4U);
    EXPECT_EQ(world.control.manager().counters().wrong_interface_stale, 2U);
    EXPECT_EQ(world.shared.workers[0]->alerts.waiting(), 0U);
}

} // namespace
} // namespace mcast::control
