// The workers' pulse: when each was last seen to finish a turn, and who holds up a change of owner.
//
// A change of owner is complete when every worker has finished a turn since its entries were
// published. A worker that finishes none is named in the log, with what waits for it: once when
// that has lasted k_stall, and once when it goes on. Control thread; time is passed in.
#pragma once

#include "interfaces.h"

#include "mcast/base/time.h"
#include "mcast/handoff/worker_channel.h"
#include "mcast/mgm/views.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace mcast::control {

class Pulse {
public:
    static constexpr Duration k_stall = std::chrono::seconds{1};

    Pulse(handoff::Shared const& shared, Interfaces const& interfaces,
          std::vector<std::uint16_t> const& cores)
        : shared_(shared), interfaces_(interfaces), cores_(cores), beats_(shared.workers.size()),
          loads_(shared.workers.size()) {}

    void start(TimePoint now);
    // Once a turn: looks at the workers' counters of turns.
    void feel(TimePoint now);
    // Whether it is worth calling name_stalls(): somebody finished no turn for k_stall, and was not
    // named yet.
    bool suspicious(TimePoint now) const;
    void name_stalls(std::span<mgm::OwnershipView const> owners, TimePoint now);

    // Of the last full second that control saw, the worker's share that went into turns with work;
    // 0..1.
    double busy_share(std::size_t worker) const { return loads_[worker].share; }
    // Since the worker was last seen to finish a turn.
    Duration age(std::size_t worker, TimePoint now) const { return now - beats_[worker].moved; }
    // This change waits for this worker.
    bool holds_up(std::size_t worker, mgm::OwnershipView const& change) const {
        return change.published && beats_[worker].moved <= *change.published;
    }
    // The workers for which this change waits.
    std::vector<std::size_t> waited_for(mgm::OwnershipView const& change) const;

private:
    struct Beat {
        std::uint64_t turns = 0;
        TimePoint moved{};
        bool named = false; // in the log
    };

    // The worker's cycles when the second began.
    struct Load {
        TimePoint began{};
        std::uint64_t busy = 0;
        std::uint64_t idle = 0;
        double share = 0;
    };

    void weigh(std::size_t worker, TimePoint now);
    std::string title(std::size_t worker) const;

    handoff::Shared const& shared_;
    Interfaces const& interfaces_;
    std::vector<std::uint16_t> const& cores_; // by worker
    std::vector<Beat> beats_;
    std::vector<Load> loads_;
};

} // namespace mcast::control
