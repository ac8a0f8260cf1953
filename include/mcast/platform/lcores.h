// Running functions on the worker cores. Control launches, stops and joins.
#pragma once

#include "mcast/base/ids.h"
#include "mcast/platform/numa_plan.h"
#include "mcast/platform/start_error.h"

#include <atomic>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <vector>

namespace mcast::platform {

// Set by control, read by workers once a turn. Relaxed: nothing else is published by it.
class StopFlag {
public:
    void request() { stop_.store(true, std::memory_order_relaxed); }
    bool requested() const { return stop_.load(std::memory_order_relaxed); }

private:
    std::atomic<bool> stop_{false};
};

class Lcores {
public:
    using Body = std::function<void(StopFlag const&)>;

    Lcores();
    ~Lcores(); // stop() and join()
    Lcores(Lcores const&) = delete;
    Lcores& operator=(Lcores const&) = delete;

    // Worker cores that EAL was started with.
    static std::size_t available();
    // The NUMA node of a worker's core; k_any_node when it has no core, or may run on several
    // nodes.
    static int node_of(WorkerId worker);
    // Runs `body` as worker `worker` on the worker core of that number.
    std::expected<void, StartError> launch(WorkerId worker, Body body);
    void stop() { flag_.request(); }
    // Returns when every launched body has returned.
    void join();

private:
    struct Running;
    StopFlag flag_;
    std::vector<std::unique_ptr<Running>> running_;
};

} // namespace mcast::platform
