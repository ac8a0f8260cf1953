#include "mcast/timer/wheel.h"

#include "mcast/base/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace mcast::timer {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

TimePoint at(int s) {
    return TimePoint{seconds{s}};
}

std::vector<Key> expire(Wheel& wheel, TimePoint now, std::size_t limit = 1000) {
    std::vector<Key> keys;
    std::size_t const n = wheel.expire(now, limit, [&](Key key) { keys.push_back(key); });
    EXPECT_EQ(n, keys.size());
    return keys;
}

TEST(Wheel, ExpiresInOrderOfDueTime) {
    Wheel wheel;
    auto const late = wheel.arm(at(30), 3);
    auto const early = wheel.arm(at(10), 1);
    auto const middle = wheel.arm(at(20), 2);
    EXPECT_EQ(wheel.next_due(), at(10));
    EXPECT_EQ(wheel.size(), 3U);
    EXPECT_THAT(expire(wheel, at(9)), IsEmpty());
    // Due at the very moment counts as due.
    EXPECT_THAT(expire(wheel, at(20)), ElementsAre(1, 2));
    EXPECT_FALSE(early.armed());
    EXPECT_EQ(early.due(), std::nullopt);
    EXPECT_EQ(late.due(), at(30));
    EXPECT_EQ(wheel.next_due(), at(30));
    EXPECT_THAT(expire(wheel, at(1000)), ElementsAre(3));
    EXPECT_TRUE(wheel.empty());
    EXPECT_EQ(wheel.next_due(), std::nullopt);
}

TEST(Wheel, TiesExpireInOrderOfArming) {
    Wheel wheel;
    auto first = wheel.arm(at(5), 1);
    auto const second = wheel.arm(at(5), 2);
    auto const third = wheel.arm(at(5), 3);
    // Moving a timer to the same time puts it last.
    first.rearm(at(5));
    EXPECT_THAT(expire(wheel, at(5)), ElementsAre(2, 3, 1));
}

TEST(Wheel, WorkIsBounded) {
    Wheel wheel;
    std::vector<Handle> handles;
    for (Key key = 0; key < 10; ++key) {
        handles.push_back(wheel.arm(at(static_cast<int>(key)), key));
    }
    EXPECT_THAT(expire(wheel, at(100), 0), IsEmpty());
    EXPECT_THAT(expire(wheel, at(100), 3), ElementsAre(0, 1, 2));
    EXPECT_THAT(expire(wheel, at(100), 3), ElementsAre(3, 4, 5));
    EXPECT_EQ(wheel.size(), 4U);
}

TEST(Handle, DestructorCancels) {
    Wheel wheel;
    {
        auto const handle = wheel.arm(at(1), 1);
        EXPECT_TRUE(handle.armed());
    }
    EXPECT_TRUE(wheel.empty());
    EXPECT_THAT(expire(wheel, at(10)), IsEmpty());
}

TEST(Handle, CancelAndRearm) {
    Wheel wheel;
    auto handle = wheel.arm(at(1), 7);
    handle.cancel();
    handle.cancel();
    EXPECT_FALSE(handle.armed());
    EXPECT_THAT(expire(wheel, at(10)), IsEmpty());
    EXPECT_TRUE(handle.rearm(at(20)));
    EXPECT_EQ(handle.due(), at(20));
    EXPECT_TRUE(handle.rearm(at(15)));
    EXPECT_EQ(wheel.size(), 1U);
    EXPECT_THAT(expire(wheel, at(15)), ElementsAre(7));
    EXPECT_TRUE(handle.rearm(at(16)));
    EXPECT_THAT(expire(wheel, at(16)), ElementsAre(7));
}

TEST(Handle, MovesWithItsTimer) {
    Wheel wheel;
    auto a = wheel.arm(at(1), 1);
    auto b = wheel.arm(at(2), 2);
    Handle c = std::move(a);
    EXPECT_TRUE(c.armed());
    c = std::move(b); // cancels timer 1
    EXPECT_EQ(c.due(), at(2));
    EXPECT_THAT(expire(wheel, at(10)), ElementsAre(2));
}

TEST(Handle, EmptyIsHarmless) {
    Handle empty;
    EXPECT_FALSE(empty.armed());
    EXPECT_EQ(empty.due(), std::nullopt);
    empty.cancel();
    EXPECT_FALSE(empty.rearm(at(1)));
}

TEST(Handle, OutlivesItsWheel) {
    auto wheel = std::make_unique<Wheel>();
    auto armed = wheel->arm(at(1), 1);
    auto idle = wheel->arm(at(2), 2);
    idle.cancel();
    wheel.reset();
    EXPECT_FALSE(armed.armed());
    EXPECT_FALSE(armed.rearm(at(5)));
    EXPECT_FALSE(idle.rearm(at(5)));
    armed.cancel();
}

TEST(Wheel, CallbackMayChangeAnything) {
    Wheel wheel;
    std::map<Key, Handle> handles;
    for (Key key = 1; key <= 4; ++key) {
        handles[key] = wheel.arm(at(static_cast<int>(key)), key);
    }
    std::vector<Key> fired;
    wheel.expire(at(4), 10, [&](Key key) {
        fired.push_back(key);
        if (key == 1) {
            handles.erase(1);         // the expiring timer itself
            handles.erase(2);         // one that is due in this call
            handles[3].rearm(at(50)); // one that is no longer due
            handles[9] = wheel.arm(at(2), 9);
        }
    });
    EXPECT_THAT(fired, ElementsAre(1, 9, 4));
}

// A timer that always re-arms itself for a past time cannot hold the core.
TEST(Wheel, RearmingInThePastIsBoundedByTheLimit) {
    Wheel wheel;
    auto handle = wheel.arm(at(1), 1);
    std::size_t const n = wheel.expire(at(10), 25, [&](Key) { handle.rearm(at(1)); });
    EXPECT_EQ(n, 25U);
    EXPECT_TRUE(handle.armed());
}

// IGMP-172: due times far beyond 2^32 ms neither wrap nor fire early.
TEST(Wheel, DistantTimesDoNotWrap) {
    Wheel wheel;
    auto const far = TimePoint{std::chrono::milliseconds{std::int64_t{1} << 33}};
    auto const handle = wheel.arm(far, 1);
    EXPECT_THAT(expire(wheel, far - Duration{1}), IsEmpty());
    EXPECT_THAT(expire(wheel, far), ElementsAre(1));
}

// The wheel beside the simplest thing that could work: a multimap, whose equal keys stay in the
// order of insertion.
class Pair {
public:
    static constexpr std::size_t k_slots = 12;

    explicit Pair(std::uint64_t seed) : random_(seed) {}

    void step() {
        std::size_t const slot = random_.below(k_slots);
        auto const due = now_ + seconds{random_.below(20)} - seconds{5};
        switch (random_.below(6)) {
        case 0:
        case 1:
            handles_[slot] = wheel_.arm(due, slot);
            drop(slot);
            model_.emplace(due, slot);
            break;
        case 2:
            if (handles_[slot].rearm(due)) {
                drop(slot);
                model_.emplace(due, slot);
            }
            break;
        case 3:
            handles_[slot].cancel();
            drop(slot);
            break;
        case 4:
            handles_[slot] = Handle{};
            drop(slot);
            break;
        default:
            now_ += seconds{random_.below(6)};
            RC_ASSERT(expire_both());
        }
    }

    bool agree() const {
        bool const same_next = model_.empty() ? !wheel_.next_due().has_value()
                                              : wheel_.next_due() == model_.begin()->first;
        return same_next && wheel_.size() == model_.size();
    }

private:
    void drop(std::size_t slot) {
        std::erase_if(model_, [slot](auto const& entry) { return entry.second == slot; });
    }

    bool expire_both() {
        std::size_t const limit = random_.below(k_slots);
        std::vector<Key> const got = expire(wheel_, now_, limit);
        std::vector<Key> expected;
        while (expected.size() < limit && !model_.empty() && model_.begin()->first <= now_) {
            expected.push_back(model_.begin()->second);
            model_.erase(model_.begin());
        }
        return got == expected;
    }

    Random random_;
    TimePoint now_{};
    Wheel wheel_;
    std::array<Handle, k_slots> handles_;
    std::multimap<TimePoint, Key> model_;
};

TEST(Wheel, AgreesWithAMultimap) {
    ASSERT_TRUE(rc::check("wheel and multimap agree", [](std::uint64_t seed) {
        Pair pair(seed);
        for (int i = 0; i < 300; ++i) {
            pair.step();
            RC_ASSERT(pair.agree());
        }
    }));
}

} // namespace
} // namespace mcast::timer
