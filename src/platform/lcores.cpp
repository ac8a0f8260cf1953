#include "mcast/platform/lcores.h"

#include <utility>

#include <fmt/format.h>
#include <rte_launch.h>
#include <rte_lcore.h>

namespace mcast::platform {

struct Lcores::Running {
    unsigned lcore;
    Body body;
    StopFlag const* flag;
};

namespace {

// The lcore of a worker's number, or RTE_MAX_LCORE.
unsigned lcore_of(WorkerId worker) {
    std::size_t number = 0;
    unsigned lcore = RTE_MAX_LCORE;
    RTE_LCORE_FOREACH_WORKER(lcore) {
        if (number++ == worker.index()) {
            return lcore;
        }
    }
    return RTE_MAX_LCORE;
}

} // namespace

Lcores::Lcores() = default;

Lcores::~Lcores() {
    stop();
    join();
}

std::size_t Lcores::available() {
    return rte_lcore_count() - 1;
}

int Lcores::node_of(WorkerId worker) {
    unsigned const lcore = lcore_of(worker);
    return lcore == RTE_MAX_LCORE ? k_any_node : static_cast<int>(rte_lcore_to_socket_id(lcore));
}

std::expected<void, StartError> Lcores::launch(WorkerId worker, Body body) {
    unsigned const lcore = lcore_of(worker);
    if (lcore == RTE_MAX_LCORE) {
        return std::unexpected(
            StartError{k_exit_system, fmt::format("worker {} has no core: EAL was started with {} "
                                                  "worker cores, give it more with --lcores",
                                                  worker.value, available())});
    }
    auto running = std::make_unique<Running>(lcore, std::move(body), &flag_);
    auto const trampoline = [](void* argument) -> int {
        auto const& self = *static_cast<Running const*>(argument);
        self.body(*self.flag);
        return 0;
    };
    int const result = rte_eal_remote_launch(trampoline, running.get(), lcore);
    if (result != 0) {
        return std::unexpected(StartError{
            k_exit_system, fmt::format("worker {} cannot start on lcore {}: it is busy with "
                                       "something else",
                                       worker.value, lcore)});
    }
    running_.push_back(std::move(running));
    return {};
}

void Lcores::join() {
    for (auto const& running : running_) {
        rte_eal_wait_lcore(running->lcore);
    }
    running_.clear();
}

} // namespace mcast::platform
