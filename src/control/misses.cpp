#include "misses.h"

namespace mcast::control {

Misses::Misses(handoff::Shared& shared, mgm::GroupManager& manager, Injector& injector,
               Interfaces const& interfaces, Counters& counters)
    : shared_(shared), manager_(manager), injector_(injector), interfaces_(interfaces),
      counters_(counters), waiting_(shared.workers.size(), nullptr) {}

std::size_t Misses::drain(WorkerId worker, std::size_t limit, TimePoint now) {
    handoff::FrameQueue& queue = shared_.workers[worker.index()]->punt(handoff::PuntClass::miss);
    handoff::Frame*& waiting = waiting_[worker.index()];
    for (std::size_t done = 0; done < limit; ++done) {
        handoff::Frame* const frame = waiting != nullptr ? waiting : queue.pop();
        waiting = nullptr;
        if (frame == nullptr) {
            return done;
        }
        if (judge(worker, *frame, now) == Step::waits) {
            waiting = frame;
            return done;
        }
        queue.release(frame);
    }
    return limit;
}

Misses::Step Misses::judge(WorkerId worker, handoff::Frame& frame, TimePoint now) {
    if (!interfaces_.has(frame.interface)) {
        counters_.add(Fate::unknown_interface);
        return Step::judged;
    }
    auto const parked = demux_miss(frame.bytes());
    if (!parked) {
        counters_.add(parked.error());
        return Step::judged;
    }
    mgm::MissOutcome const outcome =
        manager_.miss(parked->flow, frame.interface, parked->packet, now);
    if (outcome.result == mgm::MissResult::refused) {
        counters_.add(Fate::miss_no_entry);
    } else if (outcome.drop != handoff::Drop::none) {
        counters_.add(Fate::miss_negative);
    } else if (injector_.reinject(worker, frame.interface, frame.bytes())) {
        counters_.add(Fate::miss_reinjected);
    } else {
        return Step::waits;
    }
    return Step::judged;
}

} // namespace mcast::control
