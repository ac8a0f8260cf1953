// Delays of frames: RFC 3918 sections 5.1, 5.2 and 8.1.
#include "measured.h"

#include <cmath>

namespace mcast::gen::rfc3918 {
namespace {

constexpr char const* k_how =
    "from the call that sends a frame to the poll that receives its copy, on one clock: the "
    "generator's ports are part of it";

// A trial of the mix at its rate, after a warm-up; nullopt when there is no rate.
std::optional<Trial> steady(Bench& bench, Mix const& mix, Measured& result) {
    std::uint64_t const rate = bench.steady_rate(mix);
    if (rate == 0) {
        result.fail(no_rate(bench.plan(), bench.throughput(mix)));
        return std::nullopt;
    }
    if (!bench.prepare(mix, std::min(rate, bench.plan().min_rate))) {
        result.fail(no_rate(bench.plan(), {.limited_by = "unicast"}));
        return std::nullopt;
    }
    Trial trial = bench.trial(mix, rate);
    switch (bench.judge(trial)) {
    case Verdict::passed:
        break;
    case Verdict::loss:
        result.fail("frames were lost at the rate of the test: these delays are of an overload; "
                    "lower load, or leave it out so that the throughput is taken");
        break;
    case Verdict::generator:
        result.fail("the generator could not offer the rate of the test, or lost frames that "
                    "came back; lower load, or give it a core of its own");
        break;
    }
    return trial;
}

Mix mix_of(Plan const& plan, std::size_t size, double unicast_percent) {
    return {.frame_size = size,
            .egress = plan.egress.size(),
            .groups = plan.groups,
            .unicast_percent = unicast_percent};
}

} // namespace

Measured latency(Bench& bench, Method test, double unicast_percent) {
    Plan const& plan = bench.plan();
    Measured result{.test = test};
    result.method = {{"method", k_how}, {"groups", plan.groups}, {"ingress", 0}};
    for (auto const size : plan.frame_sizes) {
        if (!bench.usable()) {
            return result;
        }
        auto const trial = steady(bench, mix_of(plan, size, unicast_percent), result);
        for (std::size_t port = 0; trial && port < plan.egress.size(); ++port) {
            EgressCounts const& counts = trial->egress()[port];
            Row row{{"frame_size", size},
                    {"egress", port + 1},
                    {"rate", trial->load().rate},
                    {"unicast_percent", unicast_percent},
                    {"unicast_offered", trial->unicast_sent()},
                    {"lost", trial->multicast_sent() - counts.multicast.received}};
            put(row, counts.delays);
            result.rows.push_back(std::move(row));
        }
    }
    result.draw("egress", "frame_size", "mean_us");
    return result;
}

Measured min_max_latency(Bench& bench) {
    Plan const& plan = bench.plan();
    Measured result{.test = Method::min_max_latency};
    result.method = {{"method", k_how},
                     {"groups", plan.groups},
                     {"egress", plan.egress.size()},
                     {"spread", "between the first and the last copy of the same frame"}};
    for (auto const size : plan.frame_sizes) {
        if (!bench.usable()) {
            return result;
        }
        auto const trial = steady(bench, mix_of(plan, size, 0), result);
        if (!trial) {
            continue;
        }
        Delays all;
        for (EgressCounts const& port : trial->egress()) {
            all.add(port.delays);
        }
        Delays const& spread = trial->spread();
        result.rows.push_back({{"frame_size", size},
                               {"rate", trial->load().rate},
                               {"frames", spread.count()},
                               {"min_us", in_us(all.least())},
                               {"max_us", in_us(all.most())},
                               {"difference_us", in_us(all.most() - all.least())},
                               {"spread_mean_us", in_us(spread.mean())},
                               {"spread_p99_us", in_us(spread.quantile(0.99))},
                               {"spread_max_us", in_us(spread.most())},
                               {"egress", plan.egress.size()}});
    }
    result.draw("egress", "frame_size", "difference_us");
    return result;
}

} // namespace mcast::gen::rfc3918
