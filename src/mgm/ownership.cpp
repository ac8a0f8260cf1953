#include "ownership.h"

#include <algorithm>

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
    seat = {client, ++last_lease_, false, false};
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

void Ownership::abandon(ClientSerial client, InterfaceRef ref) {
    if (auto const found = records_.find(ref); found != records_.end()) {
        abandon(client, found->second);
    }
}

std::size_t Ownership::abandon_all(ClientSerial client) {
    std::size_t seats = 0;
    for (auto& [ref, record] : records_) {
        seats += abandon(client, record);
    }
    return seats;
}

std::size_t Ownership::abandon(ClientSerial client, InterfaceRecord& record) {
    std::size_t seats = 0;
    for (Seat* seat : {&record.owner, &record.igmp}) {
        if (seat->client == client) {
            seat->abandoned = true;
            abandoned_ = true;
            ++seats;
        }
    }
    return seats;
}

void Ownership::set_alerts(ClientSerial client, InterfaceRef ref, std::uint64_t lease, bool on) {
    if (auto const found = records_.find(ref); found != records_.end()) {
        for (Seat* seat : {&found->second.owner, &found->second.igmp}) {
            if (seat->client == client && seat->lease == lease) {
                seat->alerts = on;
            }
        }
    }
}

Seat const* Ownership::hearer(InterfaceRef ref) const {
    InterfaceRecord const* record = find(ref);
    if (record == nullptr) {
        return nullptr;
    }
    Seat const& seat = record->owner.taken() ? record->owner : record->igmp;
    return seat.taken() && seat.alerts && !seat.abandoned ? &seat : nullptr;
}

std::vector<std::pair<InterfaceRef, ClientSerial>> Ownership::abandoned() {
    std::vector<std::pair<InterfaceRef, ClientSerial>> seats;
    for (auto const& [ref, record] : records_) {
        for (Seat const& seat : {record.owner, record.igmp}) {
            if (seat.abandoned) {
                seats.emplace_back(ref, seat.client);
            }
        }
    }
    abandoned_ = !seats.empty();
    return seats;
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

bool Ownership::holds_any(ClientSerial client) const {
    return std::ranges::any_of(records_, [&](auto const& each) {
        return each.second.owner.client == client || each.second.igmp.client == client;
    });
}

void Ownership::complete(InterfaceRecord& record, TimePoint now) {
    Transition const ended = *record.transition;
    end_transition(record);
    record.last =
        HandOver{ended.releasing, ended.since, ended.published - ended.since, now - ended.since};
    ++record.hand_overs;
    ++completed_;
    if (ended.gate_closed) {
        record.epoch = {++last_epoch_};
    }
}

// True when this closes the gate. A change within a change keeps it closed and waits anew, so that
// IGMP hears of one closing and one opening.
bool Ownership::begin_transition(InterfaceRecord& record, bool releasing, TimePoint now) {
    bool const was_closed = record.gate_closed();
    transitions_ += record.transition ? 0 : 1;
    record.transition =
        Transition{releasing, record.igmp.taken(), now, {}, std::nullopt, std::nullopt};
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
