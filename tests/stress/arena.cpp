#include "arena.h"

#include <algorithm>
#include <thread>

namespace mcast::stress {

void Report::add(Report const& other) {
    if (mistake.empty()) {
        mistake = other.mistake;
    }
    lookups += other.lookups;
    hits += other.hits;
    for (std::size_t n = 0; n < Flows::k_pinned; ++n) {
        pinned_packets[n] += other.pinned_packets[n];
    }
    published += other.published;
    freed += other.freed;
    snapshots += other.snapshots;
    buckets = std::max(buckets, other.buckets);
}

Arena::Arena(std::uint64_t seed, std::size_t readers, std::uint64_t lookups)
    : seed_(seed), readers_(readers), lookups_(lookups), flows_(seed), grace_(readers),
      table_(Flows::k_count, grace_, seed), interfaces_(grace_),
      publisher_(table_, grace_, readers), reading_(readers) {}

Report Arena::run() {
    Report sum;
    for (std::size_t n = 0; n < Flows::k_pinned; ++n) {
        publish(flows_[n], static_cast<std::uint8_t>(n), sum);
    }
    publish_snapshot(1, sum);
    std::vector<Report> reports(readers_);
    std::vector<std::jthread> threads;
    for (std::size_t n = 0; n < readers_; ++n) {
        threads.emplace_back(
            [this, n, &reports] { read(WorkerId{static_cast<std::uint16_t>(n)}, reports[n]); });
    }
    publish_until_read(sum);
    threads.clear(); // joins
    for (Report const& report : reports) {
        sum.add(report);
    }
    check_end(sum);
    settle(sum);
    return sum;
}

// Everything that the readers counted on flows that were there all the time must be in the totals,
// whatever number of versions it was counted on.
void Arena::check_end(Report& report) const {
    for (std::size_t n = 0; n < Flows::k_pinned; ++n) {
        if (publisher_.totals(flows_[n]).packets != report.pinned_packets[n]) {
            report.mistake = "totals differ from what the readers counted";
        }
    }
}

void Arena::settle(Report& report) {
    report.buckets = table_.buckets();
    for (std::size_t n = 0; n < Flows::k_count; ++n) {
        publisher_.withdraw(flows_[n]);
    }
    interfaces_.reclaim();
    report.freed += publisher_.reclaim(publisher_.retired());
    if (publisher_.versions_alive() != 0 || publisher_.size() != 0 || table_.passed() != 0) {
        report.mistake = "something is left after everything was withdrawn and reclaimed";
    }
    if (report.freed != report.published) {
        report.mistake = "not as many versions freed as published";
    }
}

} // namespace mcast::stress
