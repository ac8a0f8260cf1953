// The table against std::unordered_map, on random histories.
#include "mcast/handoff/table.h"

#include "sample_entries.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <span>
#include <unordered_map>

namespace mcast::handoff {
namespace {

constexpr std::size_t k_capacity = 150; // two growths

// Half of the keys share a bucket in all sizes that the table reaches, half are spread.
std::vector<FlowKey> universe() {
    ManualGrace grace;
    SampleEntries entries;
    Table large(k_capacity, grace);
    std::uint32_t n = 0;
    for (; n < k_capacity; ++n) {
        large.put(entries.make(sample_key(n)));
    }
    std::vector<FlowKey> keys = colliding_keys(large, large.buckets() - 1, 100);
    for (n = 0; n < 100; ++n) {
        keys.push_back(sample_key(n));
    }
    return keys;
}

struct World {
    ManualGrace grace;
    SampleEntries entries;
    Table table{k_capacity, grace};
    std::unordered_map<FlowKey, Entry const*> model;

    Entry const* expected(FlowKey key) const {
        auto const found = model.find(key);
        return found == model.end() ? nullptr : found->second;
    }
    void put(FlowKey key) {
        if (model.size() == k_capacity && !model.contains(key)) {
            return;
        }
        Entry const* const entry = entries.make(key);
        RC_ASSERT(table.put(entry) == expected(key));
        model[key] = entry;
    }
    void remove(FlowKey key) {
        RC_ASSERT(table.remove(key) == expected(key));
        model.erase(key);
    }
    void check(std::span<FlowKey const> keys) const {
        RC_ASSERT(table.size() == model.size());
        RC_ASSERT(!model.empty() || table.passed() == 0U);
        for (; !keys.empty(); keys = keys.subspan(std::min(keys.size(), Table::k_bulk))) {
            auto const some = keys.first(std::min(keys.size(), Table::k_bulk));
            std::vector<Entry const*> results(some.size());
            table.find_bulk(some, results);
            for (std::size_t i = 0; i < some.size(); ++i) {
                RC_ASSERT(results[i] == expected(some[i]));
                RC_ASSERT(table.find(some[i]) == expected(some[i]));
            }
        }
    }
};

TEST(TableModel, EqualsAMapOnRandomHistories) {
    auto const keys = universe();
    ASSERT_TRUE(rc::check("table equals map", [&] {
        World world;
        // Mostly growing, mostly shrinking, and balanced histories.
        auto const removals = *rc::gen::inRange(1, 10);
        auto const steps = *rc::gen::container<std::vector<std::pair<int, std::size_t>>>(
            *rc::gen::inRange<std::size_t>(0, 600),
            rc::gen::pair(rc::gen::inRange(0, 12), rc::gen::inRange<std::size_t>(0, keys.size())));
        std::size_t done = 0;
        for (auto const& [verb, which] : steps) {
            if (verb == 11) {
                world.grace.end(1);
                world.table.reclaim();
            } else if (verb < removals) {
                world.remove(keys[which]);
            } else {
                world.put(keys[which]);
            }
            RC_ASSERT(world.table.find(keys[which]) == world.expected(keys[which]));
            if (++done % 16 == 0) {
                world.check(keys);
            }
        }
        world.check(keys);
        for (FlowKey key : keys) {
            world.remove(key);
        }
        world.check(keys);
    }));
}

} // namespace
} // namespace mcast::handoff
