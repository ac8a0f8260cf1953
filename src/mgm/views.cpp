#include "mcast/mgm/views.h"

#include "mcast/mgm/observer.h"

#include <algorithm>

namespace mcast::mgm {

std::vector<MembershipKey> GroupCursor::next(std::size_t max) {
    std::size_t const end = position_ + std::min(max, keys_.size() - position_);
    std::vector<MembershipKey> part(keys_.begin() + static_cast<std::ptrdiff_t>(position_),
                                    keys_.begin() + static_cast<std::ptrdiff_t>(end));
    position_ = end;
    return part;
}

std::string_view name_of(OwnershipState state) {
    switch (state) {
    case OwnershipState::unowned:
        return "U";
    case OwnershipState::igmp:
        return "I";
    case OwnershipState::owned:
        return "P";
    case OwnershipState::shared:
        return "PI";
    case OwnershipState::taking:
        return "TX";
    case OwnershipState::releasing:
        return "RX";
    }
    return "unknown";
}

std::string_view name_of(OutputReason reason) {
    switch (reason) {
    case OutputReason::forwards:
        return "forwards";
    case OutputReason::arrival:
        return "arrival";
    case OutputReason::no_member:
        return "no_member";
    case OutputReason::boundary:
        return "boundary";
    case OutputReason::owner_refuses:
        return "owner_refuses";
    case OutputReason::igmp_refuses:
        return "igmp_refuses";
    case OutputReason::switched_off:
        return "switched_off";
    case OutputReason::entry_refuses:
        return "entry_refuses";
    }
    return "unknown";
}

std::string_view name_of(EventKind kind) {
    static constexpr std::array<std::string_view, k_event_kinds> k_names{
        "taken",         "released",      "ready",           "gate_closed", "gate_opened",
        "join",          "prune",         "local_join",      "local_leave", "wrong_interface",
        "entry_created", "entry_changed", "entry_withdrawn", "stale_swept", "refused"};
    static_assert(!k_names.back().empty(), "every kind has its name");
    return k_names[static_cast<std::size_t>(kind)];
}

std::string_view name_of(AlertKind kind) {
    static constexpr std::array<std::string_view, k_alert_kinds> k_names{
        "join_by_membership", "join_by_entry",   "prune_by_membership", "prune_by_entry",
        "local_join",         "local_leave",     "gate_closed",         "gate_opened",
        "interface_ready",    "wrong_interface", "rpf_question",        "creation_question"};
    static_assert(!k_names.back().empty(), "every kind has its name");
    return k_names[static_cast<std::size_t>(kind)];
}

} // namespace mcast::mgm
