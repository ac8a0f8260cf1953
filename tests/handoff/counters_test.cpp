#include "mcast/handoff/worker_channel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace mcast::handoff {
namespace {

bool is_word(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

bool is_sentence(std::string_view text) {
    return text.size() > 20 && text.front() >= 'A' && text.front() <= 'Z' && text.back() == '.';
}

template <class Reason>
void expect_names_and_sentences() {
    std::set<std::string_view> names;
    std::set<std::string_view> sentences;
    auto const count = static_cast<std::size_t>(Reason::count_);
    for (std::size_t i = 0; i < count; ++i) {
        auto const reason = static_cast<Reason>(i);
        EXPECT_TRUE(is_word(name_of(reason))) << i << ": " << name_of(reason);
        EXPECT_TRUE(is_sentence(explain(reason))) << name_of(reason) << ": " << explain(reason);
        names.insert(name_of(reason));
        sentences.insert(explain(reason));
    }
    EXPECT_EQ(names.size(), count);
    EXPECT_EQ(sentences.size(), count);
    EXPECT_EQ(name_of(Reason::count_), "unknown");
}

TEST(Counters, EveryReasonHasANameAndASentence) {
    expect_names_and_sentences<Drop>();
    expect_names_and_sentences<CopyDrop>();
    expect_names_and_sentences<PuntClass>();
    EXPECT_EQ(name_of(Drop::none), "none");
    EXPECT_EQ(name_of(Drop::ttl_expired), "ttl_expired");
    EXPECT_EQ(name_of(Drop::reinject_miss), "reinject_miss");
    EXPECT_EQ(name_of(CopyDrop::too_long), "too_long");
    EXPECT_EQ(name_of(PuntClass::host), "host");
}

TEST(Counters, CountFromZero) {
    Counter counter;
    EXPECT_EQ(counter.read(), 0U);
    counter.add(3);
    counter.add(1ULL << 40);
    EXPECT_EQ(counter.read(), (1ULL << 40) + 3);
}

// What is counted on one interface by one worker shares no cache line with its neighbours.
TEST(Counters, KeepToTheirCacheLines) {
    EXPECT_EQ(sizeof(InterfaceCounters) % 64, 0U);
    EXPECT_EQ(sizeof(EntryCounters), 64U);
}

TEST(WorkerChannel, HasTheQueuesItWasAskedFor) {
    ManualGrace grace;
    ChannelSizes const sizes{.punt_slots = {1, 2, 3, 4, 6}, .inject_slots = 5, .slot_bytes = 128};
    Shared shared(3, 10, sizes, grace);
    ASSERT_EQ(shared.workers.size(), 3U);
    EXPECT_EQ(shared.table.capacity(), 10U);
    for (auto const& worker : shared.workers) {
        EXPECT_EQ(worker->punt(PuntClass::dvmrp).slots(), 1U);
        EXPECT_EQ(worker->punt(PuntClass::igmp).slots(), 2U);
        EXPECT_EQ(worker->punt(PuntClass::miss).slots(), 3U);
        EXPECT_EQ(worker->punt(PuntClass::host).slots(), 4U);
        EXPECT_EQ(worker->punt(PuntClass::query).slots(), 6U);
        EXPECT_EQ(worker->inject.slots(), 5U);
        EXPECT_EQ(worker->inject.slot_bytes(), 128U);
        EXPECT_EQ(worker->counters->turns.read(), 0U);
    }
}

} // namespace
} // namespace mcast::handoff
