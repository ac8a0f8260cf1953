// Random sequences of what the links behind a proxy want: the merged database is that of a model
// that knows every member by itself, and routers upstream that hear the reports, some of them lost,
// end up with exactly that database.
#include "uplink.h"

#include "mcast/base/random.h"
#include "mcast/igmp/merge.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace mcast::igmp::test {
namespace {

constexpr std::string_view k_names = "abcyzn";
constexpr std::array k_groups{k_g, k_g2, k_channel};
constexpr std::size_t k_links = 3;
using Mask = unsigned; // of k_names
constexpr Mask k_all = 63;

std::string names_in(Mask mask) {
    std::string names;
    for (std::size_t i = 0; i < k_names.size(); ++i) {
        names += ((mask >> i) & 1U) != 0 ? std::string{k_names[i]} : "";
    }
    return names;
}

// The definition, source by source: whether somebody wants it. `others`: all sources without a
// name.
struct Wanted {
    bool others = false;
    Mask named = 0;

    bool operator==(Wanted const&) const = default;
};

struct LinkState {
    bool exclude = false;
    Mask list = 0;

    Wish wish() const { return exclude ? all_but(names_in(list)) : only(names_in(list)); }
    Wanted wanted() const { return {exclude, exclude ? k_all & ~list : list}; }
};

Wanted wanted_by(std::array<LinkState, k_links> const& links) {
    Wanted all;
    for (LinkState const& link : links) {
        all.others = all.others || link.wanted().others;
        all.named |= link.wanted().named;
    }
    return all;
}

Mask mask_of(std::vector<Ipv4> const& list) {
    Mask mask = 0;
    for (std::size_t i = 0; i < k_names.size(); ++i) {
        mask |= std::ranges::count(list, source(k_names[i])) != 0 ? 1U << i : 0U;
    }
    return mask;
}

Wanted wanted_of(Wish const& wish) {
    return {wish.any_source,
            wish.any_source ? k_all & ~mask_of(wish.exclude) : mask_of(wish.include)};
}

// A router with one host and no time: what that host has said it wants.
struct Router {
    std::map<Ipv4, Wanted> groups;

    void hear(wire::GroupRecord const& record) {
        Wanted& it = groups[record.group];
        Mask const list = mask_of(record.sources);
        switch (record.type) {
        case RecordType::is_in:
        case RecordType::to_in:
            it = {false, list};
            break;
        case RecordType::is_ex:
        case RecordType::to_ex:
            it = {true, k_all & ~list};
            break;
        case RecordType::allow:
            it.named |= list;
            break;
        case RecordType::block:
            it.named &= ~list;
            break;
        }
    }
};

// Loses reports, but of the last `robustness` that spoke of a group never all.
struct LossyLink {
    std::uint8_t robustness;
    Random random;
    std::map<Ipv4, std::uint8_t> lost_in_a_row{};

    bool passes(wire::ReportV3 const& report) {
        bool pass = random.below(2) == 0;
        for (auto const& record : report.records) {
            pass = pass || lost_in_a_row[record.group] + 1 >= robustness;
        }
        for (auto const& record : report.records) {
            auto& lost = lost_in_a_row[record.group];
            lost = pass ? std::uint8_t{0} : static_cast<std::uint8_t>(lost + 1);
        }
        return pass;
    }
};

struct World {
    World(std::uint8_t robustness, std::uint64_t seed)
        : up({.robustness = robustness}, seed), link{robustness, Random(seed + 1)} {}

    std::array<LinkState, k_links>& links(std::size_t group) { return downstream[group]; }

    void change(std::size_t group, std::size_t link_number, LinkState state) {
        links(group)[link_number] = state;
        std::vector<Wish> wishes;
        for (LinkState const& each : links(group)) {
            wishes.push_back(each.wish());
        }
        up.host.want(k_groups[group], merge(wishes), up.now);
    }
    void pass(Duration time) {
        up.advance(time);
        for (auto const& it : std::exchange(up.sent, {})) {
            auto const& report = std::get<wire::ReportV3>(it.what.message);
            if (link.passes(report)) {
                std::ranges::for_each(report.records, [&](auto const& r) { router.hear(r); });
            }
        }
    }
    // What is read from the bits of a number, so that a run is a list of numbers.
    void act(std::uint32_t what) {
        if ((what & 7U) == 0) {
            pass(std::chrono::milliseconds{(what >> 3) % 3000});
        } else if ((what & 7U) == 1) {
            up.hear(general());
        } else {
            LinkState state{((what >> 3) & 1U) != 0, (what >> 4) & k_all};
            if (((what >> 10) & 3U) == 0) {
                state = {};
            }
            std::size_t const group = (what >> 12) % k_groups.size();
            // A channel has members that include, and no others.
            state.exclude = state.exclude && k_groups[group] != k_channel;
            change(group, (what >> 14) % k_links, state);
            if (((what >> 16) & 1U) != 0) {
                pass(0s);
            }
        }
    }

    Uplink up;
    LossyLink link;
    Router router;
    std::array<std::array<LinkState, k_links>, k_groups.size()> downstream{};
};

Wanted upstream(Host const& host, Ipv4 group) {
    for (HostGroupView const& view : host.groups({}, 9)) {
        if (view.group == group) {
            return wanted_of(view.wish);
        }
    }
    return {};
}

TEST(HostPropertyTest, RoutersUpstreamLearnTheMergedDatabaseInSpiteOfLosses) {
    auto const number = rc::gen::resize(100, rc::gen::inRange<std::uint32_t>(0, 1U << 17));
    ASSERT_TRUE(rc::check("merged, reported and heard", [&number] {
        auto const robustness = static_cast<std::uint8_t>(*rc::gen::inRange(1, 5));
        World world(robustness, *rc::gen::inRange<std::uint64_t>(0, 1U << 20));
        for (std::uint32_t const what :
             *rc::gen::container<std::vector<std::uint32_t>>(60, number)) {
            world.act(what);
            for (std::size_t g = 0; g < k_groups.size(); ++g) {
                RC_ASSERT(upstream(world.up.host, k_groups[g]) == wanted_by(world.links(g)));
            }
        }
        world.pass(1min);
        RC_ASSERT(world.up.host.view().pending == 0U);
        for (std::size_t g = 0; g < k_groups.size(); ++g) {
            RC_ASSERT(world.router.groups[k_groups[g]] == wanted_by(world.links(g)));
        }
    }));
}

// With our own querier upstream, which asks before it forgets, and everything as bytes.
struct Conversation {
    explicit Conversation(std::uint64_t seed) : up({}, seed) { deliver(); }

    void advance(Duration by) {
        TimePoint const target = up.now + by;
        while (true) {
            deliver();
            std::optional<TimePoint> next;
            for (auto const due : {up.host.next_due(), lan.engine.next_due()}) {
                next = due && (!next || *due < *next) ? due : next;
            }
            if (!next || *next > target) {
                break;
            }
            step_to(std::max(up.now, *next));
        }
        step_to(target);
    }
    void step_to(TimePoint at) {
        up.advance(at - up.now);
        lan.advance(at - lan.now);
    }
    void deliver() {
        for (auto const& it : std::exchange(up.sent, {})) {
            lan.hear(k_member, it.what.message);
        }
        for (auto const& it : std::exchange(lan.sent, {})) {
            up.hear(it.what.query, it.what.source);
        }
    }

    Lan lan;
    Uplink up;
};

TEST(HostPropertyTest, OurQuerierUpstreamKnowsExactlyTheWish) {
    auto const number = rc::gen::inRange<std::uint32_t>(0, 1U << 12);
    ASSERT_TRUE(rc::check("querier and host agree", [&number] {
        Conversation talk(*rc::gen::inRange<std::uint64_t>(0, 1U << 20));
        Wish wish;
        for (std::uint32_t const what :
             *rc::gen::container<std::vector<std::uint32_t>>(12, number)) {
            wish = (what & 1U) != 0 ? all_but(names_in((what >> 1) & k_all))
                                    : only(names_in((what >> 1) & k_all));
            talk.up.host.want(k_g, wish, talk.up.now);
            talk.advance(std::chrono::seconds{(what >> 7) % 30});
        }
        // A querier in exclude mode forgets that mode when nobody has renewed it.
        talk.advance(12min);
        RC_ASSERT(wanted_of(talk.lan.engine.wish(k_lan, k_g)) == wanted_of(wish));
    }));
}

} // namespace
} // namespace mcast::igmp::test
