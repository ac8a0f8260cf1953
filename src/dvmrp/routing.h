// Which routes we have, from what reports say (sections 3.4.6 to 3.4.8), and what we say of them
// and when (sections 3.4.2 to 3.4.5). Owned by the Core.
//
// routing.cpp has life and death of routes, routing_own.cpp those that are not learned,
// routing_hear.cpp what a report does, routing_tell.cpp what we send. Whatever changes where a
// source's packets come in or go out leaves the prefix among the touched ones, for the trees.
#pragma once

#include "change_log.h"
#include "interface.h"
#include "route_table.h"

#include "mcast/dvmrp/engine.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

namespace mcast::dvmrp {

using Interfaces = std::map<IfIndex, Interface>;

class Routing {
public:
    Routing(Config const& config, timer::Wheel& wheel, Spans& spans, Interfaces& interfaces)
        : config_(config), wheel_(wheel), spans_(spans), interfaces_(interfaces),
          table_(room_for_routes(config)) {}

    RouteTable const& table() const { return table_; }
    // The route that packets of the source take.
    Route const* usable(Ipv4 source) const;
    // What neighbours of this interface know in place of the route: mostly itself, or one that
    // contains it; nullptr: nothing.
    Route const* told_as(Route const& route, Interface const& interface) const;
    // Whether any route may be told as another.
    bool hides() const;

    void connect(Interface& interface, TimePoint now, Output& out);
    void disconnect(Interface& interface, TimePoint now, Output& out);
    void set_external(ExternalRoute const& external, TimePoint now, Output& out);
    void remove_external(Ipv4Prefix prefix, TimePoint now, Output& out);
    // The configuration is another now: of an interface, or of the engine.
    void reconfigured(Interface& interface, InterfaceConfig const& before, TimePoint now,
                      Output& out);
    void reconfigured(TimePoint now, Output& out);
    void forget(IfIndex interface) { flashes_.erase(interface); }

    // Precondition: the neighbour is two-way. False when it tells of more than it may.
    bool hear(Interface& interface, Neighbor const& neighbor, wire::dvmrp::Report const& report,
              TimePoint now, Output& out);
    // It gets the whole table.
    void neighbor_gained(Interface& interface, Neighbor const& neighbor, TimePoint now);
    // What it said is void.
    void neighbor_lost(TimePoint now);

    void route_due(Ipv4Prefix prefix, TimePoint now, Output& out);
    // A piece of the work, each; they return how many routes were looked at.
    std::size_t sweep_due(TimePoint now, Output& out);
    std::size_t table_due(TimePoint now, Output& out);
    std::size_t flash_due(IfIndex interface, TimePoint now, Output& out);
    std::size_t report_due(TimePoint now, Output& out);
    bool farewell(std::size_t limit, Output& out);

    // Prefixes whose flows are to be looked at again; the caller empties it.
    std::set<Ipv4Prefix>& touched() { return touched_; }

private:
    struct Offer; // one route of a report, in routing_hear.cpp
    struct Flash {
        std::uint64_t read = 0;           // changes told
        std::uint64_t upto = 0;           // of the flash that is being sent
        std::optional<TimePoint> begun{}; // the last one
        timer::Handle timer{};
    };
    struct TableJob {
        IfIndex interface{};
        Ipv4 neighbor{};
        Span memory = 0;
        std::optional<Ipv4Prefix> after{};
        bool gaps = false; // what is not said any more was said before: say that it is gone
    };

    Interface* find(IfIndex interface);
    void arm(timer::Handle& handle, TimePoint due, timer::Key key);
    void arm(Route& route);

    // Life and death.
    void lose(Route& route, TimePoint now, Output& out);
    void lose_candidate(Route& route, Output& out);
    void end_hold_down(Route& route, TimePoint now, Output& out);
    void set_upstream(Route& route, Offer const& offer, Output& out);
    void keep_as_rival(Route& route);
    void attach(Route& route, Span adjacency);
    void expire_dependents(Route& route, TimePoint now);
    void begin_assuming(Route& route, TimePoint now);
    void note_denial(Route& route, Offer const& offer);
    void sweep(Route& route, TimePoint now, Output& out);
    void touch(Route const& route) { touched_.insert(route.prefix); }
    void changed(Route& route, TimePoint now);
    void changed(Route const& route, IfIndex only, IfIndex except, TimePoint now);

    // What is not learned.
    Route& make_own(Ipv4Prefix prefix, TimePoint now, Output& out);
    void disown(Route& route, TimePoint now, Output& out);
    std::uint8_t redistributed(ExternalRoute const& external) const;
    void apply_external(Ipv4Prefix prefix, TimePoint now, Output& out);
    void tell_anew(Interface const& interface, TimePoint now);
    void apply_aggregates(TimePoint now, Output& out);
    void make_aggregate(Ipv4Prefix prefix, TimePoint now, Output& out);
    void recount(Route& route);
    void set_metric_of(Ipv4Prefix aggregate);
    bool is_denied(Route const& route, IfIndex interface) const;
    bool apply_policy(Route& route);

    // What a report does.
    bool is_legal(wire::dvmrp::Route const& said, Neighbor const& from, Interface& interface);
    void hear_route(Offer const& offer, Output& out);
    bool has_room(Offer const& offer, Output& out);
    void hear_new(Offer const& offer, Output& out);
    void hear_reachable(Route& route, Offer const& offer, Output& out);
    void hear_in_hold_down(Route& route, Offer const& offer, Output& out);
    void hear_from_upstream(Route& route, Offer const& offer, Output& out);
    void hear_unreachable(Route& route, Offer const& offer, Output& out);
    void hear_dependency(Route& route, Offer const& offer, Output& out);

    // What we send.
    void arm_flashes(TimePoint now);
    void trim_log();
    void queue_table(Interface const& interface, Neighbor const& neighbor, bool gaps,
                     TimePoint now);
    bool send_piece(Interface& interface, Ipv4 destination, TableJob& job, Output& out);

    Config const& config_;
    timer::Wheel& wheel_;
    Spans& spans_;
    Interfaces& interfaces_;
    RouteTable table_;
    std::size_t learned_ = 0;
    std::unordered_map<Span, std::size_t> routes_of_; // each neighbour, learned
    std::map<Ipv4Prefix, ExternalRoute> externals_;
    std::vector<Aggregate> aggregates_; // that are applied
    // How many parts of an aggregate there are of each metric.
    std::map<Ipv4Prefix, std::array<std::size_t, k_infinity>> parts_;
    std::uint64_t reports_heard_ = 0;
    std::set<Ipv4Prefix> touched_;

    ChangeLog log_;
    std::map<IfIndex, Flash> flashes_;
    bool flashes_armed_ = false;

    timer::Handle report_timer_;
    std::optional<TimePoint> cycle_begun_{};
    std::optional<Ipv4Prefix> cycle_after_{};
    std::size_t cycle_sent_ = 0;
    std::size_t cycle_routes_ = 0;

    timer::Handle sweep_timer_;
    std::optional<Ipv4Prefix> sweep_after_{};
    bool sweep_again_ = false;

    std::deque<TableJob> tables_;
    timer::Handle table_timer_;

    std::optional<IfIndex> farewell_interface_{};
    std::optional<Ipv4Prefix> farewell_after_{};
};

// One route of a report, with who said it where.
struct Routing::Offer {
    Interface& interface;
    Neighbor const& neighbor;
    Ipv4Prefix prefix{};
    std::uint8_t said = 0;   // metric as it was said
    std::uint8_t metric = 0; // with our cost; for a poison as it was said
    TimePoint now{};

    IfIndex where() const { return interface.index(); }
    bool is_upstream_of(Route const& route) const {
        return route.interface == where() && route.neighbor == neighbor.address && !route.connected;
    }
};

} // namespace mcast::dvmrp
