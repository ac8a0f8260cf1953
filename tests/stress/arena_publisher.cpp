#include "arena.h"

#include <algorithm>
#include <thread>

namespace mcast::stress {

namespace {

// Beyond this the publisher waits for the readers, as control does by the limit of entries.
constexpr std::size_t k_most_retired = 4096;

} // namespace

void Arena::publish_until_read(Report& report) {
    Random random(seed_);
    // Acquire pairs with the readers' last release: they are done with all that they held.
    while (reading_.load(std::memory_order_acquire) != 0) {
        one_verb(random, report);
        while (publisher_.retired() > k_most_retired &&
               reading_.load(std::memory_order_acquire) != 0) {
            report.freed += publisher_.reclaim(256);
            std::this_thread::yield();
        }
    }
}

void Arena::one_verb(Random& random, Report& report) {
    // The more was looked up, the more flows there are: the table grows all the time.
    std::uint64_t const done = looked_up_.load(std::memory_order_relaxed);
    std::uint64_t const all = std::max<std::uint64_t>(1, lookups_ * readers_);
    std::size_t const flows =
        std::min(Flows::k_count, Flows::k_crowded + Flows::k_count * done / all);
    std::size_t const which = random.below(random.below(2) == 0 ? Flows::k_crowded : flows);
    std::uint64_t const verb = random.below(100);
    if (verb < 60) {
        publish(flows_[which], static_cast<std::uint8_t>(random()), report);
    } else if (verb < 85) {
        if (which >= Flows::k_pinned) {
            publisher_.withdraw(flows_[which]);
        }
    } else if (verb < 99) {
        report.freed += publisher_.reclaim(random.below(32));
    } else {
        publish_snapshot(random.below(1U << 20), report);
    }
}

void Arena::publish(FlowKey key, std::uint8_t flavour, Report& report) {
    std::size_t const before = publisher_.versions_alive();
    if (!publisher_.publish(spec_of(key, flavour))) {
        report.mistake = "a flow was refused though there is room";
    }
    report.published += publisher_.versions_alive() - before;
}

void Arena::publish_snapshot(std::uint64_t n, Report& report) {
    auto next = std::make_unique<handoff::InterfaceTable>();
    auto const index = static_cast<std::uint8_t>(n % 251);
    handoff::Interface interface;
    interface.address = {Ipv4{static_cast<std::uint32_t>(n + 251)}, 24};
    next->router_mac = {{2, 0, 0, 0, 0, index}};
    next->add(IfIndex{index}, std::move(interface));
    interfaces_.publish(std::move(next));
    interfaces_.reclaim();
    ++report.snapshots;
}

} // namespace mcast::stress
