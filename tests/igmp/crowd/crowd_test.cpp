// The engine against the definition: hosts of all versions that want and no longer want, on a link
// that loses packets. rapidcheck makes the stories, and a failing one small.
//
//   MCAST_PROPERTY_SEQUENCES   how many stories of each kind (1000)
//   MCAST_PROPERTY_SEED        of all of them (1)
//
// A failure prints the smallest story in words; the same two numbers find it again.
#include "link.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>

namespace mcast::igmp::crowd {
namespace {

std::uint64_t number_from(char const* name, std::uint64_t otherwise) {
    char const* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::stoull(text);
}

// Everything is read from the bits of numbers, so that smaller numbers are simpler stories.
Deed deed_of(std::uint64_t number, std::size_t hosts) {
    constexpr std::array<std::uint64_t, 4> k_pauses{500, 3'000, 30'000, 300'000}; // ms
    auto const take = [&](std::uint64_t below) {
        auto const taken = number % below;
        number /= below;
        return taken;
    };
    Deed deed;
    deed.host = take(hosts);
    deed.filter = {.exclude = take(2) == 1, .list = static_cast<Mask>(take(1U << k_named))};
    deed.group = take(4) == 3 ? k_ssm : k_any_source;
    std::uint64_t const longest = k_pauses[take(k_pauses.size())];
    deed.after = std::chrono::milliseconds{1 + take(longest)};
    return deed;
}

enum class Kind : std::uint8_t { mixed, lossy3, version3, version2 };

Story story_of(Kind kind, std::uint64_t seed, std::vector<std::uint64_t> const& numbers) {
    Story story{.versions = {},
                .lossy = kind == Kind::mixed || kind == Kind::lossy3,
                .seed = seed,
                .deeds = {}};
    switch (kind) {
    case Kind::mixed:
        story.versions = {3, 3, 3, 2, 2, 1};
        break;
    case Kind::lossy3:
        story.versions = {3, 3, 3};
        break;
    case Kind::version3:
        story.versions = {3, 3, 3, 3};
        break;
    case Kind::version2:
        story.versions = {2, 2, 2};
        break;
    }
    for (std::uint64_t const number : numbers) {
        Deed deed = deed_of(number, story.versions.size());
        if (story.versions[deed.host] < 3) {
            deed.filter.list = 0; // old hosts want all of a group or nothing
        }
        if (story.versions[deed.host] == 3 && deed.group == k_ssm) {
            deed.filter.exclude = false; // RFC 4604 section 2.2: such hosts know no other
        }
        story.deeds.push_back(deed);
    }
    return story;
}

struct Total {
    Tally tally{};
    std::uint64_t deeds = 0;
};

void expect_definition(Kind kind, Total& total) {
    rc::detail::TestParams params;
    params.seed = number_from("MCAST_PROPERTY_SEED", 1);
    params.maxSuccess = static_cast<int>(number_from("MCAST_PROPERTY_SEQUENCES", 1000));
    std::cout << "seed " << params.seed << ", " << params.maxSuccess << " stories\n";
    auto const number = rc::gen::resize(100, rc::gen::inRange<std::uint64_t>(0, 1ULL << 36));
    auto const property = [&] {
        auto const seed = *rc::gen::inRange<std::uint64_t>(0, 1U << 20);
        auto const numbers = *rc::gen::container<std::vector<std::uint64_t>>(number);
        Story const story = story_of(kind, seed, numbers);
        Link link(story);
        auto const fault = link.run();
        total.deeds += story.deeds.size();
        total.tally.lost += link.tally().lost;
        total.tally.stops += link.tally().stops;
        total.tally.specific_queries += link.tally().specific_queries;
        if (fault) {
            RC_FAIL(text_of(story) + *fault);
        }
    };
    auto const result = rc::detail::checkTestable(property, rc::detail::TestMetadata{}, params);
    std::ostringstream text;
    rc::detail::printResultMessage(result, text);
    EXPECT_TRUE(result.is<rc::detail::SuccessResult>()) << text.str();
}

TEST(Crowd, AllVersionsOnALossyLinkGetWhatTheyWant) {
    Total total;
    expect_definition(Kind::mixed, total);
    EXPECT_GT(total.tally.lost, total.deeds);
    EXPECT_GT(total.tally.stops, 0U);
    EXPECT_GT(total.tally.specific_queries, 0U);
}

TEST(Crowd, Version3OnALossyLinkGetsWhatItWants) {
    Total total;
    expect_definition(Kind::lossy3, total);
    EXPECT_GT(total.tally.lost, total.deeds);
    EXPECT_GT(total.tally.stops, 0U);
}

TEST(Crowd, WithVersion3AloneWhatNobodyWantsStopsInLastMemberTime) {
    Total total;
    expect_definition(Kind::version3, total);
    EXPECT_GT(total.tally.stops, 0U);
    EXPECT_GT(total.tally.specific_queries, 0U);
}

TEST(Crowd, WithVersion2AloneWhatNobodyWantsStopsInLastMemberTime) {
    Total total;
    expect_definition(Kind::version2, total);
    EXPECT_GT(total.tally.stops, 0U);
    EXPECT_GT(total.tally.specific_queries, 0U);
}

} // namespace
} // namespace mcast::igmp::crowd
