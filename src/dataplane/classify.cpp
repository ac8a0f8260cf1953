#include "mcast/dataplane/classify.h"

#include "mcast/base/mac.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace mcast::dataplane {

namespace {

using handoff::Drop;
using handoff::Interface;
using handoff::InterfaceTable;
using handoff::PuntClass;

constexpr std::uint16_t k_type_ipv4 = 0x0800;
constexpr std::uint16_t k_type_arp = 0x0806;
constexpr std::uint16_t k_type_vlan = 0x8100;
constexpr std::uint16_t k_type_service_vlan = 0x88a8;

constexpr std::size_t k_ethernet = 14;
constexpr std::size_t k_tag = 4;
constexpr std::size_t k_least_header = 20;
constexpr std::uint8_t k_protocol_igmp = 2;
constexpr std::uint8_t k_protocol_ip_in_ip = 4;
constexpr std::uint8_t k_igmp_query = 0x11;
constexpr std::uint8_t k_igmp_dvmrp = 0x13;
constexpr std::uint16_t k_dont_fragment = 0x4000;
constexpr std::uint16_t k_fragment_offset = 0x1fff;
constexpr std::uint16_t k_more_fragments = 0x2000;

// Administratively local scope: every boundary of whatever range stops it too. RFC 2365 section 5.
constexpr Ipv4Prefix k_local_scope{Ipv4::of(239, 255, 0, 0), 16};

std::uint16_t be16(std::uint8_t const* at) {
    return static_cast<std::uint16_t>((at[0] << 8) | at[1]);
}

Ipv4 address_at(std::uint8_t const* at) {
    return Ipv4::of(at[0], at[1], at[2], at[3]);
}

// The sum of a header that includes its true checksum is all ones. In whatever byte order: RFC 1071
// section 2.
bool checksum_is_true(std::uint8_t const* header, std::size_t length) {
    if (length == k_least_header) [[likely]] {
        std::array<std::uint32_t, 5> words;
        std::memcpy(words.data(), header, sizeof words);
        std::uint64_t wide = std::uint64_t{words[0]} + words[1] + words[2] + words[3] + words[4];
        wide = (wide & 0xffff) + (wide >> 16 & 0xffff) + (wide >> 32);
        wide = (wide & 0xffff) + (wide >> 16);
        return wide == 0xffff;
    }
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < length; i += 2) {
        sum += be16(header + i);
    }
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return sum == 0xffff;
}

// F7: what the options mean for us. Malformed ones are refused as a bad header, since whoever
// fragments the packet later has to walk them.
Drop judge_options(std::uint8_t const* option, std::uint8_t const* end) {
    constexpr std::uint8_t k_end = 0;
    constexpr std::uint8_t k_nop = 1;
    constexpr std::uint8_t k_loose_source_route = 131;
    constexpr std::uint8_t k_strict_source_route = 137;
    while (option < end && *option != k_end) {
        if (*option == k_nop) {
            ++option;
            continue;
        }
        if (end - option < 2 || option[1] < 2 || option[1] > end - option) {
            return Drop::bad_header_length;
        }
        if (*option == k_loose_source_route || *option == k_strict_source_route) {
            return Drop::source_routed;
        }
        option += option[1];
    }
    return Drop::none;
}

// F5. RFC 1812 section 5.3.7; 169.254/16 by RFC 3927.
Drop judge_source(Ipv4 source, Interface const& arrival, InterfaceTable const& table) {
    std::uint32_t const top = source.value >> 24;
    if (top == 0 || top == 127 || top >= 224 || (source.value >> 16) == 0xa9fe) {
        return Drop::martian_source;
    }
    if (std::ranges::binary_search(table.own_addresses, source)) {
        return Drop::own_source;
    }
    Ipv4Prefix const& subnet = arrival.address;
    if (subnet.length != 0 && subnet.length <= 30 && source == subnet.broadcast()) {
        return Drop::martian_source;
    }
    return Drop::none;
}

// F8. RFC 2365 section 5.
bool is_behind_boundary(Ipv4 group, Interface const& arrival) {
    if (arrival.boundaries.empty()) {
        return false;
    }
    return k_local_scope.contains(group) ||
           std::ranges::any_of(arrival.boundaries, [group](Ipv4Prefix const& boundary) {
               return boundary.contains(group);
           });
}

// One frame being judged. Each step returns false when it has set the verdict.
class Judge {
public:
    // `verdict`: as it was made, filled by what follows, in place: it is read again at once, and
    // copying what was just written by parts costs a processor more than all of the judging.
    Judge(FrameView frame, InterfaceTable const& table, Verdict& verdict)
        : frame_(frame), table_(table), verdict_(verdict) {}

    void on_port(PortId port) {
        if (!read_link()) {
            return;
        }
        verdict_.arrival = table_.lookup(port, vlan_);
        if (verdict_.arrival == k_no_interface && !is_tag(type_)) {
            return drop(Drop::unknown_vlan);
        }
        judge();
    }

    void on_interface(IfIndex arrival) {
        verdict_.arrival = arrival;
        if (read_link()) {
            judge();
        }
    }

private:
    static bool is_tag(std::uint16_t type) {
        return type == k_type_vlan || type == k_type_service_vlan;
    }

    void drop(Drop why) {
        verdict_.action = Action::drop;
        verdict_.drop = why;
    }
    void punt(PuntClass to) {
        verdict_.action = Action::punt;
        verdict_.punt = to;
    }

    // Bytes of the frame that are there to read.
    std::size_t readable() const { return std::min(frame_.head.size(), frame_.length); }

    bool read_link() {
        if (readable() < k_ethernet) {
            drop(Drop::short_frame);
            return false;
        }
        verdict_.link_length = k_ethernet;
        type_ = be16(&frame_.head[12]);
        if (type_ != k_type_vlan) {
            return true;
        }
        if (readable() < k_ethernet + k_tag) {
            drop(Drop::short_frame);
            return false;
        }
        verdict_.link_length = k_ethernet + k_tag;
        vlan_ = be16(&frame_.head[14]) & 0xfff;
        type_ = be16(&frame_.head[16]);
        return true;
    }

    void judge() {
        if (is_tag(type_)) {
            return drop(Drop::not_ipv4); // a second tag
        }
        if (!table_.up.contains(verdict_.arrival)) {
            return drop(Drop::interface_down);
        }
        interface_ = &table_.interfaces[verdict_.arrival.index()];
        std::memcpy(destination_.bytes.data(), frame_.head.data(), destination_.bytes.size());
        if (type_ == k_type_arp) {
            return is_for_us() || destination_.is_group() ? punt(PuntClass::host)
                                                          : drop(Drop::not_for_us);
        }
        if (type_ != k_type_ipv4) {
            return drop(Drop::not_ipv4);
        }
        Drop const bad = read_header();
        return bad == Drop::none ? judge_ipv4() : drop(bad);
    }

    bool is_for_us() const {
        return destination_ == interface_->mac || destination_ == table_.router_mac;
    }

    // F1. RFC 1812 section 5.2.2.
    Drop read_header() {
        std::size_t const link = verdict_.link_length;
        if (readable() < link + k_least_header) {
            return Drop::short_frame;
        }
        header_ = frame_.head.data() + link;
        if ((header_[0] >> 4) != 4) {
            return Drop::bad_version;
        }
        std::size_t const header_length = std::size_t{header_[0] & 0xfU} * 4;
        std::size_t const total_length = be16(header_ + 2);
        if (header_length < k_least_header) {
            return Drop::bad_header_length;
        }
        if (total_length < header_length) {
            return Drop::bad_total_length;
        }
        if (frame_.length < link + total_length || readable() < link + header_length) {
            return Drop::short_frame;
        }
        if (!checksum_is_true(header_, header_length)) {
            return Drop::bad_header_checksum;
        }
        verdict_.header_length = static_cast<std::uint8_t>(header_length);
        verdict_.total_length = static_cast<std::uint16_t>(total_length);
        verdict_.dont_fragment = (be16(header_ + 6) & k_dont_fragment) != 0;
        verdict_.ttl = header_[8];
        verdict_.key = {address_at(header_ + 12), address_at(header_ + 16)};
        return Drop::none;
    }

    void judge_ipv4() {
        Ipv4 const group = verdict_.key.group;
        if (header_[9] == k_protocol_igmp) {
            return judge_igmp();
        }
        if (group.value == 0xe0000000 || (group.value >> 28) == 0xf) {
            return drop(Drop::reserved_group);
        }
        if (group.is_link_local_multicast()) {
            return drop(Drop::link_local_group);
        }
        if (!group.is_multicast()) {
            return judge_unicast();
        }
        return judge_multicast();
    }

    // F2: any destination group, never further than control.
    void judge_igmp() {
        if (!destination_.is_group() && !is_for_us()) {
            return drop(verdict_.key.group.is_multicast() ? Drop::unicast_mac : Drop::not_for_us);
        }
        if (!verdict_.key.group.is_multicast() && !is_our_address(verdict_.key.group)) {
            return drop(Drop::not_for_us);
        }
        come_beside_tunnel();
        // Only a first fragment has the type; control knows what to make of the others.
        std::size_t const at = verdict_.link_length + std::size_t{verdict_.header_length};
        bool const first = (be16(header_ + 6) & k_fragment_offset) == 0;
        bool const has_type =
            first && verdict_.total_length > verdict_.header_length && at < readable();
        std::uint8_t const type = has_type ? frame_.head[at] : std::uint8_t{0};
        if (type == k_igmp_dvmrp) {
            return table_.dvmrp.contains(verdict_.arrival) ? punt(PuntClass::dvmrp)
                                                           : drop(Drop::dvmrp_not_running);
        }
        return punt(type == k_igmp_query ? PuntClass::query : PuntClass::igmp);
    }

    // The other end of a tunnel may say what is not for a group beside it, as it is (DEC-24).
    void come_beside_tunnel() {
        if (verdict_.key.group.is_multicast() || table_.tunnels.empty()) {
            return;
        }
        IfIndex const tunnel =
            table_.tunnel_between(verdict_.arrival, verdict_.key.group, verdict_.key.source);
        if (tunnel != k_no_interface) {
            verdict_.arrival = tunnel;
        }
    }

    bool is_our_address(Ipv4 address) const {
        return std::ranges::binary_search(table_.own_addresses, address);
    }

    // F4: we route no unicast.
    void judge_unicast() {
        if (!is_our_address(verdict_.key.group) || !is_for_us()) {
            return drop(Drop::not_for_us);
        }
        bool const carries = header_[9] == k_protocol_ip_in_ip;
        if (interface_->tunnel) {
            return drop(carries ? Drop::tunnel_nested : Drop::tunnel_not_multicast);
        }
        Drop const bad = judge_source(verdict_.key.source, *interface_, table_);
        if (bad != Drop::none) {
            return drop(bad);
        }
        return carries ? judge_carrier() : punt(PuntClass::host);
    }

    void judge_carrier() {
        IfIndex const tunnel =
            table_.tunnel_between(verdict_.arrival, verdict_.key.group, verdict_.key.source);
        if (tunnel == k_no_interface) {
            return drop(Drop::tunnel_unknown);
        }
        if ((be16(header_ + 6) & (k_more_fragments | k_fragment_offset)) != 0) {
            return drop(Drop::tunnel_fragment);
        }
        verdict_.arrival = tunnel;
        verdict_.action = Action::decapsulate;
    }

    void judge_multicast() {
        Drop const bad_source = judge_source(verdict_.key.source, *interface_, table_);
        if (bad_source != Drop::none) {
            return drop(bad_source);
        }
        if (!destination_.is_group() && !is_for_us()) {
            return drop(Drop::unicast_mac); // F6
        }
        if (verdict_.header_length > k_least_header) {
            Drop const bad =
                judge_options(header_ + k_least_header, header_ + verdict_.header_length);
            if (bad != Drop::none) {
                return drop(bad);
            }
        }
        if (is_behind_boundary(verdict_.key.group, *interface_)) {
            return drop(Drop::boundary_in);
        }
        verdict_.action = Action::forward;
    }

    FrameView frame_;
    InterfaceTable const& table_;
    Verdict& verdict_;
    Mac destination_{};
    Interface const* interface_ = nullptr;
    std::uint8_t const* header_ = nullptr;
    std::uint16_t type_ = 0;
    std::uint16_t vlan_ = 0;
};

} // namespace

void classify(FrameView frame, PortId port, InterfaceTable const& table, Verdict& verdict) {
    Judge{frame, table, verdict}.on_port(port);
}

Verdict classify(FrameView frame, PortId port, InterfaceTable const& table) {
    Verdict verdict;
    classify(frame, port, table, verdict);
    return verdict;
}

Verdict classify_on(FrameView frame, IfIndex arrival, InterfaceTable const& table) {
    Verdict verdict;
    Judge{frame, table, verdict}.on_interface(arrival);
    return verdict;
}

} // namespace mcast::dataplane
