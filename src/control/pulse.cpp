#include "pulse.h"

#include "mcast/base/log.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace mcast::control {

namespace {

double in_seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

} // namespace

void Pulse::start(TimePoint now) {
    std::ranges::fill(beats_, Beat{0, now, false});
    std::ranges::fill(loads_, Load{.began = now});
}

void Pulse::feel(TimePoint now) {
    for (std::size_t w = 0; w < beats_.size(); ++w) {
        weigh(w, now);
        Beat& beat = beats_[w];
        std::uint64_t const turns = shared_.workers[w]->counters->turns.read();
        if (turns == beat.turns) {
            continue;
        }
        if (std::exchange(beat.named, false)) {
            log::line(log::Level::notice, "worker", "{} finishes turns again, after {:.1f} s",
                      title(w), in_seconds(now - beat.moved));
        }
        beat = {turns, now, false};
    }
}

void Pulse::weigh(std::size_t worker, TimePoint now) {
    Load& load = loads_[worker];
    if (now - load.began < std::chrono::seconds{1}) {
        return;
    }
    handoff::WorkerCounters const& counters = *shared_.workers[worker]->counters;
    std::uint64_t const busy = counters.busy_cycles.read();
    std::uint64_t const idle = counters.idle_cycles.read();
    auto const worked = static_cast<double>(busy - load.busy);
    double const all = worked + static_cast<double>(idle - load.idle);
    load = {now, busy, idle, all > 0 ? worked / all : 0};
}

bool Pulse::suspicious(TimePoint now) const {
    return std::ranges::any_of(
        beats_, [&](Beat const& beat) { return !beat.named && now - beat.moved >= k_stall; });
}

void Pulse::name_stalls(std::span<mgm::OwnershipView const> owners, TimePoint now) {
    for (std::size_t w = 0; w < beats_.size(); ++w) {
        if (beats_[w].named || age(w, now) < k_stall) {
            continue;
        }
        std::string waiting;
        for (mgm::OwnershipView const& change : owners) {
            // It may have begun to wait just now, for a worker that has nothing else to do wrong.
            if (holds_up(w, change) && now - *change.published >= k_stall) {
                waiting += waiting.empty() ? "" : ", ";
                waiting += interfaces_.name(change.interface.index);
            }
        }
        if (!waiting.empty()) {
            beats_[w].named = true;
            log::line(log::Level::warning, "worker",
                      "{} has finished no turn for {:.1f} s; a change of owner waits for it on {}",
                      title(w), in_seconds(age(w, now)), waiting);
        }
    }
}

std::vector<std::size_t> Pulse::waited_for(mgm::OwnershipView const& change) const {
    std::vector<std::size_t> workers;
    for (std::size_t w = 0; w < beats_.size(); ++w) {
        if (holds_up(w, change)) {
            workers.push_back(w);
        }
    }
    return workers;
}

std::string Pulse::title(std::size_t worker) const {
    return worker < cores_.size() ? fmt::format("worker {} (core {})", worker, cores_[worker])
                                  : fmt::format("worker {}", worker);
}

} // namespace mcast::control
