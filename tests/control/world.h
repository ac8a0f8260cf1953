// A control core in a struct: the queues that workers would fill and empty, a time that is a
// variable, a grace period that ends when told to. Three links of one router:
//
//   10.0.0.0/24 -- [lan0 .1]    [lan1 .1] -- 10.0.1.0/24
//                        router
//                       [lan2 .1] -- 10.0.2.0/24
#pragma once

#include "mcast/control/control_loop.h"
#include "mcast/wire/datagram.h"

#include <cstdint>
#include <string>
#include <vector>

namespace mcast::control {

inline constexpr IfIndex k_lan0{0};
inline constexpr IfIndex k_lan1{1};
inline constexpr IfIndex k_lan2{2};
inline constexpr Mac k_router_mac{{0x02, 0, 0, 0, 0, 1}};
inline constexpr Mac k_host_mac{{0x02, 0, 0, 0, 0, 0x99}};

using Frame = std::vector<std::uint8_t>;

struct Injected {
    handoff::Injection injection{};
    IfIndex interface{};
    Frame bytes;
};

// lan0, lan1, lan2, all with the static protocol and IGMP version 3.
Config three_lans();
std::vector<PortFacts> three_ports();

class World {
public:
    explicit World(Config const& config = three_lans(), std::size_t workers = 1,
                   handoff::ChannelSizes const& sizes = small_queues());
    static handoff::ChannelSizes small_queues();

    void punt(handoff::PuntClass punt_class, IfIndex interface, Frame const& frame,
              std::size_t worker = 0);
    // Steps until nothing is left to do now.
    void settle();
    // Jumps from due time to due time up to now + by.
    void run_for(Duration by);
    std::vector<Injected> injected(std::size_t worker = 0);
    // Decoded IGMP queries among what is injected; everything else is dropped.
    std::vector<wire::Query> queries(IfIndex interface);
    handoff::Entry const* entry(FlowKey flow) const { return shared.table.current(flow); }
    api::Json ask(std::string const& command, std::vector<std::string> const& arguments) const;
    // What changes something; a refusal as ask() gives it.
    api::Json command(std::string const& command, std::vector<std::string> const& arguments);
    // All rows of a listing, page by page.
    api::Json list(std::vector<std::string> const& words, std::size_t limit = 256) const;
    api::Json page(std::vector<std::string> const& words, api::Json const& options) const;
    // The row of `show owners`.
    api::Json owner(std::string const& interface) const;

    void report(IfIndex interface, wire::ReportV3 const& report);
    void leave(IfIndex interface, Ipv4 group);
    void join(IfIndex interface, Ipv4 group);
    void miss(IfIndex interface, Frame const& frame, std::size_t worker = 0);

    handoff::ManualGrace grace;
    handoff::Shared shared;
    ControlLoop control;
    TimePoint now{std::chrono::hours{1}};
};

// The host .9 of the interface's network.
Ipv4 host_of(IfIndex interface);
Frame igmp_frame(IfIndex interface, wire::Igmp const& message);
Frame igmp_frame(Ipv4 host, wire::Igmp const& message);
Frame udp_frame(Ipv4 source, Ipv4 group, std::string const& text = "x", std::uint8_t ttl = 8);
Frame arp_frame(wire::ArpPacket const& packet);
Frame echo_frame(Ipv4 from, Ipv4 to, wire::IcmpEcho const& echo);
// Any IPv4 packet from this host.
Frame ip_frame(wire::Ipv4Header const& header, Frame const& payload);
wire::ReportV3 exclude_report(Ipv4 group, std::vector<Ipv4> sources);
wire::ReportV3 include_report(Ipv4 group, std::vector<Ipv4> sources);

} // namespace mcast::control
