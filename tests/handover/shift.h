// One interface changing hands back and forth: the component takes it beside IGMP, wants its
// streams, and releases it. Keeps the times of it and, for the judge, when which streams had to
// come out. Control thread; step() is called after each turn of control.
#pragma once

#include "appliance.h"
#include "component.h"
#include "timeline.h"

#include "mcast/base/random.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace mcast::handover {

class Shift {
public:
    // `packets`: how many have come out so far, of all streams.
    Shift(Appliance& appliance, RoutingComponent& component, Streams streams, IfIndex interface,
          std::uint64_t seed, std::function<std::uint64_t()> packets);

    // At most one step forward. `begin`: whether another hand-over may begin.
    void step(bool begin);
    bool at_rest() const { return state_ == State::igmp_alone || state_ == State::shared; }

    // Completed changes of owner, in both directions.
    std::size_t hand_overs() const { return takes_.size() + releases_.size(); }
    // From the call until the interface was ready, or IGMP's gate open again.
    std::vector<Duration> const& takes() const { return takes_; }
    std::vector<Duration> const& releases() const { return releases_; }

    // What comes out while the component has the interface, and what only while IGMP is alone.
    Timeline const& of_component() const { return of_component_; }
    Timeline const& of_igmp() const { return of_igmp_; }

private:
    enum class State : std::uint8_t { igmp_alone, taking, wanting, settling, shared, releasing };

    void take();
    void want();
    bool all_published() const;
    void release();
    std::uint64_t completed() const;
    void dwell();

    Appliance& appliance_;
    RoutingComponent& component_;
    Streams streams_;
    mgm::InterfaceRef ref_;
    Random random_;
    State state_ = State::igmp_alone;
    mgm::InterfaceLease lease_;
    TimePoint since_{};
    std::uint64_t completed_before_ = 0;
    std::function<std::uint64_t()> packets_;
    std::uint64_t idle_turns_ = 0;  // left until the next hand-over
    std::uint64_t stays_until_ = 0; // so many packets have come out
    std::optional<handoff::GraceToken> token_;
    std::vector<Duration> takes_;
    std::vector<Duration> releases_;
    Timeline of_component_{false};
    Timeline of_igmp_{true};
};

} // namespace mcast::handover
