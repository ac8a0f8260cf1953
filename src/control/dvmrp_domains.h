// The DVMRP domains of this router: as many components as interfaces name (`domain`), each with
// interfaces of its own. Without [dvmrp] there is none. Control thread only.
#pragma once

#include "dvmrp_component.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace mcast::control {

class DvmrpDomains {
public:
    DvmrpDomains(DvmrpSurroundings const& with, dvmrp::Seeds seeds);

    void start(TimePoint now);
    void farewell();
    void stop();
    mgm::Result<> take(IfIndex interface, TimePoint now);
    mgm::Result<> release(IfIndex interface, TimePoint now);

    bool holds(IfIndex interface) const { return component(interface) != nullptr; }
    IfSet held() const;
    // Of these, where neighbours may be (S10).
    IfSet speaking() const;
    // nullptr: DVMRP does not run there.
    DvmrpComponent const* component(IfIndex interface) const;
    DvmrpComponent* component(IfIndex interface);
    std::vector<std::unique_ptr<DvmrpComponent>> const& all() const { return all_; }

    void begin_turn(TimePoint now);
    Fate receive(IfIndex interface, DvmrpFrame const& frame, TimePoint now);
    void refiltered(igmp::Change const& change);
    std::size_t follow(TimePoint now, std::size_t limit);
    std::size_t expire(TimePoint now, std::size_t limit);
    std::optional<TimePoint> next_due() const;
    bool busy() const;
    void set_link(IfIndex interface, bool up, TimePoint now);

private:
    // By configuration, whether it runs or not; nullptr without [dvmrp].
    DvmrpComponent* domain_of(IfIndex interface) const;

    Interfaces const& interfaces_;
    std::vector<std::unique_ptr<DvmrpComponent>> all_; // by domain, ascending
};

} // namespace mcast::control
