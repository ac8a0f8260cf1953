#include "sums.h"

#include <numeric>

namespace mcast::control {

namespace {

template <std::size_t N>
std::uint64_t total(std::array<std::uint64_t, N> const& numbers) {
    return std::accumulate(numbers.begin(), numbers.end(), std::uint64_t{0});
}

template <std::size_t N>
void add_each(std::array<std::uint64_t, N>& into, std::array<handoff::Counter, N> const& from) {
    for (std::size_t i = 0; i < N; ++i) {
        into[i] += from[i].read();
    }
}

// Wraps like the counters do; a difference of sums is small and signed.
std::int64_t minus(std::uint64_t a, std::uint64_t b) {
    return static_cast<std::int64_t>(a - b);
}

} // namespace

void Sums::add(handoff::InterfaceCounters const& counters) {
    received += counters.received.read();
    reinjected += counters.reinjected.read();
    forwarded += counters.forwarded.read();
    copies += counters.copies.read();
    fragments += counters.fragments.read();
    frames_sent += counters.frames_sent.read();
    threshold += counters.threshold.read();
    link_down += counters.link_down.read();
    injected += counters.injected.read();
    inject_dropped += counters.inject_dropped.read();
    alerts += counters.alerts.read();
    alerts_policed += counters.alerts_policed.read();
    alerts_full += counters.alerts_full.read();
    add_each(punted, counters.punted);
    add_each(drops, counters.drops);
    add_each(copy_drops, counters.copy_drops);
}

std::uint64_t Sums::all_drops() const {
    return total(drops);
}
std::uint64_t Sums::all_punted() const {
    return total(punted);
}
std::uint64_t Sums::all_copy_drops() const {
    return total(copy_drops);
}

std::int64_t Sums::difference() const {
    return minus(received + reinjected, forwarded + all_drops() + all_punted());
}

std::int64_t Sums::copy_difference() const {
    return minus(copies + fragments, frames_sent + all_copy_drops());
}

Sums sums_of_interface(handoff::Shared const& shared, IfIndex interface) {
    Sums sums;
    for (auto const& worker : shared.workers) {
        sums.add(worker->counters->interfaces[interface.index()]);
    }
    return sums;
}

Sums sums_of_port(handoff::Shared const& shared, PortId port) {
    Sums sums;
    for (auto const& worker : shared.workers) {
        sums.add(worker->counters->ports[port.index()]);
    }
    return sums;
}

Sums sums_of_worker(handoff::WorkerCounters const& counters) {
    Sums sums;
    for (auto const& interface : counters.interfaces) {
        sums.add(interface);
    }
    for (auto const& port : counters.ports) {
        sums.add(port);
    }
    return sums;
}

Sums sums_of_all(handoff::Shared const& shared) {
    Sums sums;
    for (auto const& worker : shared.workers) {
        for (auto const& interface : worker->counters->interfaces) {
            sums.add(interface);
        }
        for (auto const& port : worker->counters->ports) {
            sums.add(port);
        }
    }
    return sums;
}

} // namespace mcast::control
