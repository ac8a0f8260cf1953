// The threads of one round: readers that verify all they see, and the publisher that changes it.
#pragma once

#include "flow_model.h"

#include "mcast/base/random.h"
#include "mcast/handoff/interface_table.h"
#include "mcast/handoff/publisher.h"
#include "mcast/platform/qsbr.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace mcast::stress {

// What a round counted. `mistake` is empty unless something was seen that must not be.
struct Report {
    std::string mistake;
    std::uint64_t lookups = 0;
    std::uint64_t hits = 0;
    std::array<std::uint64_t, Flows::k_pinned> pinned_packets{};

    std::uint64_t published = 0; // calls that made a version
    std::uint64_t freed = 0;
    std::uint64_t snapshots = 0;
    std::size_t buckets = 0;

    void add(Report const& other);
};

class Arena {
public:
    Arena(std::uint64_t seed, std::size_t readers, std::uint64_t lookups);

    // Starts the threads, waits for the readers, withdraws and reclaims everything, and checks what
    // must hold then.
    Report run();

private:
    void read(WorkerId worker, Report& report);
    void burst(WorkerId worker, Random& random, Report& report);
    void check_snapshot(Report& report) const;

    void publish_until_read(Report& report);
    void one_verb(Random& random, Report& report);
    void publish(FlowKey key, std::uint8_t flavour, Report& report);
    void publish_snapshot(std::uint64_t n, Report& report);
    void settle(Report& report);
    void check_end(Report& report) const;

    std::uint64_t const seed_;
    std::size_t const readers_;
    std::uint64_t const lookups_; // of each reader
    Flows const flows_;
    platform::Qsbr grace_;
    handoff::Table table_;
    handoff::PublishedInterfaces interfaces_;
    handoff::Publisher publisher_;
    std::atomic<std::uint64_t> looked_up_{0}; // by all readers
    std::atomic<std::size_t> reading_;
};

} // namespace mcast::stress
