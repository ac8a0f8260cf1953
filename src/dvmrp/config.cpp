#include "mcast/dvmrp/config.h"

namespace mcast::dvmrp {

namespace {

constexpr std::uint8_t k_max_metric = 31;

using Fault = std::optional<ConfigFault>;

Fault fault(char const* member, char const* sentence) {
    return ConfigFault{member, sentence};
}

} // namespace

std::optional<ConfigFault> check(InterfaceConfig const& config) {
    using std::chrono::seconds;
    if (config.metric < 1 || config.metric > k_max_metric) {
        return fault("metric", "metric must be 1 to 31");
    }
    if (config.metric_out > k_max_metric) {
        return fault("metric_out", "metric-out must be 0 to 31");
    }
    if (config.threshold < 1) {
        return fault("threshold", "threshold must be 1 to 255");
    }
    if (config.probe_interval < seconds{1} || config.probe_interval > seconds{3600}) {
        return fault("probe_interval", "probe-interval must be 1 s to 3600 s");
    }
    if (config.neighbor_timeout <= 3 * config.probe_interval) {
        return fault("neighbor_timeout", "neighbor-timeout must be above 3 probe intervals");
    }
    if (config.max_neighbors < 1) {
        return fault("max_neighbors", "max-neighbors must be at least 1");
    }
    if (config.default_route > k_max_metric) {
        return fault("default_route", "default-route must be 0 to 31");
    }
    if (config.default_only && config.default_route == 0) {
        return fault("default_only", "default-only needs a default-route");
    }
    if (config.max_one_way < 1) {
        return fault("max_one_way", "max-one-way must be at least 1");
    }
    return std::nullopt;
}

std::optional<ConfigFault> check(Config const& config) {
    using std::chrono::seconds;
    if (config.report_interval < seconds{1}) {
        return fault("report_interval", "report-interval must be at least 1 s");
    }
    if (config.flash_interval < seconds{1}) {
        return fault("flash_interval", "flash-interval must be at least 1 s");
    }
    if (config.route_expiry <= 2 * config.report_interval) {
        return fault("route_expiry", "route-expiry must be above 2 report intervals");
    }
    if (config.hold_down < seconds{0}) {
        return fault("hold_down", "hold-down must not be negative");
    }
    if (config.min_prune_lifetime < seconds{10} ||
        config.min_prune_lifetime > config.max_prune_lifetime) {
        return fault("min_prune_lifetime", "min-prune-lifetime must be 10 s to max-prune-lifetime");
    }
    if (config.longest_prune_heard < seconds{1} || config.longest_prune_heard > seconds{86400}) {
        return fault("longest_prune_heard", "longest-prune-heard must be 1 s to 86400 s");
    }
    for (Aggregate const& it : config.aggregates) {
        bool const is_network = it.prefix.length >= 8 && it.prefix.length <= 32 &&
                                it.prefix.network() == it.prefix.address &&
                                it.prefix.address.value >> 24 != 0;
        if (!is_network || it.metric > k_max_metric) {
            return fault("aggregates",
                         "an aggregate must be a network of 8 to 32 bits with a metric of 0 to 31");
        }
    }
    for (Ipv4Prefix const it : config.explicit_groups) {
        if (!it.network().is_multicast() || it.network() != it.address || it.length < 4) {
            return fault("explicit_groups", "an explicit group range must be a prefix of groups");
        }
    }
    for (Redistribution const& it : config.redistribute) {
        if (it.metric < 1 || it.metric > k_max_metric) {
            return fault("redistribute", "the metric of a redistribution must be 1 to 31");
        }
    }
    if (config.max_prunes_of_neighbor < 1) {
        return fault("max_prunes_of_neighbor", "max-prunes-of-neighbor must be at least 1");
    }
    if (config.prune_retransmit < seconds{1}) {
        return fault("prune_retransmit", "prune-retransmit must be at least 1 s");
    }
    if (config.graft_retransmit < seconds{1} ||
        config.graft_retransmit > config.longest_graft_retransmit) {
        return fault("graft_retransmit",
                     "graft-retransmit must be 1 s to longest-graft-retransmit");
    }
    return std::nullopt;
}

} // namespace mcast::dvmrp
