// IGMP's seat at the group manager's table: the engine's wishes become memberships, its queries
// become frames, and the manager's questions get the engine's verdict.
//
// What the manager was told is remembered per interface and group, so that a change costs its
// difference only. Exclude lists are no memberships: (*,G) is added and the manager asks about each
// source when an entry is made; when a list changes, the manager asks again.
//
// Gate. While it is closed nothing is added or removed; the protocol goes on. When the manager says
// that it is open again, that is only noted; the next calls of tell_changes() add everything that
// the link wants by then, a bounded part each, with the epoch that came with the news (MGM-40).
//
// Memory. An allocation that fails costs a message or a moment: what the manager may not have been
// told is told again, all of it for that link.
#pragma once

#include "demux.h"
#include "injector.h"
#include "interfaces.h"

#include "mcast/base/if_set.h"
#include "mcast/control/counters.h"
#include "mcast/igmp/engine.h"
#include "mcast/mgm/group_manager.h"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace mcast::control {

class IgmpComponent final : public mgm::IgmpListener {
public:
    IgmpComponent(Config const& config, Interfaces const& interfaces, mgm::GroupManager& manager,
                  Injector& injector, Counters& counters, std::uint64_t seed = 0);

    // Registers, takes the interfaces that run IGMP, and starts to query.
    void start(TimePoint now);
    // Says what is to be said to others before the end; stop() does when nobody did.
    void farewell();
    // Forgets all groups, and gives the interfaces back.
    void stop();

    // On a running router: begins to query there, or forgets all groups there and falls silent;
    // hosts make them known again when it comes back. The manager's refusals.
    mgm::Result<> take(IfIndex interface, TimePoint now);
    mgm::Result<> release(IfIndex interface);

    // Work for the calls of receive() that follow (see igmp::Engine): it is called while
    // has_allowance() only. Before reports, resume() takes up the rest of one that was interrupted.
    void allow(std::size_t work) { allowance_ = work; }
    std::size_t resume(TimePoint now); // how many
    bool has_allowance() const { return allowance_ != 0; }
    Fate receive(IfIndex interface, IgmpFrame const& frame, TimePoint now);
    // Messages from there were refused before they came to control.
    void overrun(IfIndex interface, TimePoint now) { engine_.overrun(interface, now); }
    // Both: at most `limit`; return how much was done. A group with many sources counts as many.
    std::size_t expire(TimePoint now, std::size_t limit);
    std::size_t tell_changes(std::size_t limit);
    std::optional<TimePoint> next_due() const { return engine_.next_due(); }
    // Memberships wait for tell_changes(), or a report for resume().
    bool busy() const {
        return !reopened_.empty() || !pending_.empty() || !untold_.empty() || engine_.interrupted();
    }
    // Whose exclude list has changed since the last call; other changes are news of the manager.
    std::set<igmp::Change> take_refiltered() { return std::exchange(refiltered_, {}); }
    void set_link(IfIndex interface, bool up, TimePoint now);
    // What is asked on these interfaces is kept for take_asked().
    void keep_asked(IfSet interfaces) { keep_asked_ = interfaces; }
    std::vector<igmp::QueryToSend> take_asked() { return std::exchange(asked_, {}); }

    // By command; nothing happens where IGMP does not run. The manager hears of what is forgotten
    // by the next tell_changes(). Where we are the querier, hosts are asked at once what they want.
    void clear_groups(IfIndex interface, std::optional<Ipv4> group);
    void restart(IfIndex interface, TimePoint now);
    void elect_again(IfIndex interface, TimePoint now);
    void clear_statistics(IfIndex interface, TimePoint now);
    // One query beside the usual ones; false when it is not on us to ask there.
    bool query(IfIndex interface, std::optional<Ipv4> group);

    igmp::Engine const& engine() const { return engine_; }
    bool is_querier(IfIndex interface) const;

    // A refused flow asks again after the configured time, not after a protocol's 900 s.
    void on_prune(mgm::MembershipKey const& key, mgm::InterfaceRef interface, mgm::AlertCause cause,
                  std::chrono::seconds& entry_lifetime) override;
    void on_entry_created(FlowKey key, mgm::InterfaceRef arrival,
                          std::span<mgm::OutInterface> mine) override;
    void on_igmp_gate_closed(mgm::InterfaceRef interface) override;
    void on_igmp_gate_opened(mgm::InterfaceRef interface, mgm::Epoch epoch) override;

private:
    struct Told {
        std::vector<mgm::MembershipKey> keys; // sorted
        std::vector<Ipv4> exclude;
    };
    struct Seat {
        mgm::InterfaceLease lease;
        std::map<Ipv4, Told> told;
    };

    // What is left to be told again: after a gate has opened, or because memory ran out before the
    // manager could be told (no epoch then).
    struct Readd {
        std::optional<mgm::Epoch> epoch{};
        std::optional<std::vector<Ipv4>> groups{}; // sorted; absent: not begun
        std::size_t next = 0;
    };

    void carry_out(igmp::Output const& output);
    void send(igmp::QueryToSend const& query);
    void send(igmp::DiscoveryToSend const& discovery);
    bool transmit(IfIndex interface, Ipv4 source, Ipv4 destination, wire::Igmp const& message);
    std::size_t readd(IfIndex interface, Readd& work, std::size_t limit);
    std::vector<Ipv4> groups_to_readd(IfIndex interface) const;
    // How many calls of the manager it took. `again`: also what it was told before.
    std::size_t tell(IfIndex interface, Ipv4 group, Readd const* again = nullptr);
    std::size_t try_to_tell(IfIndex interface, Ipv4 group, Readd const* again = nullptr);
    void tell_all_again();
    bool add(Seat& seat, mgm::MembershipKey const& key, std::optional<mgm::Epoch> epoch);
    void take_back(Seat& seat, mgm::MembershipKey const& key, Told& told);

    Config const& config_;
    Interfaces const& interfaces_;
    mgm::GroupManager& manager_;
    Injector& injector_;
    Counters& counters_;
    igmp::Engine engine_;
    igmp::Output output_; // kept for its memory
    std::size_t allowance_ = igmp::Engine::k_all;
    mgm::Registration registration_;
    std::map<IfIndex, Seat> seats_; // after the registration: leases go first
    std::set<igmp::Change> pending_;
    std::map<IfIndex, Readd> reopened_;
    std::set<igmp::Change> refiltered_;
    IfSet keep_asked_;
    std::vector<igmp::QueryToSend> asked_;
    IfSet untold_; // where everything is to be told again, since memory ran out
};

} // namespace mcast::control
