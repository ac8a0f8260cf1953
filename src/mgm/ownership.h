// Who sits on which interface, and the state of a change: the machine of U, I, P, PI, TX and RX.
//
// It keeps records and refuses what must not be; what follows for memberships and entries is done
// by its caller (transfer.cpp). Control thread.
#pragma once

#include "clients.h"

#include "mcast/base/time.h"
#include "mcast/handoff/grace_period.h"
#include "mcast/mgm/component.h"
#include "mcast/mgm/views.h"

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace mcast::mgm {

struct Seat {
    ClientSerial client = k_nobody;
    std::uint64_t lease = 0; // never used twice
    bool abandoned = false;  // its holder is gone, and it could not be released yet
    bool alerts = false;     // its holder wants to hear of packets on the wrong interface

    bool taken() const { return client != k_nobody; }
};

// An owner comes or goes, and not every worker has seen what follows from that.
struct Transition {
    bool releasing = false;
    bool gate_closed = false; // IGMP was there when it began, and has not left since
    TimePoint since{};
    TimePoint published{};                    // with the token
    std::optional<std::uint64_t> ticket;      // entries have to follow up to it; absent: sweeping
    std::optional<handoff::GraceToken> token; // absent: its entries are not all published yet
};

struct InterfaceRecord {
    Seat owner;
    Seat igmp;
    Epoch epoch{};
    std::optional<Transition> transition;
    std::optional<HandOver> last;
    std::uint64_t hand_overs = 0;

    OwnershipState state() const;
    bool gate_closed() const { return transition && transition->gate_closed; }
    bool gate_open() const { return igmp.taken() && !gate_closed(); }
    // For whom memberships of this interface count: the routing owner, else IGMP.
    ClientSerial accountant() const { return owner.taken() ? owner.client : igmp.client; }
};

class Ownership {
public:
    struct Change {
        std::uint64_t lease = 0;
        bool gate_closed = false; // by this very change: IGMP has to be told
    };
    Result<Change> take(ClientSerial client, bool is_igmp, InterfaceRef ref, TimePoint now);

    // `lease`: only if it is still that one. invalid_parameter when the client has no seat there.
    struct Left {
        bool was_igmp = false;
        bool gate_closed = false;
    };
    Result<Left> release(ClientSerial client, InterfaceRef ref, std::optional<std::uint64_t> lease,
                         TimePoint now);
    // Everybody leaves every link of the interface, without transition. Calls f(InterfaceRef) for
    // each.
    template <class F>
    void drop(IfIndex index, F&& f) {
        for (auto it = records_.lower_bound({index, {}});
             it != records_.end() && it->first.index == index; it = records_.erase(it)) {
            end_transition(it->second);
            f(it->first);
        }
    }
    // The seat has nobody any more who would release it.
    void abandon(ClientSerial client, InterfaceRef ref);
    // Precondition: the client has that lease.
    void set_alerts(ClientSerial client, InterfaceRef ref, std::uint64_t lease, bool on);
    // Who is told of packets on the wrong interface there: for whom the interface counts, if they
    // asked for it. nullptr: nobody.
    Seat const* hearer(InterfaceRef ref) const;
    // All its seats. Returns how many.
    std::size_t abandon_all(ClientSerial client);
    bool any_abandoned() const { return abandoned_; }
    std::vector<std::pair<InterfaceRef, ClientSerial>> abandoned();

    InterfaceRecord const* find(InterfaceRef ref) const;
    // k_nobody when nobody is there.
    ClientSerial accountant(InterfaceRef ref) const;
    bool holds(ClientSerial client, InterfaceRef ref) const;
    bool holds_any(ClientSerial client) const;
    std::map<InterfaceRef, InterfaceRecord> const& all() const { return records_; }

    bool in_transition() const { return transitions_ != 0; }
    // Calls f(InterfaceRef, InterfaceRecord&) for interfaces that change hands.
    template <class F>
    void for_each_transition(F&& f) {
        for (auto it = records_.begin(); transitions_ != 0 && it != records_.end(); ++it) {
            if (it->second.transition) {
                f(it->first, it->second);
            }
        }
    }
    // Its grace period has passed; a gate that was closed opens with a new epoch.
    void complete(InterfaceRecord& record, TimePoint now);
    std::uint64_t completed() const { return completed_; }

private:
    std::size_t abandon(ClientSerial client, InterfaceRecord& record);
    bool begin_transition(InterfaceRecord& record, bool releasing, TimePoint now);
    void end_transition(InterfaceRecord& record);
    void forget_if_empty(InterfaceRef ref);

    std::map<InterfaceRef, InterfaceRecord> records_;
    std::size_t transitions_ = 0;
    std::uint64_t completed_ = 0;
    bool abandoned_ = false;
    std::uint64_t last_lease_ = 0;
    std::uint64_t last_epoch_ = 0;
};

} // namespace mcast::mgm
