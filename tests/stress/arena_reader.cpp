#include "arena.h"

#include <thread>

namespace mcast::stress {

namespace {

constexpr std::size_t k_burst = 32;
constexpr std::size_t k_never = Flows::k_count; // an index beyond all keys

struct Burst {
    std::array<std::size_t, k_burst> which{};
    std::array<FlowKey, k_burst> keys{};
    std::array<handoff::Entry const*, k_burst> found{};
};

// Small indexes more often: those are there, share a bucket, and change most.
std::size_t choose(Random& random) {
    std::uint64_t const kind = random.below(16);
    if (kind == 0) {
        return k_never;
    }
    return kind < 5 ? random.below(Flows::k_pinned)
                    : random.below(std::uint64_t{1} << (6 + random.below(9)));
}

char const* verdict(std::size_t which, FlowKey key, handoff::Entry const* entry) {
    if (entry == nullptr) {
        return which < Flows::k_pinned ? "an established flow was missed" : nullptr;
    }
    if (which == k_never) {
        return "a flow was found that was never published";
    }
    return is_sound(*entry, key) ? nullptr : "an entry is torn, freed or another flow's";
}

void verify(Burst const& burst, Report& report) {
    for (std::size_t i = 0; i < k_burst; ++i) {
        if (char const* wrong = verdict(burst.which[i], burst.keys[i], burst.found[i])) {
            report.mistake = wrong;
        }
    }
}

void count(Burst const& burst, WorkerId worker, Report& report) {
    for (std::size_t i = 0; i < k_burst; ++i) {
        if (burst.found[i] == nullptr) {
            continue;
        }
        ++report.hits;
        burst.found[i]->counters[worker.index()].packets.add(1);
        if (burst.which[i] < Flows::k_pinned) {
            ++report.pinned_packets[burst.which[i]];
        }
    }
}

} // namespace

void Arena::read(WorkerId worker, Report& report) {
    Random random(seed_ + 1 + worker.value);
    grace_.online(worker);
    while (report.lookups < lookups_ && report.mistake.empty()) {
        burst(worker, random, report);
        grace_.quiescent(worker);
    }
    grace_.offline(worker);
    reading_.fetch_sub(1, std::memory_order_release); // pairs with publish_until_read()
}

void Arena::burst(WorkerId worker, Random& random, Report& report) {
    Burst burst;
    for (std::size_t i = 0; i < k_burst; ++i) {
        burst.which[i] = choose(random);
        burst.keys[i] = burst.which[i] == k_never
                            ? Flows::never(static_cast<std::uint32_t>(random()))
                            : flows_[burst.which[i]];
    }
    std::uint64_t const style = random.below(32);
    if (style < 8) {
        for (std::size_t i = 0; i < k_burst; ++i) {
            burst.found[i] = table_.find(burst.keys[i]);
        }
    } else {
        table_.find_bulk(burst.keys, burst.found);
        for (std::size_t i = 0; i < k_burst; ++i) {
            burst.found[i] = handoff::Table::verified(burst.found[i], burst.keys[i]);
        }
    }
    check_snapshot(report);
    verify(burst, report);
    if (!report.mistake.empty()) {
        return; // counting on a wrong entry would be a second mistake
    }
    count(burst, worker, report);
    if (style == 0) {
        std::this_thread::yield(); // hold what was found while others run
    }
    verify(burst, report); // nothing may change or vanish before the quiescent point
    report.lookups += k_burst;
    looked_up_.fetch_add(k_burst, std::memory_order_relaxed); // paces the publisher, no more
}

void Arena::check_snapshot(Report& report) const {
    handoff::InterfaceTable const& seen = interfaces_.current();
    if (seen.own_addresses.size() != 1 ||
        seen.own_addresses.front().value % 251 != seen.router_mac.bytes[5] ||
        !seen.present.contains(IfIndex{seen.router_mac.bytes[5]})) {
        report.mistake = "an interface snapshot is torn or freed";
    }
}

} // namespace mcast::stress
