// Who wants what where: positive memberships only, and for whom each of them counts.
//
// A membership on an interface has up to two origins, its routing owner and IGMP. IGMP's counts for
// the account that was in force when IGMP (re-)added it.
//
// Nothing here ever walks the memberships of an interface. Each has a number that says when it was
// last added, and each interface has floors: what is below them is stale (IGMP has not added it
// again since the owner changed) or void (whoever added it has left). Either is swept, oldest
// first, as many at a time as the caller likes. Until then what is stale is wanted as before; what
// is void is wanted no more, but counts for alerts. Control thread.
#pragma once

#include "clients.h"
#include "interest_store.h"

#include "mcast/base/flow.h"
#include "mcast/base/if_set.h"
#include "mcast/mgm/component.h"
#include "mcast/mgm/views.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace mcast::mgm {

// Which interfaces want one flow, by origin.
struct Wanting {
    IfSet own;
    IfSet igmp;
};

class Membership {
public:
    enum class Added : std::uint8_t { unchanged, renewed, fresh };
    enum class Removed : std::uint8_t { nothing, stale, live };

    // Both may throw std::bad_alloc; nothing has changed then.
    Added add_own(ClientSerial client, MembershipKey const& key, IfIndex index);
    Added add_igmp(ClientSerial account, ClientSerial origin, MembershipKey const& key,
                   IfIndex index);
    Removed remove_own(MembershipKey const& key, IfIndex index);
    Removed remove_igmp(MembershipKey const& key, IfIndex index);

    // The owner has left: what it wanted is void.
    void owner_left(IfIndex index);
    // IGMP has left: what it wanted is void.
    void igmp_left(IfIndex index);
    // The owner changes: what IGMP wants is stale until it adds it again.
    void owner_changes(IfIndex index) { books_[index.index()].stale_floor = ++clock_; }

    // The oldest one that is void, or for stale_on that is void or stale; none: all are swept.
    std::optional<MembershipKey> void_own_on(IfIndex index);
    std::optional<MembershipKey> void_igmp_on(IfIndex index);
    std::optional<MembershipKey> stale_on(IfIndex index) const;
    // Where something void may be left.
    IfSet const& own_leaving() const { return own_leaving_; }
    IfSet const& igmp_leaving() const { return igmp_leaving_; }

    Interest const* find(MembershipKey const& key) const { return interests_.find(key); }
    // Some IGMP membership that matches the flow is there, and all of them are stale.
    bool all_stale(FlowKey flow, IfIndex index) const;
    // Wishes for this very key, and for (*,G) those for (*,*) too: a wildcard receiver is listed
    // under every group. Sorted, without repetition. RFC 2715 section 2.2.
    void counted(MembershipKey const& key, std::vector<Wish>& into) const;
    // Without what is void.
    Wanting wanting(FlowKey flow) const;

    // What is wanted on the interface, in the order of keys.
    std::vector<MembershipView> views(IfIndex index, Clients const& clients) const;
    // In the order of slots and interfaces, from the first after `after`. At most `max` are
    // returned and `max_looked_at` slots examined.
    MembershipPage page(MembershipFilter const& filter, std::optional<MembershipPlace> after,
                        std::size_t max, std::size_t max_looked_at, Clients const& clients) const;

    // Every key that is wanted.
    InterestStore const& interests() const { return interests_; }
    std::size_t on(IfIndex index) const { return books_[index.index()].size; }
    std::size_t size() const { return size_; }

private:
    // What the members of one interface have in common.
    struct Book {
        OwnList own;   // oldest first
        IgmpList igmp; // oldest first
        std::uint64_t own_floor = 0;
        std::uint64_t void_floor = 0;
        std::uint64_t stale_floor = 0;
        std::size_t size = 0;
    };

    // nullptr: there is none; nor is there one where there is no interest.
    Member* find(Interest const* interest, IfIndex index) const;
    Member& member(Interest& interest, IfIndex index);
    bool stale(Member const& member) const;
    IfSet void_own(Interest const& interest) const;
    IfSet void_igmp(Interest const& interest) const;
    MembershipView view(Member const& member, Clients const& clients) const;
    // Removes what has become empty: the member, the interest.
    void tidy(Interest& interest, IfIndex index);

    InterestStore interests_;
    Slab<Member> members_;
    std::array<Book, k_max_interfaces> books_;
    IfSet own_leaving_;
    IfSet igmp_leaving_;
    std::uint64_t clock_ = 0;
    std::size_t size_ = 0; // members
};

} // namespace mcast::mgm
