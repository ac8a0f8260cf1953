// IGMP messages of versions 1, 2 and 3 as values: RFC 1112, RFC 2236, RFC 9776; and those of
// multicast router discovery, RFC 4286, which share the protocol number.
//
// A codec decides what can be decided from the bytes alone: length, checksum, structure, and the
// version of a query (RFC 9776 section 7.1). Whether TTL, source, destination and group are
// acceptable on some interface is for those who know the interface. DVMRP messages share the
// protocol number; they are recognised by type and left unread here.
//
// Any thread; no state. Memory taken is bounded by the bytes given: no count from the wire is
// believed before the bytes that it speaks of are known to be there.
#pragma once

#include "mcast/base/ipv4.h"
#include "mcast/wire/cursor.h"
#include "mcast/wire/igmp_code.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>
#include <variant>
#include <vector>

namespace mcast::wire {

inline constexpr Ipv4 k_all_systems = Ipv4::of(224, 0, 0, 1);
inline constexpr Ipv4 k_all_routers = Ipv4::of(224, 0, 0, 2);
inline constexpr Ipv4 k_all_igmpv3_routers = Ipv4::of(224, 0, 0, 22);
inline constexpr Ipv4 k_all_snoopers = Ipv4::of(224, 0, 0, 106);

// General when `group` is 0.0.0.0; group-specific; group-and-source-specific with sources. The
// fields behind `group` exist in version 3 only.
struct Query {
    std::uint8_t version = 3;       // 1, 2 or 3
    std::uint8_t max_resp_code = 0; // as on the wire: linear in version 2, a float code in 3
    Ipv4 group{};
    bool suppress = false; // the S flag: suppress router-side processing
    std::uint8_t qrv = 0;  // 0..7; 0 says "more than 7"
    std::uint8_t qqic = 0; // a float code
    std::vector<Ipv4> sources{};
    bool extension = false;         // E bit: the trailing bytes are TLVs, RFC 9279
    std::size_t trailing_bytes = 0; // behind the last source, not interpreted

    bool is_general() const { return group.is_unspecified(); }
    bool operator==(Query const&) const = default;
};

struct ReportV1 {
    Ipv4 group{};
    bool operator==(ReportV1 const&) const = default;
};

struct ReportV2 {
    Ipv4 group{};
    bool operator==(ReportV2 const&) const = default;
};

struct Leave {
    Ipv4 group{};
    bool operator==(Leave const&) const = default;
};

// Any byte can stand here: a reader skips records whose type is not known (IGMP-84).
enum class RecordType : std::uint8_t {
    is_in = 1,
    is_ex = 2,
    to_in = 3,
    to_ex = 4,
    allow = 5,
    block = 6,
};
constexpr bool is_known(RecordType type) {
    return type >= RecordType::is_in && type <= RecordType::block;
}
// "IS_IN" ... "BLOCK", or "unknown".
std::string_view name_of(RecordType type);

struct GroupRecord {
    RecordType type = RecordType::is_in;
    Ipv4 group{};
    std::vector<Ipv4> sources{};
    std::vector<std::uint32_t> aux_words{}; // auxiliary data, not interpreted

    bool operator==(GroupRecord const&) const = default;
};

struct ReportV3 {
    std::vector<GroupRecord> records{}; // in the order of the message, which is significant
    bool extension = false;             // E bit: the trailing bytes are TLVs, RFC 9279
    std::size_t trailing_bytes = 0;     // behind the last record, not interpreted

    bool operator==(ReportV3 const&) const = default;
};

// "Here is a multicast router": RFC 4286 section 3.
struct RouterAdvertisement {
    std::uint8_t interval = 20;       // seconds between two of them
    std::uint16_t query_interval = 0; // seconds; 0 where no IGMP runs
    std::uint16_t robustness = 0;

    bool operator==(RouterAdvertisement const&) const = default;
};

// "Where are the routers?", of a snooping switch: section 4.
struct RouterSolicitation {
    bool operator==(RouterSolicitation const&) const = default;
};

// "I am no multicast router any more": section 5.
struct RouterTermination {
    bool operator==(RouterTermination const&) const = default;
};

// Type 0x13, checksum good, nothing else looked at.
struct DvmrpMessage {
    std::uint8_t code = 0; // DVMRP's own type of message
    bool operator==(DvmrpMessage const&) const = default;
};

// Any other type, checksum good (IGMP-151).
struct Other {
    std::uint8_t type = 0;
    bool operator==(Other const&) const = default;
};

using Igmp = std::variant<Query, ReportV1, ReportV2, Leave, ReportV3, RouterAdvertisement,
                          RouterSolicitation, RouterTermination, DvmrpMessage, Other>;

enum class IgmpError : std::uint8_t {
    bad_length,   // below 8 bytes (4 suffice to solicit and to terminate), or a query of 9 to 11
    bad_checksum, // over the whole IP payload
    malformed,    // claims more than is there, or a query that no version knows
    bad_group,    // the Group field of a report, leave or query is no group it can speak of
    count_
};
inline constexpr std::size_t k_igmp_errors = static_cast<std::size_t>(IgmpError::count_);
std::string_view name_of(IgmpError error);

// `payload`: exactly the IP payload (total length less header), never the rest of the frame: frame
// padding would turn a version 2 query into one of version 3 (IGMP-138). Length is judged first,
// then the checksum, then the structure of the whole message: a report is taken whole or not.
std::expected<Igmp, IgmpError> decode_igmp(Bytes payload);

// Each writes one message with its checksum. False (and `out` has failed) when it does not fit or
// the value has no form on the wire: a version 1 query for a group or with a code, a version 2
// query with code 0 (which would be one of version 1), sources without a group or before version 3.
// Trailing bytes are written as zeros.
bool encode(Query const& query, Writer& out);
bool encode(ReportV1 const& report, Writer& out);
bool encode(ReportV2 const& report, Writer& out);
bool encode(Leave const& leave, Writer& out);
bool encode(ReportV3 const& report, Writer& out);
bool encode(RouterAdvertisement const& advertisement, Writer& out);
bool encode(RouterSolicitation const& solicitation, Writer& out);
bool encode(RouterTermination const& termination, Writer& out);
// DvmrpMessage and Other carry no content to encode: always false.
bool encode(Igmp const& message, Writer& out);

// What the query's code means, in tenths of a second: 100 for version 1 (RFC 2236 section 4), the
// plain byte for version 2, the float code for version 3. 0 is possible in version 3 (IGMP-153).
std::uint16_t max_response_tenths(Query const& query);

// Where a host or router sends the message: RFC 9776 sections 4.1.12 and 4.2.14, RFC 2236 section
// 9, RFC 4286. 0.0.0.0 for DvmrpMessage and Other.
Ipv4 usual_destination(Igmp const& message);

// The most sources of one query that stays unfragmented: 366 for an MTU of 1500 (IGMP-97).
constexpr std::size_t max_query_sources(std::size_t mtu) {
    std::size_t const fixed = 24 + 12;
    return mtu < fixed ? 0 : (mtu - fixed) / 4;
}

} // namespace mcast::wire
