#include "alerts.h"

#include <algorithm>

namespace mcast::mgm {

namespace {

// Somebody else wants it: on another account, and not at this component's own instance (what IGMP
// wants beside an owner is no news to IGMP).
bool anybody_but(std::vector<Wish> const& wishes, ClientSerial client) {
    return std::ranges::any_of(
        wishes, [&](Wish const& wish) { return wish.client != client && wish.origin != client; });
}

} // namespace

// Room for all that compare() may add, so that it cannot fail.
void Alerts::prepare(MembershipKey const& key) {
    find_audience(key);
    membership_.counted(key, before_);
    slot_before_ = slot_of(key);
    after_.reserve(before_.size() + 2);
    news_.make_room(audience_.size() + 1); // one more for the owner of the interface
    if (!key.group) {
        repeats_.reserve(repeats_.size() + audience_.size());
    }
}

void Alerts::compare(MembershipKey const& key, InterfaceRef where) {
    membership_.counted(key, after_);
    if (before_ == after_) {
        return;
    }
    std::uint32_t const slot_after = slot_of(key);
    std::uint32_t const slot =
        slot_after == InterestStore::k_no_slot ? slot_before_ : slot_after; // gone just now
    for (ClientSerial client : audience_) {
        bool const was = anybody_but(before_, client);
        bool const is = anybody_but(after_, client);
        if (repeat_will_tell(client, key, slot)) {
            continue;
        }
        if (!was && is) {
            news_.push({client, NewsItem::Kind::join, key, {}, AlertCause::membership, {}, 0});
        } else if (was && !is) {
            news_.push({client, NewsItem::Kind::prune, key, where, AlertCause::membership, {}, 0});
            if (!key.group) {
                std::erase_if(repeats_, [&](Repeat const& old) { return old.client == client; });
                repeats_.push_back({client, 0});
            }
        }
    }
}

// It has not come to this group yet, and will say then what is true then.
bool Alerts::repeat_will_tell(ClientSerial client, MembershipKey const& key,
                              std::uint32_t slot) const {
    return key.group && !key.source && std::ranges::any_of(repeats_, [&](Repeat const& repeat) {
               return repeat.client == client && repeat.next <= slot;
           });
}

std::uint32_t Alerts::slot_of(MembershipKey const& key) const {
    Interest const* interest = membership_.find(key);
    return interest == nullptr ? InterestStore::k_no_slot : interest->slot;
}

// (*,G) and (*,*) concern everybody; (S,G) only the owner of the interface toward S.
void Alerts::find_audience(MembershipKey const& key) {
    audience_.clear();
    if (!key.source) {
        for (auto const& [serial, client] : clients_.all()) {
            audience_.push_back(serial);
        }
        return;
    }
    if (auto const route = routes_.lookup(*key.source)) {
        if (ClientSerial const owner = ownership_.accountant(toward(*route)); owner != k_nobody) {
            audience_.push_back(owner);
        }
    }
}

// If a (*,*) comes back, the rest needs no telling.
std::size_t Alerts::work(std::size_t limit) {
    constexpr std::size_t k_group = 16; // what a group costs, while an empty slot costs one
    InterestStore const& interests = membership_.interests();
    std::size_t looked_at = 0;
    for (std::size_t used = 0; used < limit * k_group && !repeats_.empty(); ++used) {
        Repeat& repeat = repeats_.front();
        membership_.counted(MembershipKey::any(), before_);
        if (repeat.next >= interests.slots() || anybody_but(before_, repeat.client)) {
            repeats_.erase(repeats_.begin());
            continue;
        }
        ++looked_at;
        Interest const* interest = interests.at(repeat.next);
        if (interest != nullptr && interest->key.group && !interest->key.source) {
            used += k_group - 1;
            membership_.counted(interest->key, before_);
            if (anybody_but(before_, repeat.client)) {
                news_.make_room(1);
                news_.push({repeat.client,
                            NewsItem::Kind::join,
                            interest->key,
                            {},
                            AlertCause::membership,
                            {},
                            0});
            }
        }
        ++repeat.next;
    }
    return looked_at;
}

void Alerts::entry_join(ClientSerial owner, FlowKey key) {
    news_.push({owner, NewsItem::Kind::join, MembershipKey::of(key), {}, AlertCause::entry, {}, 0});
}

void Alerts::entry_prune(ClientSerial owner, FlowKey key, InterfaceRef arrival,
                         std::uint64_t entry_serial) {
    news_.push({owner,
                NewsItem::Kind::prune,
                MembershipKey::of(key),
                arrival,
                AlertCause::entry,
                {},
                entry_serial});
}

InterfaceRef Alerts::toward(Route const& route) const {
    InterfaceRef const link{route.interface, route.upstream};
    return ownership_.find(link) != nullptr ? link : InterfaceRef{route.interface, {}};
}

} // namespace mcast::mgm
