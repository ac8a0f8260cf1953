// A tunnel over lan1, by way of a gateway there; lan0 and lan2 run DVMRP as well.
//
//   U .9 -- [lan0]        [lan1] -- gateway .254 -- ... -- 198.51.100.7
//                  router
//                         [lan2] -- hosts
#include "dvmrp_world.h"

#include "mcast/mgm/group_manager.h"

#include <gmock/gmock.h>

namespace mcast::control {
namespace {

using testing::HasSubstr;

constexpr IfIndex k_tunnel{3};
constexpr Ipv4 k_remote = Ipv4::of(198, 51, 100, 7);
constexpr Ipv4 k_gateway = Ipv4::of(10, 0, 1, 254);
constexpr Mac k_gateway_mac{{0x02, 0, 0, 0, 0, 0x54}};

Config with_tunnel(bool beside = false) {
    Config config = dvmrp_everywhere();
    config.interfaces[1].dvmrp_enabled = false;
    config.interfaces[1].igmp_enabled = false;
    InterfaceConfig tunnel;
    tunnel.name = "tun";
    tunnel.address = {ours(k_lan1), 32};
    tunnel.igmp_enabled = false;
    tunnel.dvmrp_enabled = true;
    tunnel.tunnel = {.over = "lan1",
                     .remote = k_remote,
                     .gateway = k_gateway,
                     .ttl = 40,
                     .control_beside = beside};
    config.interfaces.push_back(tunnel);
    return config;
}

class Tunnelled : public Dvmrp {
public:
    explicit Tunnelled(Config const& config = with_tunnel()) : Dvmrp(config) {}

    void gateway_answers() {
        punt(PuntClass::host, k_lan1,
             arp_frame({wire::ArpOperation::reply, k_gateway_mac, k_gateway, k_router_mac,
                        ours(k_lan1)}));
        settle();
    }
    // As a worker sends it up, whichever way it came.
    void say_from_far(Body body) {
        std::array<std::uint8_t, 1500> room{};
        wire::Writer out(room);
        Message const message{
            .capabilities = k_capabilities, .version = {}, .body = std::move(body)};
        ASSERT_TRUE(
            wire::build_dvmrp_frame({k_gateway_mac, k_remote, {}}, k_all_routers, 1, message, out));
        punt(PuntClass::dvmrp, k_tunnel, {out.written().begin(), out.written().end()});
        settle();
    }
    void far_end_is_there() {
        gateway_answers();
        say_from_far(Probe{1, {ours(k_lan1)}});
    }
    std::vector<Frame> through_tunnel() {
        std::vector<Frame> frames;
        for (Injected& it : injected()) {
            if (it.interface == k_tunnel) {
                frames.push_back(std::move(it.bytes));
            }
        }
        return frames;
    }
    handoff::Tunnel const& as_workers_see_it() const {
        return *shared.interfaces.current().interfaces[k_tunnel.index()].tunnel;
    }
};

TEST(ControlTunnel, TheWayIsAskedForAndPublished) {
    Tunnelled world;
    bool asked = false;
    for (Injected const& it : world.injected()) {
        auto const ethernet = wire::decode_ethernet(it.bytes);
        if (it.interface == k_lan1 && ethernet->ether_type == wire::k_ether_arp) {
            asked = wire::decode_arp(wire::Bytes{it.bytes}.subspan(14))->target == k_gateway;
        }
        EXPECT_NE(it.interface, k_tunnel) << "nothing goes there before";
    }
    EXPECT_TRUE(asked);
    EXPECT_GT(world.control.counters().of(Deed::dvmrp_unresolved, k_tunnel), 0U);
    EXPECT_FALSE(world.as_workers_see_it().next_hop);
    world.gateway_answers();
    EXPECT_EQ(world.as_workers_see_it(), (handoff::Tunnel{.over = k_lan1,
                                                          .local = ours(k_lan1),
                                                          .remote = k_remote,
                                                          .ttl = 40,
                                                          .next_hop = k_gateway_mac}));
    world.control.link_changed(PortId{1}, false, world.now);
    world.settle();
    EXPECT_FALSE(world.as_workers_see_it().next_hop);
    EXPECT_FALSE(world.shared.interfaces.current().up.contains(k_tunnel)) << "nor is it up";
}

TEST(ControlTunnel, ItsFramesAreThoseOfTheInterfaceBelow) {
    Config config = with_tunnel();
    config.interfaces[1].vlan = 7;
    config.interfaces[1].mtu = 1400;
    Dvmrp world(config);
    handoff::Interface const& it = world.shared.interfaces.current().interfaces[k_tunnel.index()];
    EXPECT_EQ(it.port, PortId{1});
    EXPECT_EQ(it.vlan, 7);
    EXPECT_EQ(it.mtu, 1380) << "20 bytes for the outer header";
    EXPECT_EQ(it.mac, k_router_mac);
}

// DEC-24: inside for the group, TTL 1 there and what was configured outside.
TEST(ControlTunnel, MessagesGoInside) {
    Tunnelled world;
    world.gateway_answers();
    world.injected();
    world.run_for(seconds{10});
    auto const frames = world.through_tunnel();
    ASSERT_EQ(frames.size(), 1U);
    auto const outer = wire::decode_datagram(frames[0]);
    ASSERT_TRUE(outer);
    EXPECT_EQ(outer->ethernet.destination, k_gateway_mac);
    EXPECT_EQ(outer->ethernet.source, k_router_mac);
    EXPECT_EQ(outer->ip.source, ours(k_lan1));
    EXPECT_EQ(outer->ip.destination, k_remote);
    EXPECT_EQ(outer->ip.protocol, wire::k_protocol_ip_in_ip);
    EXPECT_EQ(outer->ip.ttl, 40);
    auto const inner = wire::decode_ipv4(outer->payload);
    ASSERT_TRUE(inner);
    EXPECT_EQ(inner->source, ours(k_lan1));
    EXPECT_EQ(inner->destination, k_all_routers);
    EXPECT_EQ(inner->ttl, 1);
    auto const message = decode_dvmrp(outer->payload.subspan(inner->header_length));
    ASSERT_TRUE(message);
    EXPECT_TRUE(std::holds_alternative<Probe>(message->body));
}

TEST(ControlTunnel, OrBeside) {
    Tunnelled world(with_tunnel(true));
    world.gateway_answers();
    world.injected();
    world.run_for(seconds{10});
    auto const frames = world.through_tunnel();
    ASSERT_EQ(frames.size(), 1U);
    auto const it = wire::decode_datagram(frames[0]);
    ASSERT_TRUE(it);
    EXPECT_EQ(it->ethernet.destination, k_gateway_mac);
    EXPECT_EQ(it->ip.destination, k_remote);
    EXPECT_EQ(it->ip.protocol, wire::k_protocol_igmp);
    EXPECT_EQ(it->ip.ttl, 40) << "it has a way to go";
}

// What is for one router is no multicast, and needs no tunnel.
TEST(ControlTunnel, AnswersGoBesideInAnyCase) {
    Config config = with_tunnel();
    config.dvmrp->answer_neighbors = true;
    Tunnelled world(config);
    world.far_end_is_there();
    world.injected();
    std::array<std::uint8_t, 1500> room{};
    wire::Writer out(room);
    ASSERT_TRUE(wire::build_dvmrp_frame({k_gateway_mac, k_remote, {}}, ours(k_lan1), 9,
                                        {.capabilities = 0, .version = {}, .body = AskNeighbors2{}},
                                        out, k_router_mac));
    world.punt(PuntClass::dvmrp, k_tunnel, {out.written().begin(), out.written().end()});
    world.settle();
    auto const sent = world.sent();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].ip.destination, k_remote);
    EXPECT_EQ(sent[0].ethernet.destination, k_gateway_mac);
}

TEST(ControlTunnel, IsAWayToSourcesAndMembers) {
    Tunnelled world;
    world.far_end_is_there();
    world.say_from_far(Report{{{k_far, 2}}});
    world.join(k_lan2, k_group);
    world.miss(k_tunnel, udp_frame(k_source, k_group));
    world.settle();
    EXPECT_EQ(world.control.manager().entry(k_flow)->arrival.index, k_tunnel);
    EXPECT_EQ(world.control.manager().entry(k_flow)->upstream, k_remote);
    EXPECT_EQ(world.outputs(), "lan2 ");
    FlowKey const back{host_of(k_lan2), k_group};
    world.say_from_far(Report{{{{Ipv4::of(10, 0, 2, 0), 24}, 2 + k_infinity}}});
    world.packet(back, k_lan2);
    EXPECT_EQ(world.outputs(back), "lan3 ") << "the tunnel";
    auto const rows = world.ask("explain", {to_string(back.source), to_string(k_group)});
    EXPECT_THAT(rows.dump(), HasSubstr("goes inside packets to 198.51.100.7 over lan1"));
    world.control.link_changed(PortId{1}, false, world.now);
    world.control.link_changed(PortId{1}, true, world.now);
    world.settle();
}

TEST(ControlTunnel, NobodyOnTheWayAnswers) {
    Config config = with_tunnel();
    config.interfaces[3].dvmrp_enabled = false;
    config.interfaces[3].static_protocol = true;
    config.groups.push_back({.group = k_group, .source = {}, .interface = "tun"});
    Dvmrp world(config);
    FlowKey const flow{host_of(k_lan2), k_group};
    world.packet(flow, k_lan2);
    EXPECT_EQ(world.outputs(flow), "lan3 ") << "static, without any routing protocol";
    auto const why = world.ask("explain", {to_string(flow.source), to_string(k_group)}).dump();
    EXPECT_THAT(why, HasSubstr("no_next_hop"));
    EXPECT_THAT(why, HasSubstr("10.0.1.254, on the way to the other end of the tunnel, does not"));
}

// Ours is an address of lan1, and no network begins behind the tunnel.
TEST(ControlTunnel, IsNoConnectedNetwork) {
    Tunnelled world;
    auto const route = world.control.manager().explain({ours(k_lan1), k_group}).route;
    ASSERT_TRUE(route);
    EXPECT_EQ(route->interface, k_lan1);
}

TEST(ControlTunnel, IsShown) {
    Tunnelled world;
    auto const row = [&] { return world.ask("show", {"interfaces"}).at(3); };
    EXPECT_EQ(row().at("port"), "p1");
    EXPECT_EQ(row().at("tunnel"), api::Json::parse(R"({"over": "lan1", "local": "10.0.1.1",
        "remote": "198.51.100.7", "gateway": "10.0.1.254", "ttl": 40, "control": "inside",
        "next_hop_mac": null})"));
    world.gateway_answers();
    EXPECT_EQ(row().at("tunnel").at("next_hop_mac"), to_string(k_gateway_mac));
    EXPECT_TRUE(world.ask("show", {"interfaces"}).at(0).at("tunnel").is_null());
    auto const dvmrp = world.ask("show", {"dvmrp", "interfaces"});
    EXPECT_THAT(dvmrp.dump(), HasSubstr(R"("tunnel_to":"198.51.100.7")"));
}

} // namespace
} // namespace mcast::control
