// Records to reports that each fit the MTU: RFC 9776 section 4.2.16. Lists that are too long are
// split over several records, those of IS_EX and TO_EX are cut. Order is kept.
#pragma once

#include "mcast/wire/igmp.h"

#include <cstddef>
#include <vector>

namespace mcast::igmp {

class ReportPacker {
public:
    explicit ReportPacker(std::size_t mtu);

    // What one report has room for, in bytes of records.
    std::size_t room() const { return room_; }
    static std::size_t bytes_of(wire::GroupRecord const& record) {
        return k_record_header + 4 * record.sources.size();
    }
    // Whether the record needs no other report than the last one.
    bool fits(wire::GroupRecord const& record) const { return used_ + bytes_of(record) <= room_; }

    void add(wire::GroupRecord record);
    bool empty() const { return reports_.empty(); }
    std::size_t size() const { return reports_.size(); }
    // Lists that were cut.
    std::size_t truncated() const { return truncated_; }
    std::vector<wire::ReportV3> const& reports() const { return reports_; }

private:
    static constexpr std::size_t k_record_header = 8;
    void append(wire::GroupRecord record);

    std::size_t room_;
    std::size_t used_; // of the last report
    std::size_t truncated_ = 0;
    std::vector<wire::ReportV3> reports_;
};

} // namespace mcast::igmp
