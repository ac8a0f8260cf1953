// Rates: RFC 3918 sections 4.1 to 4.3.
#include "measured.h"

#include <cmath>

namespace mcast::gen::rfc3918 {
namespace {

// Preamble, start and gap, which a frame takes on the wire beside its own bytes.
constexpr double k_between_frames = 20;

double l1_mbit(double rate, std::size_t frame_size) {
    return std::round(rate * (static_cast<double>(frame_size) + k_between_frames) * 8 / 1e3) / 1e3;
}

Mix all_ports(Plan const& plan, std::size_t frame_size) {
    return {.frame_size = frame_size, .egress = plan.egress.size(), .groups = plan.groups};
}

void put_search(Row& row, Found const& found, std::size_t frame_size) {
    row["rate"] = found.rate;
    row["offered"] = found.best ? std::round(found.best->offered_rate()) : 0.0;
    row["l1_mbit"] = l1_mbit(static_cast<double>(found.rate), frame_size);
    row["seconds"] = found.best ? found.best->seconds() : 0.0;
    row["trials"] = found.trials;
    row["limited_by"] = found.limited_by;
}

std::vector<std::uint64_t> forwarded_rates(Trial const& trial) {
    std::vector<std::uint64_t> rates;
    rates.reserve(trial.load().mix.egress);
    for (std::size_t port = 0; port < trial.load().mix.egress; ++port) {
        rates.push_back(static_cast<std::uint64_t>(std::llround(
            static_cast<double>(trial.egress()[port].multicast.received) / trial.seconds())));
    }
    return rates;
}

std::uint64_t received(Trial const& trial, ClassCounts EgressCounts::* which) {
    std::uint64_t all = 0;
    for (EgressCounts const& port : trial.egress()) {
        all += (port.*which).received;
    }
    return all;
}

} // namespace

Measured mixed_class(Bench& bench) {
    Plan const& plan = bench.plan();
    Measured result{.test = Method::mixed_class};
    result.method = {{"groups", plan.groups},
                     {"egress", plan.egress.size()},
                     {"unicast_loss", plan.unicast_judged ? "judged" : "reported"}};
    for (auto const percent : plan.unicast_percent) {
        for (auto const size : plan.frame_sizes) {
            if (!bench.usable()) {
                return result;
            }
            Mix mix = all_ports(plan, size);
            mix.unicast_percent = static_cast<double>(percent);
            Found const& found = bench.throughput(mix);
            Row row{{"frame_size", size}, {"unicast_percent", percent}};
            put_search(row, found, size);
            if (found.best) {
                Trial const& best = *found.best;
                row["multicast_offered"] = best.multicast_sent();
                row["multicast_copies"] = received(best, &EgressCounts::multicast);
                row["unicast_offered"] = best.unicast_sent();
                row["unicast_forwarded"] = received(best, &EgressCounts::unicast);
                row["lost"] = best.multicast_lost() + best.unicast_lost();
            } else {
                result.fail(no_rate(plan, found));
            }
            result.rows.push_back(std::move(row));
        }
    }
    result.draw("unicast_percent", "frame_size", "rate");
    return result;
}

Measured group_matrix(Bench& bench) {
    Plan const& plan = bench.plan();
    Measured result{.test = Method::group_matrix};
    result.method = {{"egress", plan.egress.size()}, {"join_rate", plan.join_rate}};
    for (auto const groups : plan.group_counts) {
        for (auto const size : plan.frame_sizes) {
            if (!bench.usable()) {
                return result;
            }
            Mix mix = all_ports(plan, size);
            mix.groups = static_cast<std::uint32_t>(groups);
            std::uint64_t const rate = plan.load != 0 ? plan.load : plan.max_rate;
            bench.prepare(mix, std::min(rate, plan.min_rate));
            Trial const trial = bench.trial(mix, rate);
            auto const rates = forwarded_rates(trial);
            result.rows.push_back({{"groups", groups},
                                   {"frame_size", size},
                                   {"intended", rate},
                                   {"offered", std::round(trial.offered_rate())},
                                   {"forwarded", *std::ranges::min_element(rates)},
                                   {"forwarded_per_port", rates},
                                   {"whole_groups", trial.whole_groups()},
                                   {"lost", trial.multicast_lost()},
                                   {"duplicated", trial.duplicated()},
                                   {"stray", trial.stray()}});
            if (trial.multicast_lost() == trial.multicast_sent() * mix.egress) {
                result.fail("no frame came through; look whether the groups reach the egress "
                            "ports at all");
            }
        }
    }
    result.draw("frame_size", "groups", "forwarded");
    return result;
}

Measured aggregated(Bench& bench) {
    Plan const& plan = bench.plan();
    Measured result{.test = Method::aggregated};
    result.method = {{"groups", plan.groups}};
    for (std::size_t egress = 1; egress <= plan.egress.size(); ++egress) {
        for (auto const size : plan.frame_sizes) {
            if (!bench.usable()) {
                return result;
            }
            Mix mix = all_ports(plan, size);
            mix.egress = egress;
            Found const& found = bench.throughput(mix);
            Row row{{"egress", egress}, {"frame_size", size}};
            put_search(row, found, size);
            row["copies_per_second"] = found.rate * egress;
            row["lost"] = found.best ? found.best->multicast_lost() : 0;
            row["duplicated"] = found.best ? found.best->duplicated() : 0;
            if (!found.best) {
                result.fail(no_rate(plan, found));
            }
            result.rows.push_back(std::move(row));
        }
    }
    result.draw("frame_size", "egress", "rate");
    return result;
}

} // namespace mcast::gen::rfc3918
