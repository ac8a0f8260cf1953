// DVMRP version 3 messages as values: draft-ietf-idmr-dvmrp-v3-11.
//
// A message is a header of eight bytes and a body by code. The two are decoded apart, because what
// a router checks between them (is the source a neighbour of this link?) is not in the bytes:
// decode_header() judges length, type and checksum; decode_body() judges version, code, length and
// the fields whose bounds need no knowledge of an interface. decode_dvmrp() does both.
//
// Versions 1 and 2 and the obsolete codes 3 and 4 are refused by name, as are the codes 10 and 11
// that one implementation has of its own. Bytes behind a body of fixed size are ignored, and a
// value that keeps their number writes zeros for them.
//
// Any thread; no state. Memory taken is bounded by the bytes given.
#pragma once

#include "mcast/base/ipv4.h"
#include "mcast/wire/cursor.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace mcast::wire::dvmrp {

inline constexpr Ipv4 k_all_routers = Ipv4::of(224, 0, 0, 4);
inline constexpr std::size_t k_header_size = 8;
// What a message may have behind its header so that every path and every router takes it: 576 bytes
// of IP packet, less the longest IP header and our own (DEC-6).
inline constexpr std::size_t k_max_body = 508;

// Of a route. 1..31 reachable, 32 unreachable, 33..63 "I depend on you"; 0 and 64..127 mean nothing
// but have a form on the wire.
inline constexpr std::uint8_t k_infinity = 32;
inline constexpr std::uint8_t k_max_poison = 63;
inline constexpr std::uint8_t k_max_metric_field = 127;

// Section 3.2.1. Of a probe; of Neighbors 2; other messages may carry them and nobody looks.
enum class Capability : std::uint8_t {
    leaf = 0x01, // not to be set and not to be believed
    prune = 0x02,
    generation_id = 0x04,
    mtrace = 0x08,
    snmp = 0x10,
    netmask = 0x20, // can read a mask behind prune, graft and acknowledgement
};
constexpr bool has(std::uint8_t capabilities, Capability bit) {
    return (capabilities & static_cast<std::uint8_t>(bit)) != 0;
}

struct Version {
    std::uint8_t major = 3;
    std::uint8_t minor = 0xff;

    auto operator<=>(Version const&) const = default;
};

// What a version says about its sender; section 4.1 of the behaviours' reference.
enum class VersionClass : std::uint8_t {
    spec,   // 3.255 and 4 to 9: the full handshake
    v3_3,   // 3.3 to 3.254: generation and list, reports without a handshake
    v3_0,   // 3.0 to 3.2: neither generation nor list
    vendor, // 10 and above: the version of somebody's software
    old,    // 0 to 2: refused
};
constexpr VersionClass class_of(Version version) {
    if (version.major < 3) {
        return VersionClass::old;
    }
    if (version.major >= 10) {
        return VersionClass::vendor;
    }
    if (version.major > 3 || version.minor == 0xff) {
        return VersionClass::spec;
    }
    return version.minor >= 3 ? VersionClass::v3_3 : VersionClass::v3_0;
}
constexpr bool has_generation(Version version) {
    auto const kind = class_of(version);
    return kind == VersionClass::spec || kind == VersionClass::v3_3;
}

struct Header {
    std::uint8_t code = 0;
    std::uint8_t capabilities = 0;
    Version version{};

    bool operator==(Header const&) const = default;
};

// Versions without a generation ID have only bytes that are not read.
struct Probe {
    std::optional<std::uint32_t> generation{};
    std::vector<Ipv4> neighbors{}; // heard on this link, in whatever state
    std::size_t unread_bytes = 0;  // versions without a generation ID only

    bool operator==(Probe const&) const = default;
};

struct Route {
    Ipv4Prefix prefix{};     // length 0 or 8..32; the network as it was written, host bits included
    std::uint8_t metric = 0; // 0..127

    bool operator==(Route const&) const = default;
};

// In the order of the message. Neighbouring routes of one mask are written as one list.
struct Report {
    std::vector<Route> routes{};
    bool operator==(Report const&) const = default;
};

struct AskNeighbors2 {
    bool operator==(AskNeighbors2 const&) const = default;
};

// Of Neighbors 2.
enum class NeighborFlag : std::uint8_t {
    tunnel = 0x01,
    source_route = 0x02,
    pim = 0x04,
    down = 0x10,
    disabled = 0x20,
    querier = 0x40,
    leaf = 0x80,
};

struct NeighborRecord {
    Ipv4 local{};
    std::uint8_t metric = 1;
    std::uint8_t threshold = 1;    // TTL
    std::uint8_t flags = 0;        // NeighborFlag
    std::vector<Ipv4> neighbors{}; // 255 at most
    bool operator==(NeighborRecord const&) const = default;
};

struct Neighbors2 {
    std::vector<NeighborRecord> records{};
    bool operator==(Neighbors2 const&) const = default;
};

// `mask`, where it is there, is the source network's, as it was written.
struct Prune {
    Ipv4 source{}; // a host or a network; 0.0.0.0 is the default route
    Ipv4 group{};
    std::uint32_t lifetime = 0; // seconds, not 0
    std::optional<Ipv4> mask{};
    std::size_t trailing_bytes = 0; // behind the mask, or one to three where it would be

    bool operator==(Prune const&) const = default;
};

struct Graft {
    Ipv4 source{};
    Ipv4 group{};
    std::optional<Ipv4> mask{};
    std::size_t trailing_bytes = 0;

    bool operator==(Graft const&) const = default;
};

// Repeats what the graft said.
struct GraftAck {
    Ipv4 source{};
    Ipv4 group{};
    std::optional<Ipv4> mask{};
    std::size_t trailing_bytes = 0;

    bool operator==(GraftAck const&) const = default;
};

using Body = std::variant<Probe, Report, AskNeighbors2, Neighbors2, Prune, Graft, GraftAck>;

// The code of the header follows from the body.
struct Message {
    std::uint8_t capabilities = 0;
    Version version{};
    Body body{};

    bool operator==(Message const&) const = default;
};

enum class Error : std::uint8_t {
    too_short, // below 8 bytes
    not_dvmrp, // type other than 0x13
    bad_checksum,
    old_version,     // major 0 to 2
    obsolete_code,   // 3 and 4: neighbours of version 1
    vendor_code,     // 10 and 11: one implementation's own
    unknown_code,    // any other
    bad_length,      // of the body, for its code
    bad_mask,        // of a report: not contiguous
    bad_route,       // a report that ends within a mask or a route
    unclosed_routes, // a report whose last list of routes has no last route
    bad_source,      // of a prune, graft or acknowledgement: no unicast network
    bad_group,       // of the same: no group that is ever forwarded
    bad_lifetime,    // of a prune: 0
    count_
};
inline constexpr std::size_t k_errors = static_cast<std::size_t>(Error::count_);
std::string_view name_of(Error error);

// `payload`: exactly the IP payload. Length, then type, then checksum (an odd last byte counts as
// if followed by a zero).
std::expected<Header, Error> decode_header(Bytes payload);
// `payload` is the whole message whose header this is. Version, then code, then the body: all of it
// or nothing (DEC-7).
std::expected<Body, Error> decode_body(Header const& header, Bytes payload);
std::expected<Message, Error> decode_dvmrp(Bytes payload);

// One message with its checksum. False (and `out` has failed) when it does not fit or the value has
// no form on the wire: an old version, a generation ID that does not go with the version, a prefix
// length of 1 to 7, a network longer than its mask's octets, a metric above 127.
bool encode(Message const& message, Writer& out);

// How many octets of the network stand in a report, for a prefix length of 0 or 8..32.
constexpr std::size_t network_octets(std::uint8_t length) {
    return length <= 8 ? 1 : (length + std::size_t{7}) / 8;
}

// "probe" ... "graft acknowledgement".
std::string_view name_of(Body const& body);

} // namespace mcast::wire::dvmrp
