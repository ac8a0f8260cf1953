// Who lives at which MAC on our links: ARP for our addresses, and answers to ping.
//
// The table is bounded. Routers that the configuration names (upstream neighbours of static routes)
// are asked for and kept; others are learned when they ask for us, announce themselves, or ping,
// and age.
#pragma once

#include "demux.h"
#include "injector.h"
#include "interfaces.h"

#include "mcast/base/time.h"
#include "mcast/control/counters.h"
#include "mcast/timer/wheel.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

namespace mcast::control {

struct Neighbour {
    std::optional<Mac> mac;    // absent: asked for, no answer yet
    timer::Handle timer;       // next request, or the end of what was learned
    std::uint8_t requests = 0; // sent without an answer
    bool wanted = false;       // kept by asking again; else forgotten when due
};

class Adjacency {
public:
    static constexpr std::size_t k_max_neighbours = 1024;
    static constexpr Duration k_retry = std::chrono::seconds{1};
    static constexpr std::uint8_t k_max_requests = 3;
    static constexpr Duration k_lifetime = std::chrono::minutes{5};
    static constexpr Duration k_give_up_for = std::chrono::minutes{1};
    static constexpr std::uint32_t k_echoes_per_second = 100;

    Adjacency(Interfaces const& interfaces, Injector& injector, Counters& counters)
        : interfaces_(interfaces), injector_(injector), counters_(counters) {}

    Fate receive(IfIndex interface, ArpFrame const& frame, TimePoint now);
    Fate receive(IfIndex interface, EchoFrame const& frame, TimePoint now);

    // Asks, and keeps asking, for a neighbour; false when the table is full.
    bool want(IfIndex interface, Ipv4 address, TimePoint now);
    std::optional<Mac> mac_of(IfIndex interface, Ipv4 address) const;
    // Forgets what was learned on the interface; wanted ones are asked for again.
    void link_changed(IfIndex interface, TimePoint now);

    // At most `limit` due neighbours; returns how many.
    std::size_t expire(TimePoint now, std::size_t limit);
    std::optional<TimePoint> next_due() const { return wheel_.next_due(); }
    std::size_t size() const { return table_.size(); }

private:
    using Key = std::pair<IfIndex, Ipv4>;
    using Table = std::map<Key, Neighbour>;

    Fate answer(IfIndex interface, wire::ArpPacket const& request);
    void warn_of_conflict(IfIndex interface, wire::ArpPacket const& packet, TimePoint now);
    Fate learn(IfIndex interface, wire::ArpPacket const& packet, bool addressed_to_us,
               TimePoint now);
    bool echo_allowed(TimePoint now);
    void ask(Key const& key, Neighbour& neighbour, TimePoint now);
    void expire_one(Key const& key, TimePoint now);
    // The neighbour of this key, made when there is none.
    Neighbour& at(Key const& key, TimePoint due);

    Interfaces const& interfaces_;
    Injector& injector_;
    Counters& counters_;
    timer::Wheel wheel_;
    Table table_; // after the wheel: its handles go first
    std::optional<TimePoint> last_warning_;
    TimePoint echo_window_{};
    std::uint32_t echoes_ = 0; // in this window
};

} // namespace mcast::control
