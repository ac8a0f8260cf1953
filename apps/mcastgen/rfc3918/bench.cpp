#include "bench.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace mcast::gen::rfc3918 {
namespace {

// Of the rate that was meant: less than this was not offered.
constexpr double k_offered = 0.98;

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
    case Verdict::passed:
        return "passed";
    case Verdict::loss:
        return "loss";
    case Verdict::generator:
        return "generator";
    }
    return "";
}

} // namespace

std::uint64_t frames_in(std::uint64_t rate, Duration time) {
    auto const frames = static_cast<double>(rate) * std::chrono::duration<double>(time).count();
    return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(frames));
}

Bench::Bench(Plan const& plan, Wires& wires, Say say)
    : plan_(plan), wires_(wires), station_(plan, wires), say_(std::move(say)) {}

bool Bench::prepare(Mix const& mix, std::uint64_t rate) {
    bool const left = station_.hosts().members(mix.egress, mix.groups);
    if (!station_.hosts().idle()) {
        station_.settle(left ? std::max(plan_.settle, plan_.leave_time) : plan_.settle);
    }
    // Each class at least twice to each port, each group once.
    std::uint64_t const least = std::max<std::uint64_t>(mix.groups, 4 * mix.egress);
    Load const load{mix, rate, std::max(least, frames_in(rate, plan_.warm_up))};
    Trial const warm = trial(load, {});
    return warm.unicast_sent() == 0 || !plan_.unicast_judged ||
           warm.unicast_lost() < warm.unicast_sent();
}

void Bench::leave_all() {
    bool const left = station_.hosts().members(0, 0);
    if (left || !station_.hosts().idle()) {
        station_.settle(std::max(plan_.settle, plan_.leave_time));
    }
}

Trial Bench::trial(Mix const& mix, std::uint64_t rate) {
    return trial({mix, rate, std::max<std::uint64_t>(mix.groups, frames_in(rate, plan_.trial))},
                 {});
}

Trial Bench::trial(Load const& load, Station::Course const& course) {
    auto const before = wires_.missed();
    Trial result = station_.run(load, course);
    missed_in_trial_ = wires_.missed() - before;
    return result;
}

Verdict Bench::judge(Trial const& trial) const {
    std::uint64_t lost = trial.multicast_lost();
    std::uint64_t wanted = trial.multicast_sent() * trial.load().mix.egress;
    if (plan_.unicast_judged) {
        lost += trial.unicast_lost();
        wanted += trial.unicast_sent();
    }
    if (static_cast<double>(lost) * 100 > plan_.tolerance * static_cast<double>(wanted)) {
        return missed_in_trial_ >= lost ? Verdict::generator : Verdict::loss;
    }
    bool const slow = !trial.all_sent() ||
                      trial.offered_rate() < k_offered * static_cast<double>(trial.load().rate);
    return slow ? Verdict::generator : Verdict::passed;
}

Found const& Bench::throughput(Mix const& mix) {
    auto const known = found_.find(mix);
    return known != found_.end() ? known->second : found_.emplace(mix, search(mix)).first->second;
}

Found Bench::search(Mix const& mix) {
    Found found;
    if (!prepare(mix, plan_.min_rate)) {
        found.limited_by = "unicast";
        return found;
    }
    Search search(
        {.lowest = plan_.min_rate, .highest = plan_.max_rate, .resolution = plan_.resolution});
    found.limited_by = "max-rate";
    while (auto const rate = usable() ? search.next() : std::nullopt) {
        Trial tried = trial(mix, *rate);
        auto const verdict = judge(tried);
        say_(fmt::format("{} bytes, {} egress, {} groups, {}% unicast: {}/s for {:.1f} s: {}, {} "
                         "copies lost",
                         mix.frame_size, mix.egress, mix.groups, mix.unicast_percent, *rate,
                         tried.seconds(), name_of(verdict), tried.multicast_lost()));
        search.result(*rate, verdict == Verdict::passed);
        if (verdict == Verdict::passed) {
            found.best.emplace(std::move(tried));
        } else {
            found.limited_by = name_of(verdict);
        }
    }
    found.rate = search.found().value_or(0);
    found.trials = search.trials();
    return found;
}

std::uint64_t Bench::steady_rate(Mix const& mix) {
    return plan_.load != 0 ? plan_.load : throughput(mix).rate;
}

} // namespace mcast::gen::rfc3918
