#include "mcast/wire/ipv4.h"

#include "mcast/wire/checksum.h"

#include <algorithm>

namespace mcast::wire {

namespace {

constexpr std::uint16_t k_dont_fragment = 0x4000;
constexpr std::uint16_t k_more_fragments = 0x2000;
constexpr std::uint16_t k_offset_mask = 0x1fff;
constexpr std::size_t k_checksum_offset = 10;

// RFC 791 section 3.1 and RFC 2113.
constexpr std::uint8_t k_option_end = 0;
constexpr std::uint8_t k_option_nop = 1;
constexpr std::uint8_t k_option_loose_route = 131;
constexpr std::uint8_t k_option_strict_route = 137;
constexpr std::uint8_t k_option_router_alert = 148;

// Whether `wanted(type, length)` holds for one of the well-formed options.
template <class F>
bool any_option(Bytes options, F wanted) {
    Reader in(options);
    while (in.remaining() > 0) {
        auto const type = in.u8();
        if (type == k_option_end) {
            return false;
        }
        if (type == k_option_nop) {
            continue;
        }
        std::size_t const length = in.u8();
        if (length < 2) {
            return false;
        }
        in.skip(length - 2);
        if (!in.ok()) {
            return false;
        }
        if (wanted(type, length)) {
            return true;
        }
    }
    return false;
}

} // namespace

bool Ipv4Header::operator==(Ipv4Header const& other) const {
    return tos == other.tos && total_length == other.total_length && id == other.id &&
           dont_fragment == other.dont_fragment && more_fragments == other.more_fragments &&
           fragment_offset == other.fragment_offset && ttl == other.ttl &&
           protocol == other.protocol && source == other.source &&
           destination == other.destination && header_length == other.header_length &&
           std::ranges::equal(options, other.options);
}

std::string_view name_of(Ipv4Error error) {
    switch (error) {
    case Ipv4Error::short_packet:
        return "short_packet";
    case Ipv4Error::bad_version:
        return "bad_version";
    case Ipv4Error::bad_header_length:
        return "bad_header_length";
    case Ipv4Error::bad_total_length:
        return "bad_total_length";
    case Ipv4Error::bad_header_checksum:
        return "bad_header_checksum";
    }
    return "unknown";
}

std::expected<Ipv4Header, Ipv4Error> decode_ipv4(Bytes packet) {
    return decode_ipv4(packet, packet.size());
}

std::expected<Ipv4Header, Ipv4Error> decode_ipv4(Bytes first, std::size_t available) {
    if (first.size() < k_ipv4_size) {
        return std::unexpected(Ipv4Error::short_packet);
    }
    Reader in(first);
    auto const version_and_length = in.u8();
    if (version_and_length >> 4 != 4) {
        return std::unexpected(Ipv4Error::bad_version);
    }
    Ipv4Header header;
    header.header_length = static_cast<std::uint8_t>((version_and_length & 0xf) * 4);
    if (header.header_length < k_ipv4_size || header.header_length > first.size()) {
        return std::unexpected(Ipv4Error::bad_header_length);
    }
    header.tos = in.u8();
    header.total_length = in.u16();
    if (header.total_length < header.header_length || header.total_length > available) {
        return std::unexpected(Ipv4Error::bad_total_length);
    }
    if (internet_checksum(first.first(header.header_length)) != 0) {
        return std::unexpected(Ipv4Error::bad_header_checksum);
    }
    header.id = in.u16();
    auto const fragment = in.u16();
    header.dont_fragment = (fragment & k_dont_fragment) != 0;
    header.more_fragments = (fragment & k_more_fragments) != 0;
    header.fragment_offset = static_cast<std::uint16_t>((fragment & k_offset_mask) * 8);
    header.ttl = in.u8();
    header.protocol = in.u8();
    in.skip(2);
    header.source = in.ipv4();
    header.destination = in.ipv4();
    header.options = in.bytes(header.header_length - k_ipv4_size);
    return header;
}

bool encode(Ipv4Header const& header, Writer& out) {
    std::size_t const padding = (4 - header.options.size() % 4) % 4;
    std::size_t const length = k_ipv4_size + header.options.size() + padding;
    if (length > k_ipv4_max_size || header.fragment_offset % 8 != 0 ||
        header.total_length < length) {
        out.fail();
        return false;
    }
    std::size_t const start = out.size();
    out.u8(static_cast<std::uint8_t>(0x40 | (length / 4)));
    out.u8(header.tos);
    out.u16(header.total_length);
    out.u16(header.id);
    out.u16(static_cast<std::uint16_t>((header.dont_fragment ? k_dont_fragment : 0) |
                                       (header.more_fragments ? k_more_fragments : 0) |
                                       (header.fragment_offset / 8)));
    out.u8(header.ttl);
    out.u8(header.protocol);
    out.u16(0);
    out.ipv4(header.source);
    out.ipv4(header.destination);
    out.bytes(header.options);
    out.zeros(padding);
    if (out.ok()) {
        out.patch_u16(start + k_checksum_offset, internet_checksum(out.written().subspan(start)));
    }
    return out.ok();
}

bool has_router_alert(Bytes options) {
    return any_option(options, [](std::uint8_t type, std::size_t length) {
        return type == k_option_router_alert && length == k_router_alert.size();
    });
}

bool is_source_routed(Bytes options) {
    return any_option(options, [](std::uint8_t type, std::size_t) {
        return type == k_option_loose_route || type == k_option_strict_route;
    });
}

} // namespace mcast::wire
