// Whole Ethernet frames: taken apart, and built. Any thread; no state.
//
// Frames are built without padding to 60 bytes; pad() adds it where the link does not.
#pragma once

#include "mcast/wire/arp.h"
#include "mcast/wire/dvmrp.h"
#include "mcast/wire/ethernet.h"
#include "mcast/wire/icmp.h"
#include "mcast/wire/igmp.h"
#include "mcast/wire/ipv4.h"
#include "mcast/wire/mtrace.h"
#include "mcast/wire/udp.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

namespace mcast::wire {

// Views of the frame it was decoded from.
struct Datagram {
    EthernetHeader ethernet{};
    Ipv4Header ip{};
    Bytes payload{}; // exactly the IP payload, link padding cut off
};

enum class DatagramError : std::uint8_t {
    short_frame, // ends within the Ethernet or the IPv4 header
    not_ipv4,    // another ether type
    bad_version,
    bad_header_length,
    bad_total_length,
    bad_header_checksum,
};
std::string_view name_of(DatagramError error);

std::expected<Datagram, DatagramError> decode_datagram(Bytes frame);

// Who sends a frame that we build.
struct Origin {
    Mac mac{};
    Ipv4 address{};
    std::optional<std::uint16_t> vlan{};
};

// Each appends one frame to `out`; false (and `out` has failed) when it does not fit.

// Total length and header checksum are computed; a group destination gets its own MAC whatever
// `ethernet.destination` says, and the ether type is IPv4's.
bool build_ipv4_frame(EthernetHeader ethernet, Ipv4Header ip, Bytes payload, Writer& out);

// IGMP as RFC 9776 section 4 wants it: TTL 1, TOS 0xC0, Router Alert (IGMP-1, IGMP-3). Destination
// is usual_destination(message) unless given; a unicast destination needs `next_hop`.
bool build_igmp_frame(Origin const& from, Igmp const& message, Writer& out);
bool build_igmp_frame(Origin const& from, Ipv4 destination, Igmp const& message, Writer& out,
                      Mac const& next_hop = {});

// DVMRP with TOS 0xC0 and no options (section 3.1 of its draft). `ttl` is 1 for everything whose
// reader is on the link (DEC-1). A unicast destination needs `next_hop`.
bool build_dvmrp_frame(Origin const& from, Ipv4 destination, std::uint8_t ttl,
                       dvmrp::Message const& message, Writer& out, Mac const& next_hop = {});

// The same inside a packet for the other end of a tunnel (IP in IP), whose TTL is `outer_ttl`; the
// inner one is 1.
bool build_tunnelled_dvmrp_frame(Origin const& from, Ipv4 remote, std::uint8_t outer_ttl,
                                 Ipv4 destination, dvmrp::Message const& message, Writer& out,
                                 Mac const& next_hop);

// Multicast traceroute; TOS and options as for DVMRP.
bool build_mtrace_frame(Origin const& from, Ipv4 destination, std::uint8_t ttl, Mtrace const& trace,
                        Writer& out, Mac const& next_hop = {});

// `ip` says TTL, TOS, id, DF and destination; source and protocol come from elsewhere. A unicast
// destination needs `next_hop`.
bool build_udp_frame(Origin const& from, Ipv4Header ip, UdpDatagram const& udp, Writer& out,
                     Mac const& next_hop = {});

// An echo message with TTL 64 to a unicast address.
bool build_icmp_frame(Origin const& from, Mac const& next_hop, Ipv4 destination,
                      IcmpEcho const& echo, Writer& out);

// A request goes to everybody, a reply to its target.
bool build_arp_frame(Origin const& from, ArpPacket const& packet, Writer& out);

// Zeros up to the shortest Ethernet frame; `start` is where the frame begins in `out`.
void pad(Writer& out, std::size_t start = 0);

} // namespace mcast::wire
