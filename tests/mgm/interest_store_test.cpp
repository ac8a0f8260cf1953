// The index of interests against a plain map, through many growths; and the walk over its slots.
#include "interest_store.h"

#include "mcast/base/random.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace mcast::mgm {
namespace {

MembershipKey key_of(std::uint64_t n) {
    if (n == 0) {
        return MembershipKey::any();
    }
    Ipv4 const group{Ipv4::of(239, 0, 0, 0).value + static_cast<std::uint32_t>(n / 2)};
    return n % 2 == 0 ? MembershipKey::of(group)
                      : MembershipKey::of(FlowKey{Ipv4::of(10, 0, 0, 1), group});
}

std::multiset<MembershipKey> walked(InterestStore const& store) {
    std::multiset<MembershipKey> keys;
    for (std::size_t slot = 0; slot < store.slots(); ++slot) {
        if (Interest const* interest = store.at(slot)) {
            EXPECT_EQ(interest->slot, slot);
            keys.insert(interest->key);
        }
    }
    return keys;
}

TEST(InterestStore, IsAMap) {
    InterestStore store;
    std::map<MembershipKey, Interest*> model;
    Random random(7);
    for (int step = 0; step < 60'000; ++step) {
        // The longer it goes on, the more keys: every bucket is split several times.
        MembershipKey const key = key_of(random.below(static_cast<std::uint64_t>(step) / 2 + 2));
        auto const known = model.find(key);
        ASSERT_EQ(store.find(key), known == model.end() ? nullptr : known->second) << step;
        if (random.below(3) != 0) {
            Interest& opened = store.open(key);
            ASSERT_EQ(opened.key, key);
            ASSERT_TRUE(known == model.end() || known->second == &opened) << "it moved";
            model[key] = &opened;
        } else if (known != model.end()) {
            store.erase(*known->second);
            model.erase(known);
        }
    }
    ASSERT_GT(model.size(), 5000U);
    std::multiset<MembershipKey> keys;
    for (auto const& [key, interest] : model) {
        ASSERT_EQ(store.find(key), interest);
        keys.insert(key);
    }
    EXPECT_EQ(walked(store), keys);
}

TEST(InterestStore, ASlotIsKeptForLifeAndThenGivenAway) {
    InterestStore store;
    std::uint32_t const first = store.open(key_of(2)).slot;
    std::uint32_t const second = store.open(key_of(4)).slot;
    EXPECT_NE(first, second);
    store.erase(*store.find(key_of(2)));
    EXPECT_EQ(store.at(first), nullptr);
    EXPECT_EQ(store.find(key_of(4))->slot, second);
    EXPECT_EQ(store.open(key_of(6)).slot, first);
}

} // namespace
} // namespace mcast::mgm
