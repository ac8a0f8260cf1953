// Any text is either a plan of RFC 3918 tests that can be run, or errors that say what to do.
#include "fuzz.h"
#include "rfc3918/plan.h"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace mcast;
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    auto const plan = gen::rfc3918::parse_plan(text, "fuzz");
    if (!plan) {
        fuzz::require(!plan.error().empty());
        for (gen::ScenarioError const& error : plan.error()) {
            fuzz::require(!error.what.empty() && !error.text().empty());
        }
        return 0;
    }
    fuzz::require(!plan->tests.empty() && !plan->egress.empty());
    fuzz::require(plan->min_rate <= plan->max_rate && plan->load <= plan->max_rate);
    fuzz::require(plan->igmp_version >= 1 && plan->igmp_version <= 3);
    fuzz::require(plan->capacity_first <= plan->capacity_most && plan->capacity_step > 0);
    fuzz::require(plan->group(plan->capacity_most - 1).is_multicast());
    for (std::uint64_t const frame_size : plan->frame_sizes) {
        fuzz::require(frame_size >= 64);
    }
    for (std::uint64_t const groups : plan->group_counts) {
        fuzz::require(groups > 0);
        fuzz::require(plan->group(static_cast<std::uint32_t>(groups - 1)).is_multicast());
    }
    return 0;
}
