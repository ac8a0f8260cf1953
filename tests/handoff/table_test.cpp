#include "mcast/handoff/table.h"

#include "sample_entries.h"

#include "mcast/base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace mcast::handoff {
namespace {

struct TableTest : testing::Test {
    ManualGrace grace;
    SampleEntries entries;
};

TEST_F(TableTest, AnEmptyTableMissesEverything) {
    Table const table(10, grace);
    EXPECT_EQ(table.find(sample_key(1)), nullptr);
    EXPECT_EQ(table.size(), 0U);
    EXPECT_EQ(table.capacity(), 10U);
}

TEST_F(TableTest, KeysThatMarkFreeSlotsAreNeverFound) {
    Table table(100, grace);
    Entry const* const entry = entries.make(sample_key(1));
    table.put(entry);
    table.remove(entry->key);
    for (std::uint32_t low : {0U, 1U}) {
        FlowKey const impossible{Ipv4{0}, Ipv4{low}};
        EXPECT_EQ(table.find(impossible), nullptr);
        EXPECT_EQ(table.remove(impossible), nullptr);
    }
}

TEST_F(TableTest, SourceZeroIsAKeyLikeAnyOther) {
    Table table(100, grace);
    FlowKey const any_source{Ipv4{0}, Ipv4::of(239, 0, 0, 1)};
    Entry const* const entry = entries.make(any_source);
    table.put(entry);
    EXPECT_EQ(table.find(any_source), entry);
}

TEST_F(TableTest, PutGivesBackTheReplacedEntryAndRemoveTheRemovedOne) {
    Table table(10, grace);
    Entry const* const first = entries.make(sample_key(1));
    Entry const* const second = entries.make(sample_key(1));
    EXPECT_EQ(table.put(first), nullptr);
    EXPECT_EQ(table.put(second), first);
    EXPECT_EQ(table.size(), 1U);
    EXPECT_EQ(table.find(sample_key(1)), second);
    EXPECT_EQ(table.remove(sample_key(1)), second);
    EXPECT_EQ(table.remove(sample_key(1)), nullptr);
    EXPECT_EQ(table.size(), 0U);
}

// A slot whose entry speaks of another flow (reused between two loads of a reader) is a miss.
TEST_F(TableTest, TheEntryDecidesWhoseItIs) {
    Table table(10, grace);
    Entry* const entry = entries.make(sample_key(1));
    table.put(entry);
    entry->key = sample_key(2);
    EXPECT_EQ(table.find(sample_key(1)), nullptr);
    EXPECT_EQ(table.find(sample_key(2)), nullptr);
    std::array const keys{sample_key(1), sample_key(2)};
    std::array<Entry const*, 2> results{entry, entry};
    table.find_bulk(keys, results);
    EXPECT_EQ(Table::verified(results[0], keys[0]), nullptr);
    EXPECT_EQ(results[1], nullptr);
}

TEST_F(TableTest, CapacityIsReachedExactly) {
    for (std::size_t const capacity : {std::size_t{1}, std::size_t{40}, std::size_t{41},
                                       std::size_t{64}, std::size_t{1000}, std::size_t{4096}}) {
        Table table(capacity, grace);
        for (std::uint32_t n = 0; n < capacity; ++n) {
            ASSERT_LT(table.size(), table.capacity());
            ASSERT_EQ(table.put(entries.make(sample_key(n))), nullptr);
        }
        EXPECT_EQ(table.size(), capacity);
        for (std::uint32_t n = 0; n < capacity; ++n) {
            ASSERT_NE(table.find(sample_key(n)), nullptr) << n << " of " << capacity;
        }
        EXPECT_EQ(table.find(sample_key(static_cast<std::uint32_t>(capacity))), nullptr);
        // A full table still replaces, and takes a new key once one left.
        EXPECT_NE(table.put(entries.make(sample_key(0))), nullptr);
        EXPECT_NE(table.remove(sample_key(0)), nullptr);
        EXPECT_EQ(table.put(entries.make(sample_key(0x10000))), nullptr);
        EXPECT_EQ(table.size(), capacity);
    }
}

TEST_F(TableTest, OutgrownArraysAreFreedAfterTheirGracePeriods) {
    Table table(100000, grace);
    std::size_t const at_first = table.buckets();
    for (std::uint32_t n = 0; table.buckets() < at_first * 8; ++n) {
        table.put(entries.make(sample_key(n)));
    }
    EXPECT_EQ(grace.open(), 3U);
    EXPECT_EQ(table.reclaim(), 0U);
    grace.end(1);
    EXPECT_EQ(table.reclaim(), 1U);
    grace.end_all();
    EXPECT_EQ(table.reclaim(), 2U);
    EXPECT_EQ(table.reclaim(), 0U);
}

TEST_F(TableTest, ASeedMovesKeysToOtherBuckets) {
    Table const plain(100, grace);
    Table const seeded(100, grace, 0x123456789abcdefULL);
    auto const keys = colliding_keys(plain, 3, 64);
    std::size_t still_there = 0;
    for (FlowKey key : keys) {
        still_there += seeded.home(key) == 3 ? 1 : 0;
    }
    EXPECT_LT(still_there, 24U);
}

struct Colliding : testing::TestWithParam<std::size_t> {};

// All keys have one home: first, inner, and last bucket, where probing wraps round.
TEST_P(Colliding, ChainsSurviveRemovalInEveryOrderAndLeaveNothingBehind) {
    ManualGrace grace;
    SampleEntries entries;
    Table table(40, grace);
    auto const keys = colliding_keys(table, GetParam(), 40);
    for (std::size_t const step :
         {std::size_t{1}, std::size_t{3}, std::size_t{7}, std::size_t{39}}) {
        for (FlowKey key : keys) {
            table.put(entries.make(key));
        }
        for (std::size_t gone = 0; gone < keys.size(); ++gone) {
            ASSERT_NE(table.remove(keys[gone * step % keys.size()]), nullptr);
            ASSERT_EQ(table.find(keys[gone * step % keys.size()]), nullptr);
            for (std::size_t left = gone + 1; left < keys.size(); ++left) {
                ASSERT_NE(table.find(keys[left * step % keys.size()]), nullptr);
            }
        }
        EXPECT_EQ(table.size(), 0U);
        EXPECT_EQ(table.passed(), 0U);
    }
}
INSTANTIATE_TEST_SUITE_P(Homes, Colliding, testing::Values(0, 7, 15));

TEST_F(TableTest, CollidingKeysGrowTogether) {
    Table table(2000, grace);
    for (std::uint32_t n = 0; table.buckets() < 512; ++n) {
        table.put(entries.make(sample_key(n)));
    }
    auto const keys = colliding_keys(table, 511, 200);
    Table crowded(2000, grace);
    for (FlowKey key : keys) {
        crowded.put(entries.make(key));
    }
    for (FlowKey key : keys) {
        ASSERT_NE(crowded.find(key), nullptr);
        ASSERT_EQ(crowded.home(key), crowded.buckets() - 1);
    }
}

// However many flows came and went, what is left behind depends on those that are there.
TEST_F(TableTest, ChurnLeavesFewMarks) {
    Table table(40, grace);
    for (std::uint32_t n = 0; n < 100000; ++n) {
        table.put(entries.make(sample_key(n)));
        if (n >= 39) {
            ASSERT_NE(table.remove(sample_key(n - 39)), nullptr);
        }
    }
    EXPECT_EQ(table.size(), 39U);
    EXPECT_LE(table.passed(), 24U);
    for (std::uint32_t n = 99961; n < 100000; ++n) {
        table.remove(sample_key(n));
    }
    EXPECT_EQ(table.passed(), 0U);
}

struct Bulk : testing::TestWithParam<Table::Compare> {
    void SetUp() override {
        bool const there = Table::supports(GetParam());
        if (!there) {
            GTEST_SKIP() << "this processor, or this build, does not have it";
        }
    }
    ManualGrace grace;
    SampleEntries entries;
};

TEST_P(Bulk, EqualsSingleForEveryLength) {
    Table table(1000, grace, 0, GetParam());
    for (std::uint32_t n = 0; n < 1000; n += 2) {
        table.put(entries.make(sample_key(n)));
    }
    for (std::size_t length = 0; length <= Table::k_bulk; ++length) {
        std::vector<FlowKey> keys;
        for (std::size_t i = 0; i < length; ++i) {
            keys.push_back(sample_key(static_cast<std::uint32_t>(i * 37 % 1100)));
        }
        std::vector<Entry const*> results(length, entries.make(sample_key(0)));
        table.find_bulk(keys, results);
        for (std::size_t i = 0; i < length; ++i) {
            ASSERT_EQ(Table::verified(results[i], keys[i]), table.find(keys[i]))
                << i << " of " << length;
        }
    }
}

// Each lane, each bucket of a chain, and a miss at its end.
TEST_P(Bulk, FindsWhatIsFarFromHome) {
    Table table(40, grace, 0, GetParam());
    auto keys = colliding_keys(table, 3, 48);
    for (std::size_t n = 0; n < 40; ++n) {
        table.put(entries.make(keys[n]));
    }
    std::vector<Entry const*> results(keys.size());
    table.find_bulk(keys, results);
    for (std::size_t n = 0; n < keys.size(); ++n) {
        ASSERT_EQ(results[n], n < 40 ? table.find(keys[n]) : nullptr) << n;
        ASSERT_EQ(results[n] != nullptr, n < 40) << n;
    }
    for (std::size_t n = 0; n < 40; ++n) {
        table.remove(keys[n]);
    }
    table.find_bulk(keys, results);
    EXPECT_TRUE(std::ranges::all_of(results, [](Entry const* found) { return !found; }));
}
INSTANTIATE_TEST_SUITE_P(Compares, Bulk,
                         testing::Values(Table::Compare::best, Table::Compare::portable,
                                         Table::Compare::sse42, Table::Compare::avx2));

// Rows of sources and of groups, as networks have them: about as good as chance, which marks 15 %
// of the buckets at 2.5 keys a bucket.
TEST_F(TableTest, RowsOfKeysSpread) {
    constexpr std::uint32_t k_keys = 20000;
    Random random{4711};
    for (std::uint32_t stride : {1U, 2U, 5U, 256U, 4096U}) {
        for (int n = 0; n < 10; ++n) {
            std::uint64_t const seed = random();
            for (bool const of_sources : {true, false}) {
                Table table(k_keys, grace, seed);
                for (std::uint32_t at = 0; at < k_keys * stride; at += stride) {
                    table.put(entries.make({Ipv4{0x0a000001U + (of_sources ? at : 0)},
                                            Ipv4{0xe1000000U + (of_sources ? 0 : at)}}));
                }
                ASSERT_EQ(table.size(), k_keys);
                EXPECT_LT(table.passed() * 100, table.buckets() * 35)
                    << seed << ' ' << stride << (of_sources ? " sources" : " groups");
            }
        }
    }
}

} // namespace
} // namespace mcast::handoff
