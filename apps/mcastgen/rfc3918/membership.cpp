// Groups that come and go: RFC 3918 sections 6.1, 6.2, 7.1 and 8.2.
#include "measured.h"

#include <algorithm>

#include <fmt/format.h>

namespace mcast::gen::rfc3918 {
namespace {

constexpr std::chrono::milliseconds k_quiet{500}; // no frame of a group for so long: it has ended

// Between two frames of one group: nothing is known better than that.
Duration resolution(Load const& load) {
    double const multicast =
        static_cast<double>(load.rate) * (100 - load.mix.unicast_percent) / 100;
    return Duration{static_cast<std::int64_t>(load.mix.groups * 1e9 / multicast)};
}

// A trial of a membership that changes after the warm-up, long enough for the slowest group.
Load load_of(Plan const& plan, Mix const& mix, std::uint64_t rate) {
    Duration const said{static_cast<std::int64_t>(mix.groups * 1'000'000'000ULL / plan.join_rate)};
    return {mix, rate, frames_in(rate, plan.warm_up + said + plan.delay_timeout)};
}

Row row_of(Load const& load) {
    return {{"groups", load.mix.groups},
            {"frame_size", load.mix.frame_size},
            {"rate", load.rate},
            {"unicast_percent", load.mix.unicast_percent},
            {"resolution_us", in_us(resolution(load))}};
}

// `elsewhere`: the second egress port is a member all the time.
void join_once(Bench& bench, Mix const& mix, bool elsewhere, Measured& result) {
    Plan const& plan = bench.plan();
    std::uint64_t const rate = bench.steady_rate(mix);
    if (rate == 0) {
        result.fail(no_rate(plan, bench.throughput(mix)));
        return;
    }
    bench.leave_all();
    if (elsewhere) {
        bench.station().hosts().join(1, 0, mix.groups);
        bench.station().settle(plan.settle);
    }
    Load const load = load_of(plan, mix, rate);
    Station::Course course{.at = plan.warm_up, .drains = false};
    course.act = [&](Hosts& hosts) { hosts.join(0, 0, mix.groups); };
    course.ended = [&](Trial const& trial, TimePoint) {
        return trial.egress()[0].groups_seen == mix.groups;
    };
    Trial const trial = bench.trial(load, course);
    Delays delays;
    std::uint64_t early = 0;
    for (std::uint32_t group = 0; group < mix.groups; ++group) {
        GroupTimes const& times = trial.egress()[0].groups[group];
        auto const joined = bench.station().hosts().spoke(0, group);
        early += times.came() && times.first < joined ? 1 : 0;
        if (times.came() && times.first >= joined) {
            delays.add(times.first - joined);
        }
    }
    Row row = row_of(load);
    row["state"] = elsewhere ? "elsewhere" : "unknown";
    row["early"] = early;
    row["not_joined"] = mix.groups - trial.egress()[0].groups_seen;
    put(row, delays);
    result.rows.push_back(std::move(row));
    if (early != 0) {
        result.fail(fmt::format("{} groups came before they were joined; raise leave-time", early));
    } else if (trial.egress()[0].groups_seen != mix.groups) {
        result.fail(fmt::format("{} of {} groups did not come within delay-timeout",
                                mix.groups - trial.egress()[0].groups_seen, mix.groups));
    }
}

void leave_once(Bench& bench, Mix const& mix, Measured& result) {
    Plan const& plan = bench.plan();
    std::uint64_t const rate = bench.steady_rate(mix);
    if (rate == 0) {
        result.fail(no_rate(plan, bench.throughput(mix)));
        return;
    }
    bench.prepare(mix, std::min(rate, plan.min_rate));
    Load const load = load_of(plan, mix, rate);
    Duration const quiet = std::max<Duration>(k_quiet, 4 * resolution(load));
    Hosts& hosts = bench.station().hosts();
    Station::Course course{.at = plan.warm_up, .drains = false};
    TimePoint left = TimePoint::max();
    course.act = [&](Hosts& all) { all.leave(0, 0, mix.groups); };
    course.ended = [&](Trial const& trial, TimePoint now) {
        bool const asked = now >= trial.start() + plan.warm_up && hosts.idle();
        left = asked ? std::min(left, now) : TimePoint::max();
        return asked && now - left > quiet && now - trial.last_arrival() > quiet;
    };
    Trial const trial = bench.trial(load, course);
    auto const end = bench.station().wires().now();
    Delays delays;
    std::uint64_t staying = 0;
    std::uint64_t absent = 0;
    for (std::uint32_t group = 0; group < mix.groups; ++group) {
        GroupTimes const& times = trial.egress()[0].groups[group];
        auto const spoke = hosts.spoke(0, group);
        absent += times.came() && times.first < spoke ? 0 : 1;
        if (times.came() && end - times.last > quiet) {
            delays.add(times.last - spoke);
        } else if (times.came()) {
            ++staying;
        }
    }
    Row row = row_of(load);
    row["not_left"] = staying;
    row["not_there_before"] = absent;
    put(row, delays);
    row["specific_queries"] = hosts.specific_queries();
    row["last_member_response_us"] = in_us(hosts.specific_response());
    result.rows.push_back(std::move(row));
    if (absent != 0) {
        result.fail(
            fmt::format("{} of {} groups did not come before they were left", absent, mix.groups));
    } else if (staying != 0) {
        result.fail(
            fmt::format("{} of {} groups still came after delay-timeout", staying, mix.groups));
    }
}

// Whether all of so many groups come through whole, and how many do.
std::pair<bool, std::uint32_t> holds(Bench& bench, Mix const& mix, std::uint64_t rate) {
    bench.prepare(mix, rate);
    Trial const trial = bench.trial(mix, rate);
    auto const whole = trial.whole_groups();
    return {whole == mix.groups, whole};
}

void capacity_once(Bench& bench, std::uint64_t size, Measured& result) {
    Plan const& plan = bench.plan();
    Mix mix{.frame_size = size, .egress = plan.egress.size(), .groups = plan.groups};
    std::uint64_t const rate = bench.steady_rate(mix);
    if (rate == 0) {
        result.fail(no_rate(plan, bench.throughput(mix)));
        return;
    }
    Search search({.lowest = plan.capacity_first,
                   .highest = plan.capacity_most,
                   .step = plan.capacity_step,
                   .from_below = true});
    std::uint32_t whole_at_failure = 0;
    while (auto const groups = bench.usable() ? search.next() : std::nullopt) {
        mix.groups = static_cast<std::uint32_t>(*groups);
        auto const [all, whole] = holds(bench, mix, rate);
        search.result(*groups, all);
        whole_at_failure = all ? whole_at_failure : whole;
    }
    result.rows.push_back({{"frame_size", size},
                           {"capacity", search.found().value_or(0)},
                           {"failed_at", search.failed() ? Row(*search.failed()) : Row(nullptr)},
                           {"whole_at_failure", whole_at_failure},
                           {"limited_by", search.failed() ? "appliance" : "capacity-most"},
                           {"rate", rate},
                           {"join_rate", plan.join_rate},
                           {"trials", search.trials()},
                           {"egress", plan.egress.size()}});
    if (!search.found()) {
        result.fail(fmt::format("not even capacity-first, {} groups, came through whole",
                                plan.capacity_first));
    }
}

} // namespace

Measured join_delay(Bench& bench, Method test, double unicast_percent) {
    Plan const& plan = bench.plan();
    Measured result{.test = test};
    result.method = {{"unknown", "no port is a member; the stream is offered before the join"},
                     {"elsewhere", "the second egress port is a member before the first one joins"},
                     {"igmp_version", plan.igmp_version},
                     {"join_rate", plan.join_rate}};
    for (auto const groups : plan.group_counts) {
        for (std::size_t egress = 1; egress <= std::min<std::size_t>(plan.egress.size(), 2);
             ++egress) {
            if (!bench.usable()) {
                return result;
            }
            join_once(bench,
                      {.frame_size = plan.frame_sizes.front(),
                       .egress = egress,
                       .groups = static_cast<std::uint32_t>(groups),
                       .unicast_percent = unicast_percent},
                      egress == 2, result);
        }
    }
    bench.leave_all();
    result.draw("state", "groups", "mean_us");
    return result;
}

Measured leave_delay(Bench& bench) {
    Plan const& plan = bench.plan();
    Measured result{.test = Method::leave_delay};
    result.method = {{"igmp_version", plan.igmp_version},
                     {"leave_rate", plan.join_rate},
                     {"delay", "from the leave to the last frame; the last-member queries of the "
                               "appliance are part of it"}};
    for (auto const groups : plan.group_counts) {
        if (!bench.usable()) {
            return result;
        }
        leave_once(bench,
                   {.frame_size = plan.frame_sizes.front(),
                    .egress = 1,
                    .groups = static_cast<std::uint32_t>(groups)},
                   result);
    }
    bench.leave_all();
    result.draw("frame_size", "groups", "mean_us");
    return result;
}

Measured capacity(Bench& bench) {
    Measured result{.test = Method::capacity};
    result.method = {{"groups", "all of them forwarded to every egress port, no frame lost"},
                     {"igmp_version", bench.plan().igmp_version}};
    for (auto const size : bench.plan().frame_sizes) {
        if (!bench.usable()) {
            return result;
        }
        capacity_once(bench, size, result);
    }
    bench.leave_all();
    result.draw("egress", "frame_size", "capacity");
    return result;
}

} // namespace mcast::gen::rfc3918
