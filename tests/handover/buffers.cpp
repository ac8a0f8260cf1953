#include "buffers.h"

#include <cerrno>
#include <mutex>
#include <vector>

#include <rte_mbuf_pool_ops.h>
#include <rte_mempool.h>

namespace mcast::handover {

namespace {

#if defined(__SANITIZE_THREAD__)
constexpr bool k_needed = true;
#else
constexpr bool k_needed = false;
#endif

struct Store {
    std::mutex guard;
    std::vector<void*> objects;
};

Store& store_of(rte_mempool const* pool) {
    return *static_cast<Store*>(pool->pool_data);
}

int allocate(rte_mempool* pool) {
    pool->pool_data = new Store;
    return 0;
}

void release(rte_mempool* pool) {
    delete static_cast<Store*>(pool->pool_data);
}

int put(rte_mempool* pool, void* const* objects, unsigned count) {
    Store& store = store_of(pool);
    std::lock_guard const lock(store.guard);
    store.objects.insert(store.objects.end(), objects, objects + count);
    return 0;
}

int take(rte_mempool* pool, void** objects, unsigned count) {
    Store& store = store_of(pool);
    std::lock_guard const lock(store.guard);
    if (store.objects.size() < count) {
        return -ENOBUFS;
    }
    for (unsigned i = 0; i < count; ++i) {
        objects[i] = store.objects.back();
        store.objects.pop_back();
    }
    return 0;
}

unsigned available(rte_mempool const* pool) {
    Store& store = store_of(pool);
    std::lock_guard const lock(store.guard);
    return static_cast<unsigned>(store.objects.size());
}

} // namespace

void use_visible_pools() {
    if (!k_needed) {
        return;
    }
    rte_mempool_ops ops{};
    constexpr char k_name[] = "visible";
    static_assert(sizeof k_name <= sizeof ops.name);
    for (std::size_t i = 0; i < sizeof k_name; ++i) {
        ops.name[i] = k_name[i];
    }
    ops.alloc = allocate;
    ops.free = release;
    ops.enqueue = put;
    ops.dequeue = take;
    ops.get_count = available;
    rte_mempool_register_ops(&ops);
    rte_mbuf_set_user_mempool_ops(k_name);
}

} // namespace mcast::handover
