#include "mcast/platform/qsbr.h"

#include <new>

namespace mcast::platform {

namespace {

rte_rcu_qsbr* allocate(std::size_t workers) {
    std::size_t const bytes = rte_rcu_qsbr_get_memsize(static_cast<std::uint32_t>(workers));
    std::size_t const lines = (bytes + RTE_CACHE_LINE_SIZE - 1) / RTE_CACHE_LINE_SIZE;
    void* const memory = std::aligned_alloc(RTE_CACHE_LINE_SIZE, lines * RTE_CACHE_LINE_SIZE);
    if (memory == nullptr) {
        throw std::bad_alloc{};
    }
    return static_cast<rte_rcu_qsbr*>(memory);
}

} // namespace

Qsbr::Qsbr(std::size_t workers) : workers_(workers), state_(allocate(workers)) {
    auto const count = static_cast<std::uint32_t>(workers);
    rte_rcu_qsbr_init(state_.get(), count);
    // Registered for good, so that going online and offline is the worker's own affair.
    for (std::uint32_t worker = 0; worker < count; ++worker) {
        rte_rcu_qsbr_thread_register(state_.get(), worker);
    }
}

} // namespace mcast::platform
