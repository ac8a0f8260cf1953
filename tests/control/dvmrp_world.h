// DVMRP at the manager's table. lan0 leads to the router U above, which has the way to the sources;
// behind lan1 is the router D, which depends on us; lan2 has hosts alone.
//
//   10.9.0.0/24 -- U .9 -- [lan0]  [lan1] -- D .9
//                            router
//                            [lan2] -- hosts
#pragma once

#include "world.h"

#include "mcast/dvmrp/engine.h"
#include "mcast/wire/dvmrp.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace mcast::control {

using namespace wire::dvmrp;
using handoff::PuntClass;
using std::chrono::seconds;

inline constexpr Ipv4 k_group = Ipv4::of(239, 1, 1, 1);
inline constexpr Ipv4 k_source = Ipv4::of(10, 9, 0, 5);
inline constexpr Ipv4Prefix k_far{Ipv4::of(10, 9, 0, 0), 24};
inline constexpr FlowKey k_flow{k_source, k_group};
inline constexpr std::uint8_t k_capabilities = 0x0e;

inline Config dvmrp_everywhere() {
    Config config = three_lans();
    config.dvmrp.emplace();
    for (InterfaceConfig& interface : config.interfaces) {
        interface.static_protocol = false;
        interface.dvmrp_enabled = true;
    }
    return config;
}

inline Ipv4 ours(IfIndex i) {
    return Ipv4::of(10, 0, static_cast<std::uint8_t>(i.value), 1);
}

struct Sent {
    IfIndex interface{};
    wire::EthernetHeader ethernet{};
    wire::Ipv4Header ip{};
    Message message{};
};

class Dvmrp : public World {
public:
    explicit Dvmrp(Config const& config = dvmrp_everywhere()) : World(config) { settle(); }

    // In control's queue.
    void queue(IfIndex on, Body body, Ipv4 to = k_all_routers) {
        std::array<std::uint8_t, 1500> room{};
        wire::Writer out(room);
        Message const message{
            .capabilities = k_capabilities, .version = {}, .body = std::move(body)};
        ASSERT_TRUE(wire::build_dvmrp_frame({k_host_mac, host_of(on), {}}, to, 1, message, out,
                                            k_router_mac));
        punt(PuntClass::dvmrp, on, {out.written().begin(), out.written().end()});
    }
    void say(IfIndex on, Body body, Ipv4 to = k_all_routers) {
        queue(on, std::move(body), to);
        settle();
    }
    void probe(IfIndex on, std::uint32_t generation = 1) { say(on, Probe{generation, {ours(on)}}); }
    using World::report;
    void report(IfIndex on, Ipv4Prefix prefix, std::uint8_t metric) {
        say(on, Report{{{prefix, metric}}});
    }
    // Both neighbours are there, the route too, and D depends on us.
    void converge() {
        probe(k_lan0);
        probe(k_lan1);
        report(k_lan0, k_far, 2);
        report(k_lan1, k_far, 4 + k_infinity);
        sent();
    }
    void packet(FlowKey flow = k_flow, IfIndex on = k_lan0) {
        miss(on, udp_frame(flow.source, flow.group));
        settle();
    }
    std::string outputs(FlowKey flow = k_flow) const {
        auto const* const it = entry(flow);
        if (it == nullptr) {
            return "no entry";
        }
        std::string text;
        it->outputs.for_each([&](IfIndex i) { text += "lan" + std::to_string(i.value) + " "; });
        return text;
    }
    std::vector<Sent> sent() {
        std::vector<Sent> all;
        for (Injected const& frame : injected()) {
            auto const datagram = wire::decode_datagram(frame.bytes);
            if (!datagram || datagram->ip.protocol != wire::k_protocol_igmp ||
                datagram->payload.front() != 0x13) {
                continue;
            }
            auto const message = decode_dvmrp(datagram->payload);
            if (!message) {
                ADD_FAILURE() << name_of(message.error());
                continue;
            }
            all.push_back({frame.interface, datagram->ethernet, datagram->ip, *message});
        }
        return all;
    }
    // "prune lan0 graft lan0 ": of those kinds, in order.
    template <class... Kind>
    std::string texts() {
        std::string text;
        for (Sent const& it : sent()) {
            if ((std::holds_alternative<Kind>(it.message.body) || ...)) {
                text += std::string(name_of(it.message.body)) + " lan" +
                        std::to_string(it.interface.value) + " ";
            }
        }
        return text;
    }
    std::string prunes_and_grafts() { return texts<Prune, Graft>(); }
};

} // namespace mcast::control
