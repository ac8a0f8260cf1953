// What it costs to add a membership when there are many already, with the turn of the manager that
// follows 256 of them; a routing component is beside IGMP on every interface, and is told of each.
//
// The argument is the number of memberships. What is added, at random:
//   new_group    groups that nobody wanted
//   known_group  further interfaces of groups that are wanted: with a million memberships nothing
//                of that is in a cache, and each look at memory is waited for
#include "mgm_scene.h"

#include "mcast/base/random.h"

#include <benchmark/benchmark.h>

#include <memory>

namespace {

using namespace mcast;
using namespace mcast::bench;

constexpr std::size_t k_batch = 256; // what control adds in one turn

enum class What : std::uint8_t { new_group, known_group };

struct Addition {
    std::uint32_t interface;
    mgm::MembershipKey key;
};

Addition next(Random& random, std::uint32_t groups, What what) {
    auto const n = static_cast<std::uint32_t>(random.below(groups));
    if (what == What::new_group) {
        auto const fresh = groups + static_cast<std::uint32_t>(random.below(1U << 20));
        return {member(n, 3), mgm::MembershipKey::of(group(fresh))};
    }
    // Members are 16 interfaces apart.
    auto const other = 1 + static_cast<std::uint32_t>(random.below(15));
    return {(member(n, 0) + other) % k_interfaces, mgm::MembershipKey::of(group(n))};
}

void add_membership(benchmark::State& state, What what) {
    auto const groups = static_cast<std::uint32_t>(state.range(0)) / k_outputs;
    auto const scene = std::make_unique<Scene>(Scene::Beside::routing_component);
    scene->join_groups(groups);
    Random random(1);
    std::vector<Addition> batch(k_batch);
    while (state.KeepRunningBatch(k_batch)) {
        state.PauseTiming();
        for (Addition& each : batch) {
            each = next(random, groups, what);
        }
        state.ResumeTiming();
        for (Addition const& each : batch) {
            (void)scene->leases[each.interface].add(each.key, k_join);
        }
        scene->turn();
        state.PauseTiming();
        for (Addition const& each : batch) {
            (void)scene->leases[each.interface].remove(each.key, k_join);
        }
        scene->settle();
        state.ResumeTiming();
    }
}

void at_both_sizes(benchmark::internal::Benchmark* bench) {
    bench->Arg(1'000)->Arg(1'000'000)->MinTime(0.2);
}
BENCHMARK_CAPTURE(add_membership, new_group, What::new_group)->Apply(at_both_sizes);
BENCHMARK_CAPTURE(add_membership, known_group, What::known_group)->Apply(at_both_sizes);

} // namespace

BENCHMARK_MAIN();
