// What the tests of RFC 3918 are made of: the search, the tag, the delays, the plan.
#include "rfc3918/delays.h"
#include "rfc3918/plan.h"
#include "rfc3918/search.h"
#include "rfc3918/tag.h"
#include "rfc3918/trial.h"

#include "mcast/wire/datagram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcast::gen::rfc3918 {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// What is tried until the answer is known, for an appliance that passes up to `limit`.
std::vector<std::uint64_t> tried(Search& search, std::uint64_t limit) {
    std::vector<std::uint64_t> all;
    while (auto const next = search.next()) {
        all.push_back(*next);
        search.result(*next, *next <= limit);
        EXPECT_LT(all.size(), 100U);
    }
    EXPECT_EQ(search.trials(), all.size());
    return all;
}

TEST(Search, FindsEveryLimitWithinBounds) {
    for (std::uint64_t limit = 0; limit <= 40; ++limit) {
        for (bool const from_below : {false, true}) {
            Search search({.lowest = 3, .highest = 37, .from_below = from_below});
            tried(search, limit);
            if (limit < 3) {
                EXPECT_EQ(search.found(), std::nullopt) << limit;
            } else {
                EXPECT_EQ(search.found(), std::min<std::uint64_t>(limit, 37)) << limit;
            }
            EXPECT_EQ(search.failed().has_value(), limit < 37) << limit;
        }
    }
}

TEST(Search, TheHighestFirstOrDoublingFromBelow) {
    Search down({.lowest = 10, .highest = 1000, .step = 100});
    EXPECT_THAT(tried(down, 600), ElementsAre(1000, 10, 505, 752, 628, 566));
    Search up({.lowest = 10, .highest = 1000, .from_below = true});
    auto const all = tried(up, 1000);
    EXPECT_THAT(all, ElementsAre(10, 20, 40, 80, 160, 320, 640, 1000));
}

TEST(Search, EndsWithinItsResolution) {
    Search search({.lowest = 100, .highest = 1'000'000, .resolution = 1});
    auto const all = tried(search, 123'456);
    EXPECT_LE(*search.found(), 123'456U);
    EXPECT_GE(static_cast<double>(*search.found()), 123'456 * 0.99);
    EXPECT_LT(all.size(), 16U);
}

TEST(Tag, FitsAFrameOf64BytesAndComesBack) {
    Plan plan;
    plan.ingress.address = Ipv4::of(10, 1, 0, 10);
    FrameMaker maker(plan, 64);
    Tag const tag{.trial = 7, .unicast = true, .number = 0x123456789abc, .sent = 3h};
    Ipv4 const group = Ipv4::of(239, 1, 2, 3);
    auto const frame = maker.make(tag, group, Mac::of_group(group));
    EXPECT_EQ(frame.size(), 60U);
    auto const read = wire::decode_datagram(frame);
    ASSERT_TRUE(read); // with a header checksum that is right
    EXPECT_EQ(read->ip.destination, group);
    EXPECT_EQ(read->ip.ttl, 16);
    EXPECT_EQ(read->ethernet.destination, Mac::of_group(group));
    auto const udp = wire::decode_udp(read->payload, read->ip.source, group);
    ASSERT_TRUE(udp);
    EXPECT_EQ(read_tag(udp->data), tag);
}

TEST(Tag, OfOthersIsNone) {
    std::array<std::uint8_t, k_tag_size> bytes{};
    write_tag({.trial = 1}, bytes);
    EXPECT_TRUE(read_tag(bytes));
    EXPECT_FALSE(read_tag(wire::Bytes{bytes}.first(k_tag_size - 1)));
    for (std::size_t const at : {0U, 1U, 4U}) {
        auto other = bytes;
        other[at] ^= 0x40;
        EXPECT_FALSE(read_tag(other)) << at;
    }
}

TEST(Trial, TakesItsOwnFramesWhereTheyBelong) {
    Plan plan;
    plan.ingress.address = Ipv4::of(10, 1, 0, 10);
    plan.egress.resize(2);
    Trial trial(plan, {.mix = {.egress = 1, .groups = 2}, .rate = 10, .frames = 4}, 7, {});
    trial.sent(TimePoint{});
    trial.sent(TimePoint{});
    FrameMaker maker(plan, 64);
    auto const take = [&](std::size_t egress, Tag const& tag, std::uint32_t group) {
        auto const frame = maker.make(tag, plan.group(group), Mac::of_group(plan.group(group)));
        return trial.take(egress, *wire::decode_datagram(frame), TimePoint{1ms});
    };
    EXPECT_TRUE(take(0, {.trial = 7, .number = 1}, 1));
    EXPECT_EQ(trial.egress()[0].multicast.received, 1U);
    EXPECT_TRUE(take(0, {.trial = 6, .number = 0}, 0)); // a late one, and nothing of this trial
    EXPECT_EQ(trial.stray(), 0U);
    EXPECT_TRUE(take(0, {.trial = 7, .number = 0}, 1)); // to the other group
    EXPECT_TRUE(take(1, {.trial = 7, .number = 0}, 0)); // no port of the trial
    EXPECT_TRUE(take(0, {.trial = 7, .number = 2}, 0)); // was never sent
    EXPECT_EQ(trial.stray(), 3U);
    EXPECT_EQ(trial.egress()[0].multicast.received, 1U);
    EXPECT_EQ(trial.multicast_lost(), 1U);
    EXPECT_EQ(trial.whole_groups(), 1U);
}

TEST(Delays, LeastMostAndMeanAreExactAndQuantilesNear) {
    Delays delays;
    for (int n = 1; n <= 1000; ++n) {
        delays.add(n * 1us);
    }
    EXPECT_EQ(delays.count(), 1000U);
    EXPECT_EQ(delays.least(), 1us);
    EXPECT_EQ(delays.most(), 1ms);
    EXPECT_EQ(delays.mean(), 500500ns);
    EXPECT_NEAR(static_cast<double>(delays.quantile(0.5).count()), 500e3, 10e3);
    EXPECT_NEAR(static_cast<double>(delays.quantile(0.99).count()), 990e3, 20e3);
    EXPECT_EQ(delays.quantile(1), 1ms);
}

TEST(Delays, AddUp) {
    Delays one;
    Delays two;
    one.add(5ns);
    two.add(-1ns); // below zero is zero
    two.add(2h);
    one.add(two);
    one.add(Delays{});
    EXPECT_EQ(one.count(), 3U);
    EXPECT_EQ(one.least(), 0ns);
    EXPECT_EQ(one.most(), 2h);
    EXPECT_EQ(one.quantile(0.5), 5ns);
    EXPECT_EQ(Delays{}.quantile(0.5), 0ns);
}

constexpr std::string_view k_ports = R"(
[ingress]
interface = "eth1"
address = "10.1.0.10"
router = "10.1.0.1"
[[egress]]
interface = "eth2"
address = "10.2.0.10"
[[egress]]
interface = "eth3"
address = "10.3.0.10"
)";

TEST(Plan, DefaultsAreThoseOfTheMethodology) {
    auto const plan = parse_plan(k_ports, "plan.toml");
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->tests.size(), k_tests);
    EXPECT_THAT(plan->frame_sizes, ElementsAre(64, 128, 256, 512, 1024, 1280, 1518));
    EXPECT_EQ(plan->trial, 30s);
    EXPECT_EQ(plan->egress.size(), 2U);
    EXPECT_EQ(plan->egress[1].interface, "eth3");
    EXPECT_EQ(plan->router, Ipv4::of(10, 1, 0, 1));
}

TEST(Plan, ReadsEveryKey) {
    auto const plan = parse_plan(std::string(R"([rfc3918]
tests = ["join-delay", "group-capacity"]
frame-sizes = [100]
trial = "2s"
warm-up = "3s"
settle = "4s"
drain = "5s"
min-rate = 6
max-rate = 700
resolution = 8
tolerance = 0.25
load = 10
groups = 11
first-group = "239.1.0.0"
group-counts = [12, 13]
unicast-percent = [14]
unicast = "reported"
burden = 15.5
igmp-version = 2
join-rate = 16
delay-timeout = "17s"
leave-time = "18s"
capacity-first = 19
capacity-most = 20
capacity-step = 21
ttl = 22
)") + std::string(k_ports),
                                 "plan.toml");
    ASSERT_TRUE(plan) << plan.error()[0].text();
    EXPECT_THAT(plan->tests, ElementsAre(Method::join_delay, Method::capacity));
    EXPECT_THAT(plan->frame_sizes, ElementsAre(100));
    EXPECT_EQ(plan->trial, 2s);
    EXPECT_EQ(plan->warm_up, 3s);
    EXPECT_EQ(plan->settle, 4s);
    EXPECT_EQ(plan->drain, 5s);
    EXPECT_EQ(plan->min_rate, 6U);
    EXPECT_EQ(plan->max_rate, 700U);
    EXPECT_EQ(plan->resolution, 8);
    EXPECT_EQ(plan->tolerance, 0.25);
    EXPECT_EQ(plan->load, 10U);
    EXPECT_EQ(plan->groups, 11U);
    EXPECT_EQ(plan->group(1), Ipv4::of(239, 1, 0, 1));
    EXPECT_THAT(plan->group_counts, ElementsAre(12, 13));
    EXPECT_THAT(plan->unicast_percent, ElementsAre(14));
    EXPECT_FALSE(plan->unicast_judged);
    EXPECT_EQ(plan->burden, 15.5);
    EXPECT_EQ(plan->igmp_version, 2);
    EXPECT_EQ(plan->join_rate, 16U);
    EXPECT_EQ(plan->delay_timeout, 17s);
    EXPECT_EQ(plan->leave_time, 18s);
    EXPECT_EQ(plan->capacity_first, 19U);
    EXPECT_EQ(plan->capacity_most, 20U);
    EXPECT_EQ(plan->capacity_step, 21U);
    EXPECT_EQ(plan->ttl, 22);
}

TEST(Plan, SaysWhatIsWrongAndWhere) {
    struct Row {
        std::string_view text;
        std::string_view error;
    };
    for (auto const& [text, error] : {
             Row{"tests = [\"encapsulation\"]", "2:9: there is no test \"encapsulation\""},
             Row{"tests = 5", "rfc3918.tests is not a list of strings"},
             Row{"frame-sizes = [63]", "each from 64 to 9216"},
             Row{"frame-sizes = []", "not a list of integers"},
             Row{"min-rate = 10\nmax-rate = 9", "min-rate is above max-rate"},
             Row{"max-rate = 1000\nload = 1001", "load is above max-rate"},
             Row{"tolerance = 101", "give percent, 0 to 100"},
             Row{"burden = 100", "nothing but burden"},
             Row{"unicast = \"maybe\"", "unicast cannot be \"maybe\""},
             Row{"trial = \"0s\"", "a trial of no time"},
             Row{"trial = \"10h\"", "frames in a trial"},
             Row{"capacity-first = 9\ncapacity-most = 8", "capacity-first is above capacity-most"},
             Row{"first-group = \"239.255.255.0\"", "4096 groups do not fit behind it"},
             Row{"first-group = \"10.0.0.1\"", "is not a group"},
             Row{"speed = 1", "rfc3918.speed is not a key"},
             Row{"[port]", "port is not a table of a test plan"},
         }) {
        auto const plan =
            parse_plan("[rfc3918]\n" + std::string(text) + "\n" + std::string(k_ports), "plan");
        ASSERT_FALSE(plan) << text;
        std::string all;
        for (auto const& each : plan.error()) {
            all += each.text() + "\n";
        }
        EXPECT_THAT(all, HasSubstr(error)) << text;
    }
}

TEST(Plan, WantsPortsOfOneKind) {
    std::string const ingress = "[ingress]\naddress = \"10.1.0.10\"\nrouter = \"10.1.0.1\"\n";
    struct Row {
        std::string text;
        std::string_view error;
    };
    for (auto const& [text, error] : {
             Row{"", "a test plan needs one [ingress]"},
             Row{ingress, "either an interface of the kernel or a device of DPDK"},
             Row{ingress + "interface = \"a\"\n", "0 egress ports"},
             Row{ingress + "interface = \"a\"\n[[egress]]\ndevice = \"net_null0\"\naddress = "
                           "\"10.2.0.10\"\n",
                 "interfaces and DPDK devices are mixed"},
             Row{"[ingress]\naddress = \"10.1.0.10\"\ninterface = \"a\"\n",
                 "need the router's address"},
             Row{"ingress = 5\n", "write [ingress]"},
         }) {
        auto const plan = parse_plan(text, "plan");
        ASSERT_FALSE(plan) << text;
        std::string all;
        for (auto const& each : plan.error()) {
            all += each.text() + "\n";
        }
        EXPECT_THAT(all, HasSubstr(error)) << text;
    }
    EXPECT_FALSE(read_plan("/nonexistent/plan.toml"));
}

} // namespace
} // namespace mcast::gen::rfc3918
