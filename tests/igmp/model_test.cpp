// IGMP-86: the engine and a literal second telling of the tables, fed the same random records,
// queries and clock steps, agree on state, timers and emitted queries after every one.
#include "lan.h"
#include "model.h"

#include "mcast/base/random.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <fmt/format.h>

namespace mcast::igmp::test {
namespace {

constexpr std::string_view k_names = "abcyzn";
constexpr Duration k_tenth = 100ms;

InterfaceConfig fast() {
    InterfaceConfig config;
    config.query_interval = 5s;
    config.query_response_interval = 1s;
    config.last_member_query_interval = 200ms;
    config.last_member_query_count = 2;
    return config;
}

// Both sides of the comparison, and one step of it.
struct Pair {
    Lan lan{fast()};
    Model model;
    std::size_t events = 0; // records, queries and steps of the clock

    // What is done is read from the bits of a number, so that a run is a list of numbers.
    void act(std::uint32_t what) {
        ++events;
        Model::Mask const mask = (what >> 4) & 63U;
        std::string names;
        for (std::size_t i = 0; i < k_names.size(); ++i) {
            if (((mask >> i) & 1U) != 0) {
                names += k_names[i];
            }
        }
        switch (what & 15U) {
        case 0:
            lan.v2(k_g);
            model.v2_report();
            break;
        case 1:
            lan.leave(k_g);
            model.leave();
            break;
        case 2:
            if (mask == 63U) { // rare: it stops most else
                lan.v1(k_g);
                model.v1_report();
            }
            break;
        case 3: { // rare too: most of the time we are querier
            if (mask > 48U) {
                auto query = general(3, 0, 0);
                query.max_resp_code = 10;
                lan.hear(k_better, query);
                model.general_query();
            }
            break;
        }
        case 4:
        case 5: {
            bool const suppress = (what & 15U) == 5;
            auto query = specific(k_g, names, suppress);
            query.max_resp_code = 2;
            lan.hear(k_better, query);
            model.specific_query(mask, suppress);
            break;
        }
        case 6:
        case 7:
        case 8:
        case 9:
            pass((what >> 10) % 30);
            break;
        default: {
            auto const type = static_cast<RecordType>((what & 15U) - 9);
            lan.report(type, k_g, names);
            model.record(type, mask);
        }
        }
    }

    void pass(unsigned tenths) {
        events += tenths;
        for (unsigned i = 0; i < tenths; ++i) {
            lan.advance(k_tenth);
            model.step();
        }
    }

    std::string engine_state() const {
        auto const view = lan.engine.view(k_lan, k_g, lan.now);
        if (!view) {
            return "-";
        }
        std::string text =
            view->expires ? fmt::format("EXC {}", (*view->expires - lan.now) / k_tenth) : "INC";
        for (char const name : k_names) {
            for (SourceView const& it : view->sources) {
                if (it.source == source(name)) {
                    text += fmt::format(" {}={}", name,
                                        it.expires ? (*it.expires - lan.now) / k_tenth : 0);
                }
            }
        }
        return text + fmt::format(" v{}", view->compatibility);
    }

    std::vector<std::string> engine_queries() {
        std::vector<std::string> result;
        for (Sent const& it : lan.sent) {
            if (!it.what.query.is_general()) {
                result.push_back(it.what.query.suppress ? "S=1" : "S=0");
                for (char const name : k_names) {
                    bool const asked = std::ranges::count(it.what.query.sources, source(name)) > 0;
                    result.back() += asked ? std::string{name} : "";
                }
            }
        }
        lan.forget();
        return result;
    }
};

TEST(ModelTest, EngineAgreesOnRandomRuns) {
    auto const number = rc::gen::resize(100, rc::gen::inRange<std::uint32_t>(0, 1U << 20));
    ASSERT_TRUE(rc::check("engine and model agree", [&number] {
        Pair pair;
        for (std::uint32_t const what :
             *rc::gen::container<std::vector<std::uint32_t>>(500, number)) {
            pair.act(what);
            RC_ASSERT(pair.engine_state() == pair.model.state());
            RC_ASSERT(pair.engine_queries() == pair.model.queries());
        }
    }));
}

TEST(ModelTest, EngineAgreesOnALongRun) {
    std::uint64_t const seed = 0x1693;
    SCOPED_TRACE(seed);
    Random random(seed);
    Pair pair;
    std::size_t asked = 0;
    for (int i = 0; pair.events < 1'000'000; ++i) {
        auto const what = static_cast<std::uint32_t>(random.below(1U << 20));
        pair.act(what);
        ASSERT_EQ(pair.engine_state(), pair.model.state()) << "step " << i << ": " << what;
        auto const queries = pair.engine_queries();
        asked += queries.size();
        ASSERT_EQ(queries, pair.model.queries()) << "step " << i << ": " << what;
    }
    EXPECT_GT(asked, 1000U); // the run was no idle one
}

} // namespace
} // namespace mcast::igmp::test
