// Looking up a burst of keys, with the widest compare that the processor has. All homes are
// prefetched before the first is read, so their cache misses overlap.
#include "buckets.h"

#include <bit>

// ThreadSanitizer sees atomic loads only.
#if defined(__SANITIZE_THREAD__)
#define MCAST_TSAN 1
#elif defined(__has_feature)
#define MCAST_TSAN __has_feature(thread_sanitizer)
#else
#define MCAST_TSAN 0
#endif

#if defined(__x86_64__) && !MCAST_TSAN
#define MCAST_VECTORS 1
#include <immintrin.h>
#else
#define MCAST_VECTORS 0
#endif

namespace mcast::handoff {

[[gnu::always_inline]] inline void Table::Buckets::prefetch_all(std::span<FlowKey const> keys,
                                                                Homes& homes) const {
    for (std::size_t i = 0; i < keys.size(); ++i) {
        homes[i] = &buckets_[home(keys[i].packed())];
        __builtin_prefetch(homes[i]);
    }
}

// `lanes`: those of the home bucket that hold the key. Keys that are there and keys that are not
// take the same way, so that the processor has nothing to guess: where no lane holds the key, the
// last slot is read, which says whether to go on.
[[gnu::always_inline]] inline Entry const*
Table::Buckets::resolve(std::uint32_t lanes, Bucket const& here, FlowKey key) const {
    constexpr std::uint32_t k_last = k_lanes - 1;
    auto const lane = static_cast<std::size_t>(std::countr_zero(lanes | 1U << k_last));
    std::uintptr_t const slot = here.slots[lane].load(std::memory_order_acquire);
    if (lanes == 0 && (slot & k_passed) != 0) [[unlikely]] {
        return find_from(next(home(key.packed())), key.packed());
    }
    return lanes != 0 ? entry_in(slot) : nullptr;
}

void Table::Buckets::find_bulk_portable(std::span<FlowKey const> keys,
                                        std::span<Entry const*> found) const {
    Homes homes; // NOLINT: filled as far as it is read
    prefetch_all(keys, homes);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        found[i] = resolve(lanes_equal(*homes[i], keys[i].packed()), *homes[i], keys[i]);
    }
}

#if MCAST_VECTORS

// x86 loads each aligned 8-byte lane of a vector in one piece, and loads keep their order, so these
// are the acquire loads of lanes_equal().
namespace {

[[gnu::target("sse4.2"), gnu::always_inline]] inline std::uint32_t
lanes_equal_sse42(Bucket const& bucket, std::uint64_t key) {
    auto const* const keys = reinterpret_cast<__m128i const*>(&bucket.keys);
    __m128i const wanted = _mm_set1_epi64x(static_cast<long long>(key));
    __m128i const low = _mm_cmpeq_epi64(_mm_load_si128(keys), wanted);
    __m128i const high = _mm_cmpeq_epi64(_mm_load_si128(keys + 1), wanted);
    return static_cast<std::uint32_t>(_mm_movemask_pd(_mm_castsi128_pd(low)) |
                                      _mm_movemask_pd(_mm_castsi128_pd(high)) << 2);
}

[[gnu::target("avx2,bmi,bmi2"), gnu::always_inline]] inline std::uint32_t
lanes_equal_avx2(Bucket const& bucket, std::uint64_t key) {
    __m256i const wanted = _mm256_set1_epi64x(static_cast<long long>(key));
    __m256i const equal = _mm256_cmpeq_epi64(
        _mm256_load_si256(reinterpret_cast<__m256i const*>(&bucket.keys)), wanted);
    return static_cast<std::uint32_t>(_mm256_movemask_pd(_mm256_castsi256_pd(equal)));
}

} // namespace

[[gnu::target("sse4.2")]] void
Table::Buckets::find_bulk_sse42(std::span<FlowKey const> keys,
                                std::span<Entry const*> found) const {
    Homes homes; // NOLINT: filled as far as it is read
    prefetch_all(keys, homes);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        found[i] = resolve(lanes_equal_sse42(*homes[i], keys[i].packed()), *homes[i], keys[i]);
    }
}

[[gnu::target("avx2,bmi,bmi2")]] void
Table::Buckets::find_bulk_avx2(std::span<FlowKey const> keys, std::span<Entry const*> found) const {
    Homes homes; // NOLINT: filled as far as it is read
    prefetch_all(keys, homes);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        found[i] = resolve(lanes_equal_avx2(*homes[i], keys[i].packed()), *homes[i], keys[i]);
    }
}

#endif

bool Table::supports(Compare compare) {
    switch (compare) {
#if MCAST_VECTORS
    case Compare::avx2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
    case Compare::sse42:
        return __builtin_cpu_supports("sse4.2");
#else
    case Compare::avx2:
    case Compare::sse42:
        return false;
#endif
    case Compare::best:
    case Compare::portable:
        break;
    }
    return true;
}

Table::Lookup Table::lookup_of(Compare compare) {
    if (compare == Compare::best) {
        compare = supports(Compare::avx2)    ? Compare::avx2
                  : supports(Compare::sse42) ? Compare::sse42
                                             : Compare::portable;
    }
#if MCAST_VECTORS
    if (compare == Compare::avx2) {
        return &Buckets::find_bulk_avx2;
    }
    if (compare == Compare::sse42) {
        return &Buckets::find_bulk_sse42;
    }
#endif
    return &Buckets::find_bulk_portable;
}

} // namespace mcast::handoff
