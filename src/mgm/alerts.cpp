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

void Alerts::compare(MembershipKey const& key, InterfaceRef where,
                     std::vector<Wish> const& before) {
    auto const after = membership_.counted(key);
    if (before == after) {
        return;
    }
    for (ClientSerial client : audience(key)) {
        bool const was = anybody_but(before, client);
        bool const is = anybody_but(after, client);
        if (!was && is) {
            news_.push({client, NewsItem::Kind::join, key, {}, AlertCause::membership, {}, 0});
        } else if (was && !is) {
            news_.push({client, NewsItem::Kind::prune, key, where, AlertCause::membership, {}, 0});
            if (!key.group) {
                repeat_group_joins(client);
            }
        }
    }
}

// (*,G) and (*,*) concern everybody; (S,G) only the owner of the interface toward S.
std::vector<ClientSerial> Alerts::audience(MembershipKey const& key) const {
    std::vector<ClientSerial> result;
    if (!key.source) {
        for (auto const& [serial, client] : clients_.all()) {
            result.push_back(serial);
        }
        return result;
    }
    if (auto const route = routes_.lookup(*key.source)) {
        if (ClientSerial const owner = ownership_.accountant(toward(*route)); owner != k_nobody) {
            result.push_back(owner);
        }
    }
    return result;
}

// While somebody wanted everything, nobody was told of single groups. Now that this has ended, the
// groups that are still wanted have to be told.
void Alerts::repeat_group_joins(ClientSerial client) {
    std::vector<MembershipKey> wanted;
    for (auto const& [key, interest] : membership_.all()) {
        if (key.group && !key.source && anybody_but(membership_.wishes(key), client)) {
            wanted.push_back(key);
        }
    }
    std::ranges::sort(wanted);
    for (MembershipKey const& key : wanted) {
        news_.push({client, NewsItem::Kind::join, key, {}, AlertCause::membership, {}, 0});
    }
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
