// All interests, found by key, and walked in an order that changes around it do not disturb.
//
// By key: a hash index that grows by one bucket at a time (linear hashing), so that adding the
// millionth costs what adding the thousandth does, and none pays for a rebuilding. In order: by the
// slots of their slab. Control thread.
#pragma once

#include "interest.h"
#include "slab.h"

#include "mcast/base/arena.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mcast::mgm {

class InterestStore {
public:
    static constexpr std::uint32_t k_no_slot = Slab<Interest>::k_no_slot;

    InterestStore();

    Interest* find(MembershipKey const& key) const;
    // A search for it is near: let what it begins with come from memory meanwhile.
    void expect(MembershipKey const& key) const {
        __builtin_prefetch(static_cast<void const*>(&bucket(bucket_of(key))));
    }
    // The search is nearer: expect() was a while ago.
    void expect_soon(MembershipKey const& key) const {
        if (Interest const* const first = bucket(bucket_of(key))) {
            first->prefetch();
        }
    }
    // The one that is there, or a new one. std::bad_alloc: nothing has changed.
    Interest& open(MembershipKey const& key);
    void erase(Interest& interest);

    std::size_t slots() const { return interests_.slots(); }
    // nullptr: nothing is there at present.
    Interest const* at(std::size_t slot) const { return interests_.find(slot); }

private:
    // Buckets come in segments, so that one more never moves the others.
    static constexpr std::size_t k_segment = 4096;
    using Segment = Interest**;

    Interest*& bucket(std::size_t n) const { return segments_[n / k_segment][n % k_segment]; }
    std::size_t bucket_of(MembershipKey const& key) const;
    void add_segment();
    void split_bucket();

    std::uint64_t seed_;
    Arena arena_;
    std::vector<Segment> segments_;
    std::size_t buckets_;
    std::size_t round_; // buckets at the beginning of this doubling, a power of two
    std::size_t size_ = 0;
    Slab<Interest> interests_;
};

} // namespace mcast::mgm
