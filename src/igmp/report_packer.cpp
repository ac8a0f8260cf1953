#include "report_packer.h"

#include <algorithm>
#include <utility>

namespace mcast::igmp {

namespace {

constexpr std::size_t k_ip_header = 24; // with Router Alert
constexpr std::size_t k_report_header = 8;
constexpr std::size_t k_least_room = 8 + 4; // one source

bool is_exclude(wire::RecordType type) {
    return type == wire::RecordType::is_ex || type == wire::RecordType::to_ex;
}

} // namespace

ReportPacker::ReportPacker(std::size_t mtu)
    : room_(std::max(k_least_room, mtu - std::min(mtu, k_ip_header + k_report_header))),
      used_(room_) {}

void ReportPacker::add(wire::GroupRecord record) {
    std::size_t const most = (room_ - k_record_header) / 4;
    if (is_exclude(record.type) && record.sources.size() > most) {
        record.sources.resize(most);
        ++truncated_;
    }
    while (record.sources.size() > most) {
        auto const cut = record.sources.begin() + static_cast<std::ptrdiff_t>(most);
        append({record.type, record.group, {record.sources.begin(), cut}, {}});
        record.sources.erase(record.sources.begin(), cut);
    }
    append(std::move(record));
}

void ReportPacker::append(wire::GroupRecord record) {
    std::size_t const bytes = bytes_of(record);
    if (used_ + bytes > room_) {
        reports_.emplace_back();
        used_ = 0;
    }
    used_ += bytes;
    reports_.back().records.push_back(std::move(record));
}

} // namespace mcast::igmp
