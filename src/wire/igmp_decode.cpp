#include "igmp_format.h"
#include "mcast/wire/checksum.h"
#include "mcast/wire/igmp.h"

namespace mcast::wire {

namespace {

using Result = std::expected<Igmp, IgmpError>;

// Fails the reader, and takes no memory, when `count` addresses are not there.
std::vector<Ipv4> read_sources(Reader& in, std::size_t count) {
    Reader sources(in.bytes(count * 4));
    std::vector<Ipv4> result;
    result.reserve(sources.remaining() / 4);
    while (sources.remaining() > 0) {
        result.push_back(sources.ipv4());
    }
    return result;
}

std::vector<std::uint32_t> read_words(Reader& in, std::size_t count) {
    Reader words(in.bytes(count * 4));
    std::vector<std::uint32_t> result;
    result.reserve(words.remaining() / 4);
    while (words.remaining() > 0) {
        result.push_back(words.u32());
    }
    return result;
}

// RFC 9776 section 7.1: the length decides the version, then the code.
Result decode_query(Bytes payload) {
    if (payload.size() > k_igmp_min_size && payload.size() < k_query_v3_size) {
        return std::unexpected(IgmpError::bad_length);
    }
    Reader in(payload);
    in.skip(1);
    Query query;
    query.max_resp_code = in.u8();
    in.skip(2);
    query.group = in.ipv4();
    if (payload.size() == k_igmp_min_size) {
        query.version = query.max_resp_code == 0 ? 1 : 2;
    } else {
        auto const flags = in.u8();
        query.extension = (flags & k_query_extension) != 0;
        query.suppress = (flags & k_query_suppress) != 0;
        query.qrv = flags & k_query_qrv;
        query.qqic = in.u8();
        std::size_t const count = in.u16();
        query.sources = read_sources(in, count);
        query.trailing_bytes = in.remaining();
    }
    // IGMP-152: version 1 asks about no group, and sources belong to a group.
    bool const groupless_sources = query.is_general() && !query.sources.empty();
    bool const version1_group = query.version == 1 && !query.is_general();
    if (!in.ok() || groupless_sources || version1_group) {
        return std::unexpected(IgmpError::malformed);
    }
    if (!query.is_general() &&
        (!query.group.is_multicast() || query.group.is_link_local_multicast())) {
        return std::unexpected(IgmpError::bad_group);
    }
    return query;
}

// Reports and leaves of versions 1 and 2: anything behind the group is ignored (RFC 2236 2.5).
template <class Message>
Result decode_short(Bytes payload) {
    Reader in(payload);
    in.skip(4);
    Ipv4 const group = in.ipv4();
    if (!group.is_multicast()) {
        return std::unexpected(IgmpError::bad_group);
    }
    return Message{group};
}

GroupRecord read_record(Reader& in) {
    GroupRecord record;
    record.type = RecordType{in.u8()};
    std::size_t const aux_count = in.u8();
    std::size_t const source_count = in.u16();
    record.group = in.ipv4();
    record.sources = read_sources(in, source_count);
    record.aux_words = read_words(in, aux_count);
    return record;
}

// All records or none (IGMP-139, IGMP-140).
Result decode_report_v3(Bytes payload) {
    Reader in(payload);
    in.skip(4);
    ReportV3 report;
    report.extension = (in.u16() & k_report_extension) != 0;
    std::size_t const count = in.u16();
    if (count > in.remaining() / k_record_size) {
        return std::unexpected(IgmpError::malformed);
    }
    report.records.reserve(count);
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
        report.records.push_back(read_record(in));
    }
    if (!in.ok()) {
        return std::unexpected(IgmpError::malformed);
    }
    report.trailing_bytes = in.remaining();
    return report;
}

// As everywhere in IGMP, what stands behind the known fields is ignored.
RouterAdvertisement read_advertisement(Bytes payload) {
    Reader in(payload);
    in.skip(1);
    RouterAdvertisement advertisement;
    advertisement.interval = in.u8();
    in.skip(2);
    advertisement.query_interval = in.u16();
    advertisement.robustness = in.u16();
    return advertisement;
}

std::size_t min_size_of(Bytes payload) {
    bool const bare = !payload.empty() && (payload[0] == k_type_router_solicitation ||
                                           payload[0] == k_type_router_termination);
    return bare ? k_discovery_min_size : k_igmp_min_size;
}

} // namespace

std::expected<Igmp, IgmpError> decode_igmp(Bytes payload) {
    if (payload.size() < min_size_of(payload)) {
        return std::unexpected(IgmpError::bad_length);
    }
    // A field of 0x0000 is a checksum like any other, not "none" as in UDP.
    if (internet_checksum(payload) != 0) {
        return std::unexpected(IgmpError::bad_checksum);
    }
    switch (payload[0]) {
    case k_type_query:
        return decode_query(payload);
    case k_type_report_v1:
        return decode_short<ReportV1>(payload);
    case k_type_report_v2:
        return decode_short<ReportV2>(payload);
    case k_type_leave:
        return decode_short<Leave>(payload);
    case k_type_report_v3:
        return decode_report_v3(payload);
    case k_type_router_advertisement:
        return read_advertisement(payload);
    case k_type_router_solicitation:
        return RouterSolicitation{};
    case k_type_router_termination:
        return RouterTermination{};
    case k_type_dvmrp:
        return DvmrpMessage{payload[1]};
    default:
        return Other{payload[0]};
    }
}

} // namespace mcast::wire
