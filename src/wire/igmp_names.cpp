#include "mcast/wire/igmp.h"

namespace mcast::wire {

std::string_view name_of(RecordType type) {
    switch (type) {
    case RecordType::is_in:
        return "IS_IN";
    case RecordType::is_ex:
        return "IS_EX";
    case RecordType::to_in:
        return "TO_IN";
    case RecordType::to_ex:
        return "TO_EX";
    case RecordType::allow:
        return "ALLOW";
    case RecordType::block:
        return "BLOCK";
    }
    return "unknown";
}

std::string_view name_of(IgmpError error) {
    switch (error) {
    case IgmpError::bad_length:
        return "bad_length";
    case IgmpError::bad_checksum:
        return "bad_checksum";
    case IgmpError::malformed:
        return "malformed";
    case IgmpError::bad_group:
        return "bad_group";
    case IgmpError::count_:
        break;
    }
    return "unknown";
}

std::uint16_t max_response_tenths(Query const& query) {
    switch (query.version) {
    case 1:
        return 100;
    case 2:
        return query.max_resp_code;
    default:
        return decode_code(query.max_resp_code);
    }
}

namespace {

struct UsualDestination {
    Ipv4 operator()(Query const& query) const {
        return query.is_general() ? k_all_systems : query.group;
    }
    Ipv4 operator()(ReportV1 const& report) const { return report.group; }
    Ipv4 operator()(ReportV2 const& report) const { return report.group; }
    Ipv4 operator()(Leave const&) const { return k_all_routers; }
    Ipv4 operator()(ReportV3 const&) const { return k_all_igmpv3_routers; }
    Ipv4 operator()(RouterAdvertisement const&) const { return k_all_snoopers; }
    Ipv4 operator()(RouterSolicitation const&) const { return k_all_routers; }
    Ipv4 operator()(RouterTermination const&) const { return k_all_snoopers; }
    Ipv4 operator()(DvmrpMessage const&) const { return {}; }
    Ipv4 operator()(Other const&) const { return {}; }
};

} // namespace

Ipv4 usual_destination(Igmp const& message) {
    return std::visit(UsualDestination{}, message);
}

} // namespace mcast::wire
