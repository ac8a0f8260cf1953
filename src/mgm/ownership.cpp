#include "ownership.h"

namespace mcast::mgm {

namespace {

std::unexpected<Failure> taken(std::string reason) {
    return std::unexpected(Failure{MgmError::already_exists, std::move(reason)});
}

} // namespace

OwnershipState InterfaceRecord::state() const {
    if (gate_closed()) {
        return transition->releasing ? OwnershipState::releasing : OwnershipState::taking;
    }
    if (owner.taken()) {
        return igmp.taken() ? OwnershipState::shared : OwnershipState::owned;
    }
    return igmp.taken() ? OwnershipState::igmp : OwnershipState::unowned;
}

Result<Ownership::Change> Ownership::take(ClientSerial client, bool is_igmp, InterfaceRef ref,
                                          TimePoint now) {
    // All refusals come before any change: a failed take never touches the gate (MGM-13).
    if (InterfaceRecord const* record = find(ref)) {
        Seat const& seat = is_igmp ? record->igmp : record->owner;
        if (seat.client == client) {
            return taken("this component has the interface already");
        }
        if (seat.taken()) {
            return taken(is_igmp ? "another IGMP component is on the interface"
                                 : "another routing protocol owns the interface");
        }
        if (!is_igmp && record->gate_closed()) {
            return taken("the interface is changing hands");
        }
    }
    InterfaceRecord& record = records_[ref];
    Seat& seat = is_igmp ? record.igmp : record.owner;
    seat = {client, ++last_lease_};
    if (is_igmp) {
        record.epoch = {++last_epoch_};
        return Change{seat.lease, false};
    }
    return Change{seat.lease, begin_transition(record, false, now)};
}

Result<Ownership::Left> Ownership::release(ClientSerial client, InterfaceRef ref,
                                           std::optional<std::uint64_t> lease, TimePoint now) {
    auto const found = records_.find(ref);
    auto const mine = [&](Seat const& seat) {
        return seat.client == client && (!lease || seat.lease == *lease);
    };
    if (found == records_.end() || !(mine(found->second.owner) || mine(found->second.igmp))) {
        return std::unexpected(
            Failure{MgmError::invalid_parameter, "this component does not have the interface"});
    }
    InterfaceRecord& record = found->second;
    Left left{mine(record.igmp), false};
    if (left.was_igmp) {
        record.igmp = {};
        if (record.transition) {
            record.transition->gate_closed = false;
        }
    } else {
        record.owner = {};
        left.gate_closed = begin_transition(record, true, now);
    }
    forget_if_empty(ref);
    return left;
}

std::vector<InterfaceRef> Ownership::drop(IfIndex index) {
    std::vector<InterfaceRef> links;
    for (auto it = records_.lower_bound({index, {}});
         it != records_.end() && it->first.index == index;) {
        end_transition(it->second);
        links.push_back(it->first);
        it = records_.erase(it);
    }
    return links;
}

InterfaceRecord const* Ownership::find(InterfaceRef ref) const {
    auto const found = records_.find(ref);
    return found == records_.end() ? nullptr : &found->second;
}

ClientSerial Ownership::accountant(InterfaceRef ref) const {
    InterfaceRecord const* record = find(ref);
    return record == nullptr ? k_nobody : record->accountant();
}

bool Ownership::holds(ClientSerial client, InterfaceRef ref) const {
    InterfaceRecord const* record = find(ref);
    return record != nullptr && client != k_nobody &&
           (record->owner.client == client || record->igmp.client == client);
}

std::vector<InterfaceRef> Ownership::held_by(ClientSerial client) const {
    std::vector<InterfaceRef> refs;
    for (auto const& [ref, record] : records_) {
        if (holds(client, ref)) {
            refs.push_back(ref);
        }
    }
    return refs;
}

void Ownership::start_grace(handoff::GracePeriod& grace, TimePoint now) {
    for (auto& [ref, record] : records_) {
        if (record.transition && !record.transition->token) {
            record.transition->token = grace.start();
            record.transition->published = now;
        }
    }
}

std::vector<Ownership::Completed> Ownership::complete(handoff::GracePeriod& grace, TimePoint now) {
    std::vector<Completed> completed;
    for (auto& [ref, record] : records_) {
        if (!record.transition || !record.transition->token ||
            !grace.passed(*record.transition->token)) {
            continue;
        }
        Transition const ended = *record.transition;
        end_transition(record);
        record.last = HandOver{ended.releasing, ended.since, ended.published - ended.since,
                               now - ended.since};
        ++record.hand_overs;
        if (ended.gate_closed) {
            record.epoch = {++last_epoch_};
        }
        completed.push_back({ref, ended.releasing, ended.gate_closed});
    }
    return completed;
}

// True when this closes the gate. A change within a change keeps it closed and waits anew, so that
// IGMP hears of one closing and one opening.
bool Ownership::begin_transition(InterfaceRecord& record, bool releasing, TimePoint now) {
    bool const was_closed = record.gate_closed();
    transitions_ += record.transition ? 0 : 1;
    record.transition = Transition{releasing, record.igmp.taken(), now, {}, std::nullopt};
    return record.igmp.taken() && !was_closed;
}

void Ownership::end_transition(InterfaceRecord& record) {
    transitions_ -= record.transition ? 1 : 0;
    record.transition.reset();
}

void Ownership::forget_if_empty(InterfaceRef ref) {
    auto const found = records_.find(ref);
    if (!found->second.owner.taken() && !found->second.igmp.taken()) {
        end_transition(found->second);
        records_.erase(found);
    }
}

} // namespace mcast::mgm
