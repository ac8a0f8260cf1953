// [INTERFACE] [GROUP] behind a command about IGMP, in either order: which part of it is meant.
#pragma once

#include "core.h"

#include "mcast/api/messages.h"

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mcast::control {

struct IgmpWhere {
    std::optional<IfIndex> interface{};
    std::optional<Ipv4> group{};
};

struct IgmpSubject {
    std::string_view words; // "show igmp groups": for refusals
    bool by_group = false;  // takes a group, too
    bool running = true;    // about interfaces that run IGMP alone
};

// An error is the reply that refuses: words that do not fit, no such interface, no IGMP there.
std::expected<IgmpWhere, api::Reply> igmp_where(Core const& core, IgmpSubject const& subject,
                                                std::span<std::string const> words);
// The one that is meant, or all that run IGMP; in their order.
std::vector<IfIndex> igmp_interfaces(Core const& core, IgmpWhere const& where);

} // namespace mcast::control
