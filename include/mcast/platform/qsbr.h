// The grace period in production: DPDK's quiescent-state-based reclamation.
//
// A worker that is online has to call quiescent() between two turns, when it holds no pointer into
// the table or the interface snapshot; one that is offline holds none and is not waited for.
// Control asks with start() and passed(); neither ever blocks. Needs no EAL.
#pragma once

#include "mcast/base/ids.h"
#include "mcast/handoff/grace_period.h"

#include <rte_rcu_qsbr.h>

#include <cstddef>
#include <cstdlib>
#include <memory>

namespace mcast::platform {

class Qsbr final : public handoff::GracePeriod {
public:
    // workers: 1..k_max_workers. All start offline.
    explicit Qsbr(std::size_t workers = k_max_workers);
    Qsbr(Qsbr const&) = delete;
    Qsbr& operator=(Qsbr const&) = delete;

    // Control.
    handoff::GraceToken start() override { return {rte_rcu_qsbr_start(state_.get())}; }
    bool passed(handoff::GraceToken token) override {
        return rte_rcu_qsbr_check(state_.get(), token.value, false) == 1;
    }

    // The worker itself, on its own thread.
    void online(WorkerId worker) { rte_rcu_qsbr_thread_online(state_.get(), worker.value); }
    void offline(WorkerId worker) { rte_rcu_qsbr_thread_offline(state_.get(), worker.value); }
    // Precondition: online. What was read from the table before is not valid any more.
    void quiescent(WorkerId worker) { rte_rcu_qsbr_quiescent(state_.get(), worker.value); }

    std::size_t workers() const { return workers_; }

private:
    struct Free {
        void operator()(rte_rcu_qsbr* state) const { std::free(state); }
    };
    std::size_t workers_;
    std::unique_ptr<rte_rcu_qsbr, Free> state_;
};

} // namespace mcast::platform
