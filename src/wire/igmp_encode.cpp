#include "igmp_format.h"
#include "mcast/wire/checksum.h"
#include "mcast/wire/igmp.h"

namespace mcast::wire {

namespace {

bool finish(Writer& out, std::size_t start) {
    if (out.ok()) {
        out.patch_u16(start + k_igmp_checksum_offset,
                      internet_checksum(out.written().subspan(start)));
    }
    return out.ok();
}

void write_start(Writer& out, std::uint8_t type, std::uint8_t code) {
    out.u8(type);
    out.u8(code);
    out.u16(0); // checksum, see finish()
}

bool encode_short(std::uint8_t type, Ipv4 group, Writer& out) {
    std::size_t const start = out.size();
    write_start(out, type, 0);
    out.ipv4(group);
    return finish(out, start);
}

bool has_wire_form(Query const& query) {
    bool const v3_parts =
        !query.sources.empty() || query.suppress || query.extension || query.trailing_bytes != 0;
    switch (query.version) {
    case 1:
        return query.max_resp_code == 0 && query.is_general() && !v3_parts;
    case 2:
        return query.max_resp_code != 0 && !v3_parts;
    case 3:
        return query.sources.size() <= 0xffff && query.qrv <= k_query_qrv &&
               (query.sources.empty() || !query.is_general());
    default:
        return false;
    }
}

void write_record(GroupRecord const& record, Writer& out) {
    if (record.sources.size() > 0xffff || record.aux_words.size() > 0xff) {
        out.fail();
        return;
    }
    out.u8(static_cast<std::uint8_t>(record.type));
    out.u8(static_cast<std::uint8_t>(record.aux_words.size()));
    out.u16(static_cast<std::uint16_t>(record.sources.size()));
    out.ipv4(record.group);
    for (Ipv4 const source : record.sources) {
        out.ipv4(source);
    }
    for (std::uint32_t const word : record.aux_words) {
        out.u32(word);
    }
}

} // namespace

bool encode(Query const& query, Writer& out) {
    if (!has_wire_form(query)) {
        out.fail();
        return false;
    }
    std::size_t const start = out.size();
    write_start(out, k_type_query, query.max_resp_code);
    out.ipv4(query.group);
    if (query.version == 3) {
        out.u8(static_cast<std::uint8_t>((query.extension ? k_query_extension : 0) |
                                         (query.suppress ? k_query_suppress : 0) | query.qrv));
        out.u8(query.qqic);
        out.u16(static_cast<std::uint16_t>(query.sources.size()));
        for (Ipv4 const source : query.sources) {
            out.ipv4(source);
        }
        out.zeros(query.trailing_bytes);
    }
    return finish(out, start);
}

bool encode(ReportV1 const& report, Writer& out) {
    return encode_short(k_type_report_v1, report.group, out);
}

bool encode(ReportV2 const& report, Writer& out) {
    return encode_short(k_type_report_v2, report.group, out);
}

bool encode(Leave const& leave, Writer& out) {
    return encode_short(k_type_leave, leave.group, out);
}

bool encode(ReportV3 const& report, Writer& out) {
    if (report.records.size() > 0xffff) {
        out.fail();
        return false;
    }
    std::size_t const start = out.size();
    write_start(out, k_type_report_v3, 0);
    out.u16(report.extension ? k_report_extension : std::uint16_t{0});
    out.u16(static_cast<std::uint16_t>(report.records.size()));
    for (GroupRecord const& record : report.records) {
        write_record(record, out);
    }
    out.zeros(report.trailing_bytes);
    return finish(out, start);
}

bool encode(RouterAdvertisement const& advertisement, Writer& out) {
    std::size_t const start = out.size();
    write_start(out, k_type_router_advertisement, advertisement.interval);
    out.u16(advertisement.query_interval);
    out.u16(advertisement.robustness);
    return finish(out, start);
}

bool encode(RouterSolicitation const&, Writer& out) {
    std::size_t const start = out.size();
    write_start(out, k_type_router_solicitation, 0);
    return finish(out, start);
}

bool encode(RouterTermination const&, Writer& out) {
    std::size_t const start = out.size();
    write_start(out, k_type_router_termination, 0);
    return finish(out, start);
}

namespace {

struct Encoder {
    Writer& out;

    template <class Message>
    bool operator()(Message const& message) const {
        return encode(message, out);
    }
    bool operator()(DvmrpMessage const&) const { return refuse(); }
    bool operator()(Other const&) const { return refuse(); }

    bool refuse() const {
        out.fail();
        return false;
    }
};

} // namespace

bool encode(Igmp const& message, Writer& out) {
    return std::visit(Encoder{out}, message);
}

} // namespace mcast::wire
