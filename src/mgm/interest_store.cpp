#include "interest_store.h"

#include <memory>
#include <random>
#include <utility>

namespace mcast::mgm {

namespace {

constexpr std::size_t k_first_round = 64;
// Buckets are small and what is in them far away: most searches for what is not there end here.
constexpr std::size_t k_buckets_each = 4;

// Hosts choose the keys, and must not be able to choose their buckets. Nothing but the time that a
// search takes depends on it.
std::uint64_t random_seed() {
    std::random_device random;
    return (std::uint64_t{random()} << 32) | random();
}

// The finaliser of SplitMix64: every bit of the key reaches every bit of the result.
std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

} // namespace

InterestStore::InterestStore()
    : seed_(random_seed()), buckets_(k_first_round), round_(k_first_round) {
    add_segment();
}

void InterestStore::add_segment() {
    segments_.reserve(segments_.size() + 1);
    auto* const places = reinterpret_cast<Segment>(arena_.take(k_segment * sizeof(Interest*)));
    std::uninitialized_fill_n(places, k_segment, nullptr);
    segments_.push_back(places);
}

// Those below buckets_ - round_ have been split in this round already.
std::size_t InterestStore::bucket_of(MembershipKey const& key) const {
    // An absent part reads as 0.0.0.0, which is neither a source nor a group.
    FlowKey const flow{key.source.value_or(Ipv4{}), key.group.value_or(Ipv4{})};
    std::uint64_t const hash = mix(flow.packed() ^ seed_);
    std::size_t const bucket = hash & (2 * round_ - 1);
    return bucket < buckets_ ? bucket : bucket - round_;
}

Interest* InterestStore::find(MembershipKey const& key) const {
    Interest* interest = bucket(bucket_of(key));
    while (interest != nullptr) {
        interest->prefetch();
        if (interest->key == key) {
            return interest;
        }
        interest = interest->next;
    }
    return interest;
}

Interest& InterestStore::open(MembershipKey const& key) {
    if (Interest* const known = find(key)) {
        return *known;
    }
    while (k_buckets_each * size_ >= buckets_) { // a few times at most
        split_bucket();
    }
    Interest& made = interests_.make(key);
    made.next = std::exchange(bucket(bucket_of(key)), &made);
    ++size_;
    return made;
}

void InterestStore::split_bucket() {
    std::size_t const split = buckets_ - round_;
    if (buckets_ == segments_.size() * k_segment) {
        add_segment();
    }
    ++buckets_;
    Interest* rest = std::exchange(bucket(split), nullptr);
    while (rest != nullptr) {
        Interest& each = *std::exchange(rest, rest->next);
        each.next = std::exchange(bucket(bucket_of(each.key)), &each);
    }
    if (buckets_ == 2 * round_) {
        round_ *= 2;
    }
}

void InterestStore::erase(Interest& interest) {
    Interest** link = &bucket(bucket_of(interest.key));
    while (*link != &interest) {
        link = &(*link)->next;
    }
    *link = interest.next;
    interests_.destroy(interest.slot);
    --size_;
}

} // namespace mcast::mgm
