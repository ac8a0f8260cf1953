#include "packet.h"

#include "mcast/dataplane/classify.h"

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include <gtest/gtest.h>

namespace mcast::dataplane {
namespace {

using handoff::Drop;
using handoff::PuntClass;
using test::Octets;
using test::Packet;

// Port 0: interface 0 untagged 10.0.0.1/24 (own MAC) with a boundary, interface 1 VLAN 100.
// Port 1: interface 2 untagged, down.  Port 2: only VLAN 7, interface 3, without boundaries.
handoff::InterfaceTable const& table() {
    static auto const made = [] {
        auto t = std::make_unique<handoff::InterfaceTable>();
        t->router_mac = test::k_router_mac;
        handoff::Interface a;
        a.up = true;
        a.mac = test::k_own_mac;
        a.address = {Ipv4::of(10, 0, 0, 1), 24};
        a.boundaries = {{Ipv4::of(239, 192, 0, 0), 14}};
        t->add(IfIndex{0}, a);
        a.vlan = 100;
        a.address = {Ipv4::of(10, 0, 1, 1), 31};
        t->add(IfIndex{1}, a);
        handoff::Interface down;
        down.port = PortId{1};
        down.mac = test::k_router_mac;
        t->add(IfIndex{2}, down);
        handoff::Interface tagged;
        tagged.port = PortId{2};
        tagged.vlan = 7;
        tagged.up = true;
        tagged.mac = test::k_router_mac;
        t->add(IfIndex{3}, tagged);
        t->dvmrp.insert(IfIndex{0}); // and not on interface 1
        return t;
    }();
    return *made;
}

Verdict judge(Octets const& bytes, std::uint16_t port = 0) {
    return classify({bytes, bytes.size()}, PortId{port}, table());
}

struct Case {
    std::string name;
    Octets bytes;
    Drop drop = Drop::none;
    std::uint16_t port = 0;
};

std::ostream& operator<<(std::ostream& out, Case const& c) {
    return out << c.name;
}

Octets with(Packet const& packet, std::function<void(Octets&)> const& change, bool fix = true) {
    Octets bytes = packet.bytes();
    change(bytes);
    if (fix) {
        test::fix_checksum(bytes, packet.link_length());
    }
    return bytes;
}

Octets first(Octets bytes, std::size_t length) {
    bytes.resize(length);
    return bytes;
}

std::vector<Case> cases() {
    Packet const good;
    auto const from = [](Ipv4 source) { return Packet{.source = source}.bytes(); };
    auto const group = [](Ipv4 to) { return Packet{.group = to}.bytes(); };
    return {
        {"good", good.bytes()},
        {"padded", Packet{.padding = 40}.bytes()},
        {"priority_tag", Packet{.tags = {0x6000}}.bytes()},
        {"vlan_100", Packet{.tags = {0x2064}}.bytes()},
        {"router_mac", Packet{.to = test::k_router_mac}.bytes()},
        {"own_mac", Packet{.to = test::k_own_mac}.bytes()},
        {"broadcast_mac", Packet{.to = Mac::broadcast()}.bytes()},
        {"ttl_is_judged_later", Packet{.ttl = 1}.bytes()},
        {"fragment", Packet{.fragment_field = 0x2010}.bytes()},                // F17, IGMP-133
        {"router_alert", Packet{.options = {0x94, 4, 0, 0}}.bytes()},          // F14
        {"record_route", Packet{.options = {7, 7, 4, 0, 0, 0, 0, 0}}.bytes()}, // F15
        {"options_after_end", Packet{.options = {0, 131, 0, 0}}.bytes()},
        // frame
        {"empty", {}, Drop::short_frame},
        {"runt", first(good.bytes(), 13), Drop::short_frame},
        {"half_a_tag", first(Packet{.tags = {100}}.bytes(), 17), Drop::short_frame},
        {"no_header", first(good.bytes(), 14), Drop::short_frame},
        {"half_a_header", first(good.bytes(), 33), Drop::short_frame},
        {"truncated", first(good.bytes(), 14 + 119), Drop::short_frame},
        {"options_missing", first(Packet{.payload = 0, .options = Octets(40, 1)}.bytes(), 14 + 40),
         Drop::short_frame},
        {"unknown_vlan", Packet{.tags = {101}}.bytes(), Drop::unknown_vlan},
        {"no_untagged_interface", good.bytes(), Drop::unknown_vlan, 2},
        {"unconfigured_port", good.bytes(), Drop::unknown_vlan, 9},
        {"down", good.bytes(), Drop::interface_down, 1},
        {"two_tags", Packet{.tags = {100, 5}}.bytes(), Drop::not_ipv4},
        {"two_tags_unknown_outer", Packet{.tags = {999, 5}}.bytes(), Drop::not_ipv4},
        {"service_tag", Packet{.tags = {100}, .tag_type = 0x88a8}.bytes(), Drop::not_ipv4},
        {"ipv6", Packet{.ether_type = 0x86dd}.bytes(), Drop::not_ipv4},
        {"length_field", Packet{.ether_type = 0x0026}.bytes(), Drop::not_ipv4},
        // F1
        {"version", with(good, [](Octets& b) { b[14] = 0x65; }), Drop::bad_version},
        {"ihl_4", with(good, [](Octets& b) { b[14] = 0x44; }), Drop::bad_header_length},
        {"ihl_beyond_total",
         with(
             Packet{.payload = 0}, [](Octets& b) { b[14] = 0x46; }, false),
         Drop::bad_total_length},
        {"total_below_header", with(good, [](Octets& b) { b[16] = 0, b[17] = 19; }),
         Drop::bad_total_length},
        {"total_beyond_frame", with(good, [](Octets& b) { b[17] = 121; }), Drop::short_frame},
        {"checksum",
         with(
             good, [](Octets& b) { b[24] ^= 1; }, false),
         Drop::bad_header_checksum},
        {"checksum_over_options",
         with(
             Packet{.options = {1, 1, 1, 1}}, [](Octets& b) { b[35] ^= 1; }, false),
         Drop::bad_header_checksum},
        // F3, F4, IGMP-123
        {"link_local", group(Ipv4::of(224, 0, 0, 251)), Drop::link_local_group},
        {"link_local_ttl_255", Packet{.group = Ipv4::of(224, 0, 0, 5), .ttl = 255}.bytes(),
         Drop::link_local_group},
        {"internetwork_control", group(Ipv4::of(224, 0, 1, 1))},
        {"group_zero", group(Ipv4::of(224, 0, 0, 0)), Drop::reserved_group},
        {"class_e", group(Ipv4::of(240, 0, 0, 1)), Drop::reserved_group},
        {"unicast", Packet{.group = Ipv4::of(10, 9, 9, 9), .to = test::k_own_mac}.bytes(),
         Drop::not_for_us},
        {"our_address_other_mac",
         Packet{.group = Ipv4::of(10, 0, 0, 1), .to = test::k_sender_mac}.bytes(),
         Drop::not_for_us},
        {"our_address_broadcast_mac",
         Packet{.group = Ipv4::of(10, 0, 0, 1), .to = Mac::broadcast()}.bytes(), Drop::not_for_us},
        // F5, F20, IGMP-130
        {"source_zero", from(Ipv4::of(0, 0, 0, 0)), Drop::martian_source},
        {"source_loopback", from(Ipv4::of(127, 0, 0, 1)), Drop::martian_source},
        {"source_link_local", from(Ipv4::of(169, 254, 3, 4)), Drop::martian_source},
        {"source_class_d", from(Ipv4::of(239, 1, 1, 1)), Drop::martian_source},
        {"source_class_e", from(Ipv4::of(250, 1, 1, 1)), Drop::martian_source},
        {"source_broadcast", from(Ipv4::of(255, 255, 255, 255)), Drop::martian_source},
        {"source_directed_broadcast", from(Ipv4::of(10, 0, 0, 255)), Drop::martian_source},
        {"source_own", from(Ipv4::of(10, 0, 0, 1)), Drop::own_source},
        {"source_own_elsewhere", from(Ipv4::of(10, 0, 1, 1)), Drop::own_source},
        {"slash_31_has_no_broadcast",
         Packet{.source = Ipv4::of(10, 0, 1, 0), .tags = {100}}.bytes()},
        {"host_packet_from_loopback",
         Packet{.source = Ipv4::of(127, 0, 0, 1),
                .group = Ipv4::of(10, 0, 0, 1),
                .to = test::k_own_mac}
             .bytes(),
         Drop::martian_source},
        // F6, F7, F8
        {"foreign_mac", Packet{.to = test::k_sender_mac}.bytes(), Drop::unicast_mac},
        {"lsrr", Packet{.options = {131, 3, 4, 0}}.bytes(), Drop::source_routed},
        {"ssrr_after_nop", Packet{.options = {1, 137, 3, 4}}.bytes(), Drop::source_routed},
        {"option_length_zero", Packet{.options = {7, 0, 0, 0}}.bytes(), Drop::bad_header_length},
        {"option_too_long", Packet{.options = {7, 5, 0, 0}}.bytes(), Drop::bad_header_length},
        {"option_without_length", Packet{.options = {1, 1, 1, 7}}.bytes(), Drop::bad_header_length},
        {"boundary", group(Ipv4::of(239, 193, 0, 1)), Drop::boundary_in},
        {"boundary_local_scope", group(Ipv4::of(239, 255, 0, 1)), Drop::boundary_in},
        {"no_boundary_here", Packet{.group = Ipv4::of(239, 255, 0, 1), .tags = {7}}.bytes(),
         Drop::none, 2},
        {"igmp_foreign_mac", Packet{.protocol = 2, .to = test::k_sender_mac}.bytes(),
         Drop::unicast_mac},
        {"igmp_to_somebody",
         Packet{.group = Ipv4::of(10, 0, 0, 9), .protocol = 2, .to = test::k_own_mac}.bytes(),
         Drop::not_for_us},
        {"arp_foreign_mac", Packet{.to = test::k_sender_mac, .ether_type = 0x0806}.bytes(),
         Drop::not_for_us},
    };
}

class ClassifyTable : public testing::TestWithParam<Case> {};

TEST_P(ClassifyTable, HasExactlyThisVerdict) {
    Verdict const verdict = judge(GetParam().bytes, GetParam().port);
    EXPECT_EQ(name_of(verdict.drop), name_of(GetParam().drop));
    EXPECT_EQ(verdict.action, GetParam().drop == Drop::none ? Action::forward : Action::drop);
}

INSTANTIATE_TEST_SUITE_P(Rules, ClassifyTable, testing::ValuesIn(cases()),
                         [](auto const& test) { return test.param.name; });

TEST(Classify, FillsTheVerdict) {
    Packet const packet{.ttl = 9, .dont_fragment = true, .tags = {100}, .options = {1, 1, 1, 0}};
    Verdict const v = judge(packet.bytes());
    EXPECT_EQ(v.action, Action::forward);
    EXPECT_EQ(v.arrival, IfIndex{1});
    EXPECT_EQ(v.key, (FlowKey{test::k_source, test::k_group}));
    EXPECT_EQ(v.ttl, 9);
    EXPECT_TRUE(v.dont_fragment);
    EXPECT_EQ(v.link_length, 18);
    EXPECT_EQ(v.header_length, 24);
    EXPECT_EQ(v.total_length, 124);
}

struct PuntCase {
    std::string name;
    Octets bytes;
    PuntClass to;
};

// DVMRP-132: where it does not run it reaches no queue, by whatever destination; and nothing else
// is taken for it.
TEST(Classify, DvmrpWhereItDoesNotRun) {
    Ipv4 const here = Ipv4::of(10, 0, 1, 1);
    Ipv4 const routers = Ipv4::of(224, 0, 0, 4);
    Packet const all[] = {
        {.group = routers, .ttl = 1, .protocol = 2, .tags = {100}, .data = Octets{0x13, 1, 0, 0}},
        {.group = routers,
         .protocol = 2,
         .tags = {100},
         .options = {0x94, 4, 0, 0},
         .data = Octets{0x13}},
        {.group = here, .protocol = 2, .to = test::k_own_mac, .tags = {100}, .data = Octets{0x13}},
    };
    for (Packet const& packet : all) {
        Verdict const verdict = judge(packet.bytes());
        EXPECT_EQ(verdict.action, Action::drop);
        EXPECT_EQ(verdict.drop, Drop::dvmrp_not_running) << name_of(verdict.drop);
        EXPECT_EQ(verdict.arrival, IfIndex{1});
    }
    Packet const report{.ttl = 1, .protocol = 2, .tags = {100}, .data = Octets{0x22, 0, 0, 0}};
    EXPECT_EQ(judge(report.bytes()).punt, PuntClass::igmp);
}

TEST(Classify, Punts) {
    Ipv4 const here = Ipv4::of(10, 0, 0, 1);
    PuntCase const all[] = {
        // F2, IGMP-132: IGMP never goes further, whatever the group and TTL.
        {"report", Packet{.ttl = 1, .protocol = 2, .data = Octets{0x22, 0, 0, 0}}.bytes(),
         PuntClass::igmp},
        {"from zero", Packet{.source = {}, .protocol = 2, .data = Octets{0x16, 0, 0, 0}}.bytes(),
         PuntClass::igmp},
        {"query", Packet{.ttl = 1, .protocol = 2, .data = Octets{0x11, 0, 0, 0}}.bytes(),
         PuntClass::query},
        {"query with router alert, tagged",
         Packet{.protocol = 2, .tags = {100}, .options = {0x94, 4, 0, 0}, .data = Octets{0x11}}
             .bytes(),
         PuntClass::query},
        {"not the first fragment of a query",
         Packet{.protocol = 2, .fragment_field = 0x0001, .data = Octets{0x11}}.bytes(),
         PuntClass::igmp},
        {"dvmrp", Packet{.protocol = 2, .data = Octets{0x13, 1, 0, 0}}.bytes(), PuntClass::dvmrp},
        {"dvmrp with options",
         Packet{.protocol = 2, .options = {0x94, 4, 0, 0}, .data = Octets{0x13}}.bytes(),
         PuntClass::dvmrp},
        {"dvmrp behind the longest header",
         Packet{.protocol = 2, .options = Octets(40, 1), .data = Octets{0x13}}.bytes(),
         PuntClass::dvmrp},
        {"unicast dvmrp",
         Packet{.group = here, .protocol = 2, .to = test::k_own_mac, .data = Octets{0x13}}.bytes(),
         PuntClass::dvmrp},
        {"no payload, 0x13 in the padding",
         with(Packet{.protocol = 2, .payload = 0, .padding = 1}, [](Octets& b) { b[34] = 0x13; }),
         PuntClass::igmp},
        {"not the first fragment",
         Packet{.protocol = 2, .fragment_field = 0x0001, .data = Octets{0x13}}.bytes(),
         PuntClass::igmp},
        {"ping", Packet{.group = here, .protocol = 1, .to = test::k_own_mac}.bytes(),
         PuntClass::host},
        {"arp broadcast", Packet{.to = Mac::broadcast(), .ether_type = 0x0806}.bytes(),
         PuntClass::host},
        {"arp reply", Packet{.to = test::k_router_mac, .ether_type = 0x0806}.bytes(),
         PuntClass::host},
    };
    for (PuntCase const& c : all) {
        Verdict const verdict = judge(c.bytes);
        EXPECT_EQ(verdict.action, Action::punt) << c.name << ": " << name_of(verdict.drop);
        EXPECT_EQ(verdict.punt, c.to) << c.name;
    }
}

// Every prefix of a frame is judged without reading behind its end (run under AddressSanitizer),
// also when only the head is at hand.
TEST(Classify, ReadsNothingBehindTheEnd) {
    for (Packet const& packet :
         {Packet{.tags = {100}, .options = Octets(40, 1)}, Packet{.protocol = 2}, Packet{}}) {
        Octets const whole = packet.bytes();
        for (std::size_t n = 0; n < whole.size(); ++n) {
            auto const copy = std::make_unique<std::uint8_t[]>(n);
            std::copy_n(whole.begin(), n, copy.get());
            EXPECT_EQ(classify({{copy.get(), n}, n}, PortId{0}, table()).drop, Drop::short_frame);
            (void)classify({{copy.get(), n}, whole.size()}, PortId{0}, table());
        }
    }
}

} // namespace
} // namespace mcast::dataplane
