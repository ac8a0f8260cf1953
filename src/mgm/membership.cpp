#include "membership.h"

#include <algorithm>
#include <cstddef>

namespace mcast::mgm {

namespace {

auto place_in(Interest& interest, IfIndex index) {
    return interest.members.begin() + static_cast<std::ptrdiff_t>(interest.place(index));
}

} // namespace

Membership::Added Membership::add_own(ClientSerial client, MembershipKey const& key,
                                      IfIndex index) {
    Interest& interest = interests_.open(key);
    Member& mine = member(interest, index);
    Book& book = books_[index.index()];
    bool const same = mine.owner == client;
    if (same && mine.owner_since >= book.own_floor) {
        return Added::unchanged;
    }
    if (!same) {
        if (mine.owner != k_nobody) {
            interest.unbook({mine.owner, mine.owner}); // of an owner that has left
        }
        mine.owner = client;
        interest.book({client, client});
        interest.own.insert(index);
    }
    mine.owner_since = ++clock_;
    if (mine.in_own.is_linked()) {
        book.own.erase(book.own.iterator_to(mine));
    }
    book.own.push_back(mine);
    return Added::fresh;
}

Membership::Added Membership::add_igmp(ClientSerial account, ClientSerial origin,
                                       MembershipKey const& key, IfIndex index) {
    Interest& interest = interests_.open(key);
    Member& mine = member(interest, index);
    Book& book = books_[index.index()];
    Wish const wish{account, origin};
    bool const had = mine.igmp.client != k_nobody;
    bool const was_stale = had && stale(mine);
    if (had && mine.igmp == wish &&
        mine.igmp_since >= std::max(book.void_floor, book.stale_floor)) {
        return Added::unchanged;
    }
    if (had) {
        interest.unbook(mine.igmp);
        book.igmp.erase(book.igmp.iterator_to(mine));
    }
    mine.igmp = wish;
    interest.book(wish);
    interest.igmp.insert(index);
    mine.igmp_since = ++clock_;
    book.igmp.push_back(mine);
    return !had ? Added::fresh : was_stale ? Added::renewed : Added::unchanged;
}

Membership::Removed Membership::remove_own(MembershipKey const& key, IfIndex index) {
    Interest* const interest = interests_.find(key);
    Member* const mine = find(interest, index);
    if (mine == nullptr || mine->owner == k_nobody) {
        return Removed::nothing;
    }
    Book& book = books_[index.index()];
    bool const left = mine->owner_since < book.own_floor;
    interest->unbook({mine->owner, mine->owner});
    interest->own.erase(index);
    mine->owner = k_nobody;
    book.own.erase(book.own.iterator_to(*mine));
    tidy(*interest, index);
    return left ? Removed::stale : Removed::live;
}

Membership::Removed Membership::remove_igmp(MembershipKey const& key, IfIndex index) {
    Interest* const interest = interests_.find(key);
    Member* const mine = find(interest, index);
    if (mine == nullptr || mine->igmp.client == k_nobody) {
        return Removed::nothing;
    }
    Book& book = books_[index.index()];
    bool const was_stale = stale(*mine);
    interest->unbook(mine->igmp);
    interest->igmp.erase(index);
    mine->igmp = {};
    book.igmp.erase(book.igmp.iterator_to(*mine));
    tidy(*interest, index);
    return was_stale ? Removed::stale : Removed::live;
}

void Membership::owner_left(IfIndex index) {
    books_[index.index()].own_floor = ++clock_;
    own_leaving_.insert(index);
}

void Membership::igmp_left(IfIndex index) {
    books_[index.index()].void_floor = ++clock_;
    igmp_leaving_.insert(index);
}

std::optional<MembershipKey> Membership::void_own_on(IfIndex index) {
    Book const& book = books_[index.index()];
    if (!book.own.empty() && book.own.front().owner_since < book.own_floor) {
        return book.own.front().interest.key;
    }
    own_leaving_.erase(index);
    return std::nullopt;
}

std::optional<MembershipKey> Membership::void_igmp_on(IfIndex index) {
    Book const& book = books_[index.index()];
    if (!book.igmp.empty() && book.igmp.front().igmp_since < book.void_floor) {
        return book.igmp.front().interest.key;
    }
    igmp_leaving_.erase(index);
    return std::nullopt;
}

std::optional<MembershipKey> Membership::stale_on(IfIndex index) const {
    Book const& book = books_[index.index()];
    return !book.igmp.empty() &&
                   book.igmp.front().igmp_since < std::max(book.stale_floor, book.void_floor)
               ? std::optional{book.igmp.front().interest.key}
               : std::nullopt;
}

bool Membership::all_stale(FlowKey flow, IfIndex index) const {
    bool any = false;
    for (auto const& key :
         {MembershipKey::of(flow), MembershipKey::of(flow.group), MembershipKey::any()}) {
        Interest const* interest = find(key);
        Member const* const mine = find(interest, index);
        if (mine != nullptr && mine->igmp.client != k_nobody) {
            if (!stale(*mine)) {
                return false;
            }
            any = true;
        }
    }
    return any;
}

void Membership::counted(MembershipKey const& key, std::vector<Wish>& into) const {
    into.clear();
    auto const append = [&](Interest const* interest) {
        if (interest != nullptr) {
            for (Account const& each : interest->accounts) {
                into.push_back(each.wish);
            }
        }
    };
    append(find(key));
    if (key.group && !key.source) {
        append(find(MembershipKey::any()));
    }
    std::ranges::sort(into);
    auto const repeated = std::ranges::unique(into);
    into.erase(repeated.begin(), repeated.end());
}

Wanting Membership::wanting(FlowKey flow) const {
    Wanting result;
    for (auto const& key :
         {MembershipKey::of(flow), MembershipKey::of(flow.group), MembershipKey::any()}) {
        if (Interest const* interest = find(key)) {
            result.own = result.own | (interest->own - void_own(*interest));
            result.igmp = result.igmp | (interest->igmp - void_igmp(*interest));
        }
    }
    return result;
}

// Rarely more than none: what is void is soon swept.
IfSet Membership::void_own(Interest const& interest) const {
    IfSet found;
    (interest.own & own_leaving_).for_each([&](IfIndex index) {
        if (find(&interest, index)->owner_since < books_[index.index()].own_floor) {
            found.insert(index);
        }
    });
    return found;
}

IfSet Membership::void_igmp(Interest const& interest) const {
    IfSet found;
    (interest.igmp & igmp_leaving_).for_each([&](IfIndex index) {
        if (find(&interest, index)->igmp_since < books_[index.index()].void_floor) {
            found.insert(index);
        }
    });
    return found;
}

std::vector<MembershipView> Membership::views(IfIndex index, Clients const& clients) const {
    Book const& book = books_[index.index()];
    std::vector<MembershipView> views;
    views.reserve(book.size);
    for (Member const& mine : book.own) {
        views.push_back(view(mine, clients));
    }
    for (Member const& mine : book.igmp) {
        if (mine.owner == k_nobody) {
            views.push_back(view(mine, clients));
        }
    }
    std::ranges::sort(views, {}, &MembershipView::key);
    return views;
}

MembershipPage Membership::page(MembershipFilter const& filter,
                                std::optional<MembershipPlace> after, std::size_t max,
                                std::size_t max_looked_at, Clients const& clients) const {
    MembershipPage page;
    if (filter.interface && on(*filter.interface) == 0) {
        return page;
    }
    page.next = after;
    std::size_t slot = after ? after->slot : 0;
    for (; slot < interests_.slots(); ++slot, --max_looked_at) {
        if (max_looked_at == 0) {
            return page;
        }
        Interest const* const interest = interests_.at(slot);
        bool const asked_for = interest != nullptr && (!filter.group || !interest->key.group ||
                                                       *interest->key.group == *filter.group);
        for (std::size_t n = 0; asked_for && n < interest->members.size(); ++n) {
            Member const& each = members_[interest->members[n]];
            MembershipPlace const place{slot, each.index};
            bool const skip =
                (after && place <= *after) || (filter.interface && each.index != *filter.interface);
            if (skip) {
                continue;
            }
            if (page.memberships.size() == max) {
                return page;
            }
            page.memberships.push_back(view(each, clients));
            page.next = place;
        }
        page.next = MembershipPlace{slot, k_no_interface}; // behind all that is there
    }
    page.next.reset();
    return page;
}

MembershipView Membership::view(Member const& member, Clients const& clients) const {
    bool const by_igmp = member.igmp.client != k_nobody;
    return {member.interest.key, member.owner != k_nobody,   by_igmp, by_igmp && stale(member),
            member.index,        clients.id_of(member.owner)};
}

Member* Membership::find(Interest const* interest, IfIndex index) const {
    auto const slot = interest != nullptr ? interest->find(index) : std::nullopt;
    return slot ? &members_[*slot] : nullptr;
}

// With room for what is booked next, so that from here on nothing can fail.
Member& Membership::member(Interest& interest, IfIndex index) {
    try {
        interest.reserve_account();
        if (Member* known = find(&interest, index)) {
            return *known;
        }
        if (interest.members.size() == interest.members.capacity()) {
            interest.members.reserve(2 * interest.members.size());
        }
        Member& made = members_.make(interest, index);
        interest.members.insert(place_in(interest, index), made.slot);
        ++books_[index.index()].size;
        ++size_;
        return made;
    } catch (...) {
        if (interest.members.empty()) {
            interests_.erase(interest);
        }
        throw;
    }
}

bool Membership::stale(Member const& member) const {
    return member.igmp_since < books_[member.index.index()].stale_floor;
}

void Membership::tidy(Interest& interest, IfIndex index) {
    if (interest.own.contains(index) || interest.igmp.contains(index)) {
        return;
    }
    auto const at = place_in(interest, index);
    members_.destroy(*at);
    interest.members.erase(at);
    --books_[index.index()].size;
    --size_;
    if (interest.members.empty()) {
        interests_.erase(interest);
    }
}

} // namespace mcast::mgm
