// The verbs of memberships: what is checked, what is recorded, who hears of it.
#include "core.h"

#include <new>

namespace mcast::mgm {

namespace {

// Empty when the call makes sense whoever makes it.
std::string what_is_wrong(Core::Call const& call) {
    auto const bits = static_cast<unsigned>(call.flags);
    if (bits == 0 || bits > 3) {
        return "neither join_state nor forward_state is asked for";
    }
    MembershipKey const& key = call.key;
    if (key.source && !key.group) {
        return "a source without a group is not a membership";
    }
    if (key.group && (!key.group->is_multicast() || key.group->is_link_local_multicast())) {
        return to_string(*key.group) + " is not a group that a router forwards";
    }
    if (key.source && (key.source->is_unspecified() || key.source->is_multicast() ||
                       key.source->is_broadcast())) {
        return to_string(*key.source) + " is not the address of a source";
    }
    if (has(call.flags, MembershipFlags::forward_state) && !key.source) {
        return "forward_state needs a source and a group";
    }
    return {};
}

} // namespace

Result<> Core::check(Call const& call) {
    if (auto free = not_from_question(); !free) {
        return free;
    }
    if (clients.find(call.client) == nullptr) {
        return failure(MgmError::invalid_parameter, "not registered");
    }
    if (std::string wrong = what_is_wrong(call); !wrong.empty()) {
        return failure(MgmError::invalid_parameter, std::move(wrong));
    }
    InterfaceRecord const* record = ownership.find(call.interface);
    if (record == nullptr) {
        return failure(MgmError::not_found, "nobody has taken this interface");
    }
    if (!seated(call.client, call.interface, call.lease)) {
        return failure(MgmError::invalid_parameter, "this component does not have the interface");
    }
    if (!call.interface.next_hop.is_unspecified()) {
        return failure(MgmError::cannot_complete,
                       "memberships on one link of a point-to-multipoint interface are not "
                       "supported: the data path cannot send to one of them");
    }
    if (record->igmp.client != call.client) {
        return {};
    }
    if (!record->gate_open()) {
        ++counters.gate_refused;
        refused("gate_refused", clients.id_of(call.client), call.interface, call.key);
        return failure(MgmError::cannot_complete, "the gate is closed: the interface is changing "
                                                  "hands");
    }
    if (call.epoch && *call.epoch != record->epoch) {
        ++counters.stale_epoch_refused;
        refused("stale_epoch_refused", clients.id_of(call.client), call.interface, call.key);
        return failure(MgmError::cannot_complete,
                       "the epoch is not that of the last opening of the gate");
    }
    return {};
}

Result<> Core::add(Call const& call) {
    try {
        membership.interests().expect(call.key);
        if (auto checked = check(call); !checked) {
            return checked;
        }
        membership.interests().expect_soon(call.key);
        add_checked(call);
        return {};
    } catch (std::bad_alloc const&) {
        return out_of_memory();
    }
}

void Core::add_checked(Call const& call) {
    bool const by_igmp = clients.is_igmp(call.client);
    builder.make_room(2);
    if (has(call.flags, MembershipFlags::join_state)) {
        add_join(call, by_igmp);
    }
    if (has(call.flags, MembershipFlags::forward_state)) {
        builder.switch_output({*call.key.source, *call.key.group}, call.interface.index, by_igmp,
                              true);
    }
}

void Core::add_join(Call const& call, bool by_igmp) {
    IfIndex const index = call.interface.index;
    InterfaceRecord const& record = *ownership.find(call.interface);
    auto const added = alerts.around(call.key, call.interface, [&] {
        if (by_igmp) {
            return membership.add_igmp(record.accountant(), call.client, call.key, index);
        }
        return membership.add_own(call.client, call.key, index);
    });
    if (by_igmp && record.owner.taken() && added != Membership::Added::unchanged) {
        news.push({record.owner.client,
                   NewsItem::Kind::local_join,
                   call.key,
                   call.interface,
                   AlertCause::membership,
                   {},
                   0});
    }
    if (added == Membership::Added::fresh) {
        builder.membership_added(call.key, index, by_igmp);
    }
}

Result<> Core::remove(Call const& call) {
    try {
        if (auto checked = check(call); !checked) {
            return checked;
        }
        remove_checked(call);
        return {};
    } catch (std::bad_alloc const&) {
        return out_of_memory();
    }
}

void Core::remove_checked(Call const& call) {
    bool const by_igmp = clients.is_igmp(call.client);
    builder.make_room(2);
    if (has(call.flags, MembershipFlags::join_state)) {
        remove_join(call, by_igmp);
    }
    if (has(call.flags, MembershipFlags::forward_state)) {
        builder.switch_output({*call.key.source, *call.key.group}, call.interface.index, by_igmp,
                              false);
    }
}

void Core::remove_join(Call const& call, bool by_igmp) {
    IfIndex const index = call.interface.index;
    auto const removed = alerts.around(call.key, call.interface, [&] {
        return by_igmp ? membership.remove_igmp(call.key, index)
                       : membership.remove_own(call.key, index);
    });
    if (removed == Membership::Removed::nothing) {
        return;
    }
    ClientSerial const owner = ownership.find(call.interface)->owner.client;
    // What is stale was added under another owner; this one was never told of it.
    if (by_igmp && owner != k_nobody && removed == Membership::Removed::live) {
        news.push({owner,
                   NewsItem::Kind::local_leave,
                   call.key,
                   call.interface,
                   AlertCause::membership,
                   {},
                   0});
    }
    builder.membership_removed(call.key, index);
}

} // namespace mcast::mgm
