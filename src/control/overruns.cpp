#include "overruns.h"

namespace mcast::control {

namespace {

using handoff::Drop;

std::uint64_t refused_on(handoff::Shared const& shared, IfIndex interface) {
    std::uint64_t sum = 0;
    for (auto const& channel : shared.workers) {
        auto const& drops = channel->counters->interfaces[interface.index()].drops;
        sum += drops[static_cast<std::size_t>(Drop::igmp_policed)].read() +
               drops[static_cast<std::size_t>(Drop::igmp_full)].read();
    }
    return sum;
}

} // namespace

void Overruns::tell(handoff::Shared const& shared, Interfaces const& interfaces,
                    IgmpComponent& igmp, bool left, TimePoint now) {
    bool const behind = left || igmp.engine().interrupted();
    interfaces.for_each([&](IfIndex i) {
        if (!igmp.engine().knows(i)) {
            return;
        }
        std::uint64_t const refused = refused_on(shared, i);
        if (behind || refused != refused_[i.index()]) {
            igmp.overrun(i, now);
        }
        refused_[i.index()] = refused;
    });
}

} // namespace mcast::control
