// One key that somebody wants: its members, one for each interface on which a routing protocol or
// IGMP wants it, and the accounts they add up to. Control thread.
#pragma once

#include "clients.h"

#include "mcast/base/if_set.h"
#include "mcast/mgm/component.h"

#include <boost/container/small_vector.hpp>
#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace mcast::mgm {

// For whom something is wanted, and by whom. The two differ where IGMP is beside an owner.
struct Wish {
    ClientSerial client = k_nobody;
    ClientSerial origin = k_nobody;

    auto operator<=>(Wish const&) const = default;
};

struct Account {
    Wish wish;
    std::uint32_t members = 0;
};

using MemberHook = boost::intrusive::list_member_hook<>;

struct Interest;

// A membership on one interface. Each of its two parts is in a list of that interface.
struct Member {
    Member(std::uint32_t its_slot, Interest& its, IfIndex at)
        : interest(its), index(at), slot(its_slot) {}

    Interest& interest;
    IfIndex index;
    std::uint32_t slot;            // of its slab
    ClientSerial owner = k_nobody; // the routing protocol that wants it
    Wish igmp{};                   // IGMP wants it
    std::uint64_t owner_since = 0; // Membership's clock
    std::uint64_t igmp_since = 0;
    MemberHook in_own;
    MemberHook in_igmp;
};

using OwnList =
    boost::intrusive::list<Member,
                           boost::intrusive::member_hook<Member, MemberHook, &Member::in_own>,
                           boost::intrusive::constant_time_size<false>>;
using IgmpList =
    boost::intrusive::list<Member,
                           boost::intrusive::member_hook<Member, MemberHook, &Member::in_igmp>,
                           boost::intrusive::constant_time_size<false>>;

struct Interest {
    Interest(std::uint32_t its_slot, MembershipKey its) : key(its), slot(its_slot) {}

    MembershipKey key;
    Interest* next = nullptr; // in its bucket of the store
    std::uint32_t slot;       // of its slab
    IfSet own;                // interfaces on which a routing protocol wants it
    IfSet igmp;               // and IGMP
    // Most keys have two accounts at most and members on few interfaces: these are looked at
    // without going elsewhere in memory.
    boost::container::small_vector<Account, 2> accounts;
    boost::container::small_vector<std::uint32_t, 24> members; // slots, in the order of interfaces

    // Whoever looks at the key will soon look at the rest: let it come meanwhile.
    void prefetch() const {
        auto const* const bytes = reinterpret_cast<std::byte const*>(this);
        for (std::size_t at = 0; at < sizeof(Interest); at += 64) {
            __builtin_prefetch(bytes + at);
        }
    }
    // The slot of the member on this interface.
    std::optional<std::uint32_t> find(IfIndex index) const;
    // How many members come before that of this interface; by the sets alone.
    std::size_t place(IfIndex index) const;
    // Makes room for one more account, so that book() cannot throw.
    void reserve_account() { accounts.reserve(accounts.size() + 1); }
    void book(Wish wish);
    void unbook(Wish wish);
};

} // namespace mcast::mgm
