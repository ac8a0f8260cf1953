// Random sequences of calls against a model of the group manager. Every sequence has a seed; one
// that fails is run again with its trace.
//
//   MCAST_PROPERTY_SEQUENCES   how many (100000)
//   MCAST_PROPERTY_SEED        the first one's seed; the others count on from there (1)
//
// A failing seed with MCAST_PROPERTY_SEQUENCES=1 is that very sequence again.
#include "router.h"

#include "mcast/base/log.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <string>

namespace mcast::mgm::property {
namespace {

std::uint64_t number_from(char const* name, std::uint64_t otherwise) {
    char const* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::stoull(text);
}

// Returns the fault, and adds up how often memory ran out.
std::optional<std::string> run(std::uint64_t seed, std::vector<std::string>* trace,
                               std::uint64_t& shortages) {
    Router router(seed, trace);
    std::uint64_t const calls = 10 + Random{seed}.below(21);
    for (std::uint64_t n = 0; n < calls && !router.fault(); ++n) {
        router.act();
    }
    if (!router.fault()) {
        router.settle();
    }
    if (!router.fault()) {
        router.leave();
    }
    shortages += router.shortages();
    return router.fault();
}

TEST(Property, RandomCallsAgreeWithTheModel) {
    log::set_level(log::Level::none);
    std::uint64_t const first = number_from("MCAST_PROPERTY_SEED", 1);
    std::uint64_t const count = number_from("MCAST_PROPERTY_SEQUENCES", 100000);
    std::cout << "seeds " << first << " to " << first + count - 1 << '\n';
    std::uint64_t shortages = 0;
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        auto const fault = run(seed, nullptr, shortages);
        if (!fault) {
            continue;
        }
        std::vector<std::string> trace;
        (void)run(seed, &trace, shortages);
        for (std::string const& line : trace) {
            std::cout << line << '\n';
        }
        FAIL() << *fault << "\nagain: MCAST_PROPERTY_SEED=" << seed
               << " MCAST_PROPERTY_SEQUENCES=1";
    }
    std::cout << "memory ran out in " << shortages << " calls and turns\n";
    EXPECT_TRUE(shortages > 0 || count < 100);
}

} // namespace
} // namespace mcast::mgm::property
