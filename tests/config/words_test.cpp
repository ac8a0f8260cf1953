#include "../../src/config/words.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace mcast::config {
namespace {

using namespace std::chrono_literals;

TEST(Duration, ReadsUnitsAndFractions) {
    struct Case {
        std::string_view text;
        std::optional<Duration> value;
    };
    Case const cases[] = {
        {"125s", 125s},
        {"100ms", 100ms},
        {"1.5s", 1500ms},
        {"2m", 120s},
        {"1h", 3600s},
        {"0s", 0s},
        {"0.1s", 100ms},
        {"1.5m", 90s},
        {"7us", 7us},
        {"3ns", 3ns},
        {"0.25ms", 250us},
        {"", std::nullopt},
        {"s", std::nullopt},
        {"5", std::nullopt},
        {"-1s", std::nullopt},
        {"1.s", std::nullopt},
        {".5s", std::nullopt},
        {"1.5ns", std::nullopt},
        {"1 s", std::nullopt},
        {"1d", std::nullopt},
        {"99999999999999999999s", std::nullopt},
        {"9999999999s", std::nullopt},
        {"1s ", std::nullopt},
        {"1e3s", std::nullopt},
        {"0.12345678901s", std::nullopt},
    };
    for (Case const& c : cases) {
        EXPECT_EQ(parse_duration(c.text), c.value) << '"' << c.text << '"';
    }
}

TEST(Duration, EveryValueHasATextThatReadsBack) {
    ASSERT_TRUE(rc::check([] {
        Duration const value{*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000'000)};
        RC_ASSERT(parse_duration(duration_text(value)) == value);
    }));
    EXPECT_EQ(duration_text(125s), "125s");
    EXPECT_EQ(duration_text(1500ms), "1500ms");
}

TEST(Nearest, GuessesOnlyWhatIsClose) {
    std::vector<std::string> const words{"name", "device", "queues", "mtu"};
    EXPECT_EQ(nearest("devise", words), "device");
    EXPECT_EQ(nearest("queue", words), "queues");
    EXPECT_EQ(nearest("nmae", words), std::nullopt) << "two edits of four letters are too many";
    EXPECT_EQ(nearest("mut", words), std::nullopt);
    EXPECT_EQ(nearest("mtus", words), "mtu");
    EXPECT_EQ(nearest("", words), std::nullopt);
    EXPECT_EQ(nearest(std::string(100'000, 'x'), words), std::nullopt);
}

TEST(ListText, ReadsLikeASentence) {
    using Words = std::vector<std::string>;
    EXPECT_EQ(list_text(Words{}, "none"), "none");
    EXPECT_EQ(list_text(Words{"a"}, "none"), "\"a\"");
    EXPECT_EQ(list_text(Words{"a", "b", "c"}, "none"), "\"a\", \"b\" and \"c\"");
}

TEST(Name, Bounds) {
    EXPECT_TRUE(is_name("wan"));
    EXPECT_TRUE(is_name("0-tv_1.2"));
    EXPECT_TRUE(is_name(std::string(32, 'a')));
    EXPECT_FALSE(is_name(std::string(33, 'a')));
    EXPECT_FALSE(is_name(""));
    EXPECT_FALSE(is_name(".."));
    EXPECT_FALSE(is_name("a/b"));
    EXPECT_FALSE(is_name("a b"));
    EXPECT_FALSE(is_name("\xc3\xa4"));
}

TEST(Quoted, EscapesWhatTomlWouldMisread) {
    EXPECT_EQ(quoted("a\"b\\c"), "\"a\\\"b\\\\c\"");
    EXPECT_EQ(quoted("\n\x7f"), "\"\\u000a\\u007f\"");
}

} // namespace
} // namespace mcast::config
