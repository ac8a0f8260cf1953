// `show igmp ...`: listings of the querier's interfaces, groups, sources and counters. The rows are
// in the order of interface, group and source, so a cursor is the place of the last row.
#pragma once

#include "igmp_where.h"
#include "paging.h"

#include <optional>
#include <string>
#include <string_view>

namespace mcast::control {

// Behind which a page begins: an interface, a group on it, a source of that.
struct IgmpPlace {
    IfIndex interface{};
    std::optional<Ipv4> group{};
    std::optional<Ipv4> source{};
};
std::string cursor_of(IgmpPlace const& place);
// `depth`: how many words such a cursor has.
std::optional<IgmpPlace> igmp_place(std::string_view cursor, std::size_t depth);

struct IgmpQuestion {
    IgmpWhere where{};
    std::optional<IgmpPlace> after{};
    std::size_t limit = k_page_rows;
    TimePoint now{};
};

api::Reply page_of_igmp_interfaces(Core const& core, IgmpQuestion const& question);
api::Reply page_of_igmp_groups(Core const& core, IgmpQuestion const& question);
api::Reply page_of_igmp_sources(Core const& core, IgmpQuestion const& question);
// Members that explicit tracking knows.
api::Reply page_of_igmp_hosts(Core const& core, IgmpQuestion const& question);
// Of which the router is a member itself.
api::Reply page_of_igmp_joins(Core const& core, IgmpQuestion const& question);
api::Reply page_of_igmp_statistics(Core const& core, IgmpQuestion const& question);

// What is left until then, in seconds; null when there is no deadline. What is due in this very
// turn is 0.
api::Json left_json(std::optional<TimePoint> deadline, TimePoint now);

} // namespace mcast::control
