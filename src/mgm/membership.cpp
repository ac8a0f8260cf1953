#include "membership.h"

#include <algorithm>

namespace mcast::mgm {

namespace {

IfSet united(std::vector<Account> const& accounts, bool igmp) {
    IfSet result;
    for (Account const& account : accounts) {
        result = account.igmp == igmp ? result | account.on : result;
    }
    return result;
}

} // namespace

IfSet Interest::own() const {
    return united(accounts, false);
}

IfSet Interest::igmp() const {
    return united(accounts, true);
}

bool Membership::add_own(ClientSerial client, MembershipKey const& key, IfIndex index) {
    Account& mine = account(key, client, client, false);
    if (mine.on.contains(index)) {
        return false;
    }
    mine.on.insert(index);
    by_interface_[index.index()].insert(key);
    return true;
}

bool Membership::remove_own(ClientSerial client, MembershipKey const& key, IfIndex index) {
    auto const found = interests_.find(key);
    if (found == interests_.end()) {
        return false;
    }
    for (Account& mine : found->second.accounts) {
        if (mine.client == client && !mine.igmp && mine.on.contains(index)) {
            mine.on.erase(index);
            tidy(key, index);
            return true;
        }
    }
    return false;
}

Membership::Added Membership::add_igmp(ClientSerial client, ClientSerial origin,
                                       MembershipKey const& key, IfIndex index) {
    Interest& interest = interests_[key];
    bool const had = interest.igmp().contains(index);
    if (had && !interest.stale.contains(index)) {
        return Added::unchanged;
    }
    if (had) {
        interest.stale.erase(index);
        move_igmp(client, key, index);
        return Added::renewed;
    }
    account(key, client, origin, true).on.insert(index);
    by_interface_[index.index()].insert(key);
    return Added::fresh;
}

Membership::Removed Membership::remove_igmp(MembershipKey const& key, IfIndex index) {
    auto const found = interests_.find(key);
    if (found == interests_.end() || !found->second.igmp().contains(index)) {
        return Removed::nothing;
    }
    bool const stale = found->second.stale.contains(index);
    found->second.stale.erase(index);
    for (Account& each : found->second.accounts) {
        if (each.igmp) {
            each.on.erase(index);
        }
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
    auto& accounts = interests_[key].accounts;
    auto const from = std::ranges::find_if(
        accounts, [&](Account const& each) { return each.igmp && each.on.contains(index); });
    ClientSerial const origin = from->origin;
    from->on.erase(index);
    account(key, client, origin, true).on.insert(index);
    std::erase_if(accounts, [](Account const& each) { return each.on.empty(); });
}

Interest const* Membership::find(MembershipKey const& key) const {
    auto const found = interests_.find(key);
    return found == interests_.end() ? nullptr : &found->second;
}

std::vector<Wish> Membership::wishes(MembershipKey const& key) const {
    std::vector<Wish> result;
    if (Interest const* interest = find(key)) {
        for (Account const& each : interest->accounts) {
            result.push_back({each.client, each.origin});
        }
    }
    std::ranges::sort(result);
    return result;
}

std::vector<Wish> Membership::counted(MembershipKey const& key) const {
    auto result = wishes(key);
    if (key.group && !key.source) {
        auto const wildcard = wishes(MembershipKey::any());
        result.insert(result.end(), wildcard.begin(), wildcard.end());
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

Account& Membership::account(MembershipKey const& key, ClientSerial client, ClientSerial origin,
                             bool igmp) {
    auto& accounts = interests_[key].accounts;
    auto const found = std::ranges::find_if(accounts, [&](Account const& each) {
        return each.client == client && each.origin == origin && each.igmp == igmp;
    });
    return found != accounts.end() ? *found
                                   : accounts.emplace_back(Account{client, origin, igmp, IfSet{}});
}

void Membership::tidy(MembershipKey const& key, IfIndex index) {
    auto const found = interests_.find(key);
    auto& accounts = found->second.accounts;
    std::erase_if(accounts, [](Account const& each) { return each.on.empty(); });
    bool const still =
        std::ranges::any_of(accounts, [&](Account const& each) { return each.on.contains(index); });
    if (!still) {
        by_interface_[index.index()].erase(key);
    }
    if (accounts.empty()) {
        interests_.erase(found);
    }
}

} // namespace mcast::mgm
