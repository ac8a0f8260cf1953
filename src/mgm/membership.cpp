#include "membership.h"

#include <algorithm>

namespace mcast::mgm {

IfSet Interest::own() const {
    IfSet result;
    for (Account const& account : accounts) {
        result = result | account.own;
    }
    return result;
}

IfSet Interest::igmp() const {
    IfSet result;
    for (Account const& account : accounts) {
        result = result | account.igmp;
    }
    return result;
}

bool Membership::add_own(ClientSerial client, MembershipKey const& key, IfIndex index) {
    Account& mine = account(key, client);
    if (mine.own.contains(index)) {
        return false;
    }
    mine.own.insert(index);
    by_interface_[index.index()].insert(key);
    return true;
}

bool Membership::remove_own(ClientSerial client, MembershipKey const& key, IfIndex index) {
    auto const found = interests_.find(key);
    if (found == interests_.end()) {
        return false;
    }
    for (Account& mine : found->second.accounts) {
        if (mine.client == client && mine.own.contains(index)) {
            mine.own.erase(index);
            tidy(key, index);
            return true;
        }
    }
    return false;
}

Membership::Added Membership::add_igmp(ClientSerial client, MembershipKey const& key,
                                       IfIndex index) {
    auto const found = interests_.find(key);
    bool const had = found != interests_.end() && found->second.igmp().contains(index);
    bool const stale = had && found->second.stale.contains(index);
    if (had && !stale) {
        return Added::unchanged;
    }
    move_igmp(client, key, index);
    interests_[key].stale.erase(index);
    by_interface_[index.index()].insert(key);
    return had ? Added::renewed : Added::fresh;
}

Membership::Removed Membership::remove_igmp(MembershipKey const& key, IfIndex index) {
    auto const found = interests_.find(key);
    if (found == interests_.end() || !found->second.igmp().contains(index)) {
        return Removed::nothing;
    }
    bool const stale = found->second.stale.contains(index);
    found->second.stale.erase(index);
    for (Account& each : found->second.accounts) {
        each.igmp.erase(index);
    }
    tidy(key, index);
    return stale ? Removed::stale : Removed::live;
}

void Membership::mark_igmp_stale(IfIndex index) {
    for (MembershipKey const& key : by_interface_[index.index()]) {
        Interest& interest = interests_[key];
        if (interest.igmp().contains(index)) {
            interest.stale.insert(index);
        }
    }
}

void Membership::move_igmp(ClientSerial client, MembershipKey const& key, IfIndex index) {
    account(key, client).igmp.insert(index);
    auto& accounts = interests_[key].accounts;
    for (Account& each : accounts) {
        if (each.client != client) {
            each.igmp.erase(index);
        }
    }
    std::erase_if(accounts, [](Account const& each) { return (each.own | each.igmp).empty(); });
}

Interest const* Membership::find(MembershipKey const& key) const {
    auto const found = interests_.find(key);
    return found == interests_.end() ? nullptr : &found->second;
}

std::vector<ClientSerial> Membership::clients(MembershipKey const& key) const {
    std::vector<ClientSerial> result;
    if (Interest const* interest = find(key)) {
        for (Account const& each : interest->accounts) {
            result.push_back(each.client);
        }
    }
    std::ranges::sort(result);
    return result;
}

std::vector<ClientSerial> Membership::counted(MembershipKey const& key) const {
    auto result = clients(key);
    if (key.group && !key.source) {
        for (ClientSerial wildcard : clients(MembershipKey::any())) {
            result.push_back(wildcard);
        }
        std::ranges::sort(result);
        auto const repeated = std::ranges::unique(result);
        result.erase(repeated.begin(), repeated.end());
    }
    return result;
}

Wanting Membership::wanting(FlowKey flow) const {
    Wanting result;
    for (auto const& key :
         {MembershipKey::of(flow), MembershipKey::of(flow.group), MembershipKey::any()}) {
        if (Interest const* interest = find(key)) {
            result.own = result.own | interest->own();
            result.igmp = result.igmp | interest->igmp();
            result.stale = result.stale | interest->stale;
        }
    }
    return result;
}

std::vector<MembershipKey> Membership::keys_on(IfIndex index) const {
    auto const& keys = by_interface_[index.index()];
    std::vector<MembershipKey> result(keys.begin(), keys.end());
    std::ranges::sort(result); // what follows from them is then the same in every run
    return result;
}

std::vector<MembershipKey> Membership::stale_on(IfIndex index, std::size_t limit) const {
    std::vector<MembershipKey> result;
    for (MembershipKey const& key : keys_on(index)) {
        if (result.size() == limit) {
            break;
        }
        if (interests_.at(key).stale.contains(index)) {
            result.push_back(key);
        }
    }
    return result;
}

Account& Membership::account(MembershipKey const& key, ClientSerial client) {
    auto& accounts = interests_[key].accounts;
    auto const found = std::ranges::find(accounts, client, &Account::client);
    return found != accounts.end() ? *found : accounts.emplace_back(Account{client, {}, {}});
}

void Membership::tidy(MembershipKey const& key, IfIndex index) {
    auto const found = interests_.find(key);
    auto& accounts = found->second.accounts;
    std::erase_if(accounts, [](Account const& each) { return (each.own | each.igmp).empty(); });
    bool const still = std::ranges::any_of(
        accounts, [&](Account const& each) { return (each.own | each.igmp).contains(index); });
    if (!still) {
        by_interface_[index.index()].erase(key);
    }
    if (accounts.empty()) {
        interests_.erase(found);
    }
}

} // namespace mcast::mgm
