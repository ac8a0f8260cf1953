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
#include <vector>

namespace mcast::mgm {

struct Seat {
    ClientSerial client = k_nobody;
    std::uint64_t lease = 0; // never used twice

    bool taken() const { return client != k_nobody; }
};

// An owner comes or goes beside IGMP. The gate is closed exactly as long as this exists.
struct Transition {
    bool releasing = false;
    TimePoint since{};
    std::optional<handoff::GraceToken> token; // absent: its entries are not all published yet
};

struct InterfaceRecord {
    Seat owner;
    Seat igmp;
    Epoch epoch{};
    std::optional<Transition> transition;

    OwnershipState state() const;
    bool gate_open() const { return igmp.taken() && !transition; }
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
    // Everybody leaves every link of the interface, without transition. Returns the links.
    std::vector<InterfaceRef> drop(IfIndex index);

    InterfaceRecord const* find(InterfaceRef ref) const;
    // k_nobody when nobody is there.
    ClientSerial accountant(InterfaceRef ref) const;
    bool holds(ClientSerial client, InterfaceRef ref) const;
    std::vector<InterfaceRef> held_by(ClientSerial client) const;
    std::map<InterfaceRef, InterfaceRecord> const& all() const { return records_; }

    bool in_transition() const { return transitions_ != 0; }
    // Starts the grace period of those that wait for one.
    void start_grace(handoff::GracePeriod& grace);
    // Opens the gates whose grace period has passed, with a new epoch. Returns their interfaces.
    std::vector<InterfaceRef> open_gates(handoff::GracePeriod& grace);

private:
    bool close_gate(InterfaceRecord& record, bool releasing, TimePoint now);
    void end_transition(InterfaceRecord& record);
    void forget_if_empty(InterfaceRef ref);

    std::map<InterfaceRef, InterfaceRecord> records_;
    std::size_t transitions_ = 0;
    std::uint64_t last_lease_ = 0;
    std::uint64_t last_epoch_ = 0;
};

} // namespace mcast::mgm
