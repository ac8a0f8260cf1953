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

struct Account {
    ClientSerial client = k_nobody;
    IfSet own;  // interfaces on which the client itself wants it
    IfSet igmp; // interfaces on which IGMP wants it and that counts for the client
};

struct Interest {
    std::vector<Account> accounts; // none is empty of both
    IfSet stale;                   // within the union of `igmp`

    IfSet own() const;
    IfSet igmp() const;
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
    Added add_igmp(ClientSerial account, MembershipKey const& key, IfIndex index);
    Removed remove_igmp(MembershipKey const& key, IfIndex index);
    void mark_igmp_stale(IfIndex index);
    // IGMP's membership there counts for `account` from now on; it stays stale if it was.
    void move_igmp(ClientSerial account, MembershipKey const& key, IfIndex index);

    Interest const* find(MembershipKey const& key) const;
    // Clients with this very membership, sorted.
    std::vector<ClientSerial> clients(MembershipKey const& key) const;
    // The same, and for (*,G) those with (*,*) too: a wildcard receiver is listed under every
    // group. RFC 2715 section 2.2.
    std::vector<ClientSerial> counted(MembershipKey const& key) const;
    Wanting wanting(FlowKey flow) const;

    std::vector<MembershipKey> keys_on(IfIndex index) const;
    std::vector<MembershipKey> stale_on(IfIndex index, std::size_t limit) const;
    std::unordered_map<MembershipKey, Interest> const& all() const { return interests_; }

private:
    Account& account(MembershipKey const& key, ClientSerial client);
    // Removes what has become empty: the account, the interest, the key of the interface.
    void tidy(MembershipKey const& key, IfIndex index);

    std::unordered_map<MembershipKey, Interest> interests_;
    std::array<std::unordered_set<MembershipKey>, k_max_interfaces> by_interface_;
};

} // namespace mcast::mgm
