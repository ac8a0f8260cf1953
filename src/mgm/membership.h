// Who wants what where: positive memberships only, and for whom each of them counts.
//
// A membership on an interface has up to two origins, its routing owner and IGMP. IGMP's counts for
// the account that was in force when IGMP (re-)added it; it becomes stale when an owner comes or
// goes, and keeps counting until IGMP re-adds it or it is swept. Control thread.
#pragma once

#include "clients.h"

#include "mcast/base/flow.h"
#include "mcast/base/if_set.h"
#include "mcast/mgm/component.h"

#include <array>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace mcast::mgm {

// One line of the books: `origin` wants it on these interfaces, and that counts for `client`. The
// two differ where IGMP is beside an owner.
struct Account {
    ClientSerial client = k_nobody;
    ClientSerial origin = k_nobody;
    bool igmp = false; // the origin is IGMP
    IfSet on;          // not empty
};

struct Interest {
    std::vector<Account> accounts;
    IfSet stale; // within igmp()

    IfSet own() const;
    IfSet igmp() const;
};

// For whom something is wanted, and by whom.
struct Wish {
    ClientSerial client = k_nobody;
    ClientSerial origin = k_nobody;

    auto operator<=>(Wish const&) const = default;
};

// Which interfaces want one flow, by origin.
struct Wanting {
    IfSet own;
    IfSet igmp;
    IfSet stale;
};

class Membership {
public:
    enum class Added : std::uint8_t { unchanged, renewed, fresh };
    enum class Removed : std::uint8_t { nothing, stale, live };

    bool add_own(ClientSerial client, MembershipKey const& key, IfIndex index);
    bool remove_own(ClientSerial client, MembershipKey const& key, IfIndex index);
    Added add_igmp(ClientSerial account, ClientSerial origin, MembershipKey const& key,
                   IfIndex index);
    Removed remove_igmp(MembershipKey const& key, IfIndex index);
    void mark_igmp_stale(IfIndex index);
    // IGMP's membership there counts for `account` from now on; it stays stale if it was.
    void move_igmp(ClientSerial account, MembershipKey const& key, IfIndex index);

    Interest const* find(MembershipKey const& key) const;
    // Wishes for this very key, sorted.
    std::vector<Wish> wishes(MembershipKey const& key) const;
    // The same, and for (*,G) those for (*,*) too: a wildcard receiver is listed under every group.
    // RFC 2715 section 2.2.
    std::vector<Wish> counted(MembershipKey const& key) const;
    Wanting wanting(FlowKey flow) const;

    std::vector<MembershipKey> keys_on(IfIndex index) const;
    std::vector<MembershipKey> stale_on(IfIndex index, std::size_t limit) const;
    std::unordered_map<MembershipKey, Interest> const& all() const { return interests_; }

private:
    Account& account(MembershipKey const& key, ClientSerial client, ClientSerial origin, bool igmp);
    // Removes what has become empty: the account, the interest, the key of the interface.
    void tidy(MembershipKey const& key, IfIndex index);

    std::unordered_map<MembershipKey, Interest> interests_;
    std::array<std::unordered_set<MembershipKey>, k_max_interfaces> by_interface_;
};

} // namespace mcast::mgm
