#include "mcast/handoff/counters.h"

namespace mcast::handoff {

namespace {

template <class Reason>
struct Text {
    Reason reason;
    std::string_view name;
    std::string_view sentence;
};

// Row n must speak of reason n: checked when this file is compiled.
template <class Reason, std::size_t N>
constexpr bool in_order(std::array<Text<Reason>, N> const& rows) {
    for (std::size_t i = 0; i < N; ++i) {
        if (static_cast<std::size_t>(rows[i].reason) != i || rows[i].sentence.empty()) {
            return false;
        }
    }
    return true;
}

constexpr std::array<Text<Drop>, k_drop_reasons> k_drops{{
    {Drop::none, "none", "Not dropped: the packet was forwarded or handed to the control core."},
    {Drop::short_frame, "short_frame",
     "The frame ended before its headers did; look for a damaged link or a broken sender."},
    {Drop::unknown_vlan, "unknown_vlan",
     "No interface is configured for this port and VLAN tag; add one, or stop the tag at the "
     "switch."},
    {Drop::interface_down, "interface_down",
     "The interface it came in on is disabled or its port has no link."},
    {Drop::not_ipv4, "not_ipv4",
     "The frame carried neither IPv4 nor ARP, and nothing else is handled here."},
    {Drop::not_for_us, "not_for_us",
     "A unicast frame or packet for another station; this router forwards multicast only."},
    {Drop::bad_version, "bad_version", "The IP version in the header was not 4."},
    {Drop::bad_header_length, "bad_header_length",
     "The IPv4 header claimed to be shorter than 20 bytes."},
    {Drop::bad_total_length, "bad_total_length",
     "The IPv4 total length was shorter than its header or longer than the frame."},
    {Drop::bad_header_checksum, "bad_header_checksum",
     "The IPv4 header checksum was wrong; look for damage on the way or a broken sender."},
    {Drop::link_local_group, "link_local_group",
     "The group is in 224.0.0.0/24, which stays on its link by definition."},
    {Drop::reserved_group, "reserved_group",
     "The destination is 224.0.0.0 itself or in 240.0.0.0/4, which nobody may send to."},
    {Drop::martian_source, "martian_source",
     "The source address cannot belong to a host: unspecified, loopback, link-local, multicast, "
     "reserved or a broadcast address."},
    {Drop::own_source, "own_source",
     "The source is one of this router's own addresses but the packet came from outside; look for "
     "a duplicate address or a loop."},
    {Drop::unicast_mac, "unicast_mac",
     "The packet has a group address but its frame was addressed to a single other station."},
    {Drop::source_routed, "source_routed",
     "The packet carries a source route option, which is never honoured."},
    {Drop::tunnel_unknown, "tunnel_unknown",
     "An IP-in-IP packet that belongs to no tunnel over this interface; compare local and remote "
     "of the tunnels at both ends."},
    {Drop::tunnel_fragment, "tunnel_fragment",
     "A packet of a tunnel came in fragments, which are not put together here; lower the mtu of "
     "the tunnel at its other end."},
    {Drop::tunnel_nested, "tunnel_nested",
     "What came out of a tunnel carries one more packet inside, which is never looked at."},
    {Drop::tunnel_not_multicast, "tunnel_not_multicast",
     "What came out of a tunnel is addressed to this router and not a DVMRP message; tunnels carry "
     "multicast only."},
    {Drop::tunnel_no_buffer, "tunnel_no_buffer",
     "No buffer was free for what came out of a tunnel in a frame that others use as well; enlarge "
     "the pool."},
    {Drop::boundary_in, "boundary_in",
     "A scope boundary on the arrival interface keeps this group out; see the interface's "
     "boundaries."},
    {Drop::wrong_interface, "wrong_interface",
     "The flow is expected on another interface, the one on the way back to its source; look for "
     "a second path or a missing static route."},
    {Drop::ttl_expired, "ttl_expired",
     "The TTL was 0 or 1 on arrival, so it may not travel further; raise the TTL at the sender, "
     "where 1 is the usual default."},
    {Drop::ttl_threshold, "ttl_threshold",
     "The TTL was not above the threshold of any output; raise it at the sender or lower the "
     "thresholds."},
    {Drop::no_output, "no_output",
     "Every output of this flow is down at the moment; see the links of its outputs."},
    {Drop::no_route, "no_route",
     "There is no route back to the source, so no interface is right for it; add a static route "
     "or check the routing protocol."},
    {Drop::no_owner, "no_owner",
     "No routing protocol runs on the interface toward the source; enable one there."},
    {Drop::no_member, "no_member", "Nobody asked for this group on any other interface."},
    {Drop::boundary_out, "boundary_out",
     "There are members, but each of them is behind a scope boundary for this group."},
    {Drop::vetoed, "vetoed",
     "There are members, but the protocols that brought them refuse this source."},
    {Drop::ssm_unrequested, "ssm_unrequested",
     "The group is source-specific and no member named this source; receivers must join with "
     "IGMPv3 and the source."},
    {Drop::entry_limit, "entry_limit",
     "The table of entries is full; raise its limit, or look for somebody who sends to many "
     "groups."},
    {Drop::miss_policed, "miss_policed",
     "Packets of unknown flows came faster on this port than the limit for them allows."},
    {Drop::miss_full, "miss_full",
     "The queue of unknown flows toward the control core was full; it is slower than the flood."},
    {Drop::igmp_policed, "igmp_policed",
     "IGMP reports and leaves came faster on this port than the limit for them allows."},
    {Drop::igmp_full, "igmp_full",
     "The queue of IGMP reports and leaves toward the control core was full."},
    {Drop::query_policed, "query_policed",
     "IGMP queries came faster on this port than the limit for them allows; look for somebody who "
     "forges them."},
    {Drop::query_full, "query_full", "The queue of IGMP queries toward the control core was full."},
    {Drop::dvmrp_not_running, "dvmrp_not_running",
     "A DVMRP message where DVMRP does not run: add dvmrp to the interface's protocols, or keep "
     "that router from speaking here."},
    {Drop::dvmrp_policed, "dvmrp_policed",
     "DVMRP messages came faster on this port than the limit for them allows."},
    {Drop::dvmrp_full, "dvmrp_full",
     "The queue of DVMRP messages toward the control core was full."},
    {Drop::host_policed, "host_policed",
     "ARP, ICMP and other packets for this router came faster on this port than the limit for "
     "them allows."},
    {Drop::host_full, "host_full",
     "The queue of ARP, ICMP and other packets for this router was full."},
    {Drop::punt_too_long, "punt_too_long",
     "The packet should have gone to the control core but is longer than a slot of its queue."},
    {Drop::reinject_miss, "reinject_miss",
     "A parked first packet came back to be forwarded, but its entry was already gone again."},
}};
static_assert(in_order(k_drops));

constexpr std::array<Text<CopyDrop>, k_copy_drop_reasons> k_copy_drops{{
    {CopyDrop::dont_fragment, "dont_fragment",
     "The copy is longer than the output's MTU and forbids fragmentation; raise the MTU or send "
     "shorter packets."},
    {CopyDrop::no_buffer, "no_buffer",
     "No buffer was free for the copy's own header or fragments; enlarge the pool."},
    {CopyDrop::tx_full, "tx_full",
     "The port's transmit queue took no more frames; the link is slower than what goes out of it."},
    {CopyDrop::fragment_failed, "fragment_failed",
     "The copy could not be fragmented: its options do not allow it or too many fragments would "
     "follow."},
    {CopyDrop::too_long, "too_long", "The port cannot transmit a frame of this length or shape."},
    {CopyDrop::no_next_hop, "no_next_hop",
     "Nobody has answered ARP for the remote end of the tunnel, or for the gateway toward it; see "
     "its interface in: show interfaces."},
}};
static_assert(in_order(k_copy_drops));

constexpr std::array<Text<PuntClass>, k_punt_classes> k_punts{{
    {PuntClass::dvmrp, "dvmrp", "DVMRP messages, for the routing protocol."},
    {PuntClass::igmp, "igmp", "IGMP reports and leaves, for the querier."},
    {PuntClass::miss, "miss", "First packets of flows that have no entry yet."},
    {PuntClass::host, "host", "ARP, ICMP and other packets for this router's own addresses."},
    {PuntClass::query, "query", "IGMP queries of other routers; they come before reports."},
}};
static_assert(in_order(k_punts));

// A value outside the enumeration has no row; it is shown, not followed.
template <class Reason, std::size_t N>
Text<Reason> row(std::array<Text<Reason>, N> const& rows, Reason reason) {
    auto const i = static_cast<std::size_t>(reason);
    return i < N ? rows[i] : Text<Reason>{reason, "unknown", "Not a reason that this build knows."};
}

} // namespace

std::string_view name_of(Drop reason) {
    return row(k_drops, reason).name;
}

std::string_view explain(Drop reason) {
    return row(k_drops, reason).sentence;
}

std::string_view name_of(CopyDrop reason) {
    return row(k_copy_drops, reason).name;
}

std::string_view explain(CopyDrop reason) {
    return row(k_copy_drops, reason).sentence;
}

std::string_view name_of(PuntClass punt_class) {
    return row(k_punts, punt_class).name;
}

std::string_view explain(PuntClass punt_class) {
    return row(k_punts, punt_class).sentence;
}

} // namespace mcast::handoff
