// What is wrong between ports, cores and pools, and what all checks share.
#include "draft.h"
#include "words.h"

#include <algorithm>

#include <fmt/format.h>

namespace mcast::config {

std::string title_of(toml::table const& table, std::string_view list, std::size_t n) {
    auto const name = table["name"].value<std::string>();
    return name && is_name(*name) ? fmt::format("[[{}]] \"{}\"", list, *name)
                                  : fmt::format("[[{}]] {}", list, n + 1);
}

bool is_source(Ipv4 address) {
    std::uint32_t const first_octet = address.value >> 24;
    return first_octet != 0 && !address.is_loopback() && first_octet < 224;
}

void limit_items(Section& root, std::vector<toml::table const*> const& tables, std::string_view key,
                 std::size_t most) {
    if (tables.size() > most) {
        root.reporter().error(position_of(tables[most]->source()),
                              fmt::format("there are {} [[{}]]", tables.size(), key),
                              fmt::format("at most {} are possible", most));
    }
}

bool require_no_host_bits(Ipv4Prefix prefix, Position at, std::string_view what,
                          Reporter& reporter) {
    if (prefix.address == prefix.network()) {
        return true;
    }
    reporter.error(
        at, fmt::format("{} is \"{}\", which has bits behind its length", what, to_string(prefix)),
        fmt::format("write \"{}\"", to_string(Ipv4Prefix{prefix.network(), prefix.length})));
    return false;
}

namespace {

void check_port(Draft const& draft, std::size_t i, Reporter& reporter) {
    auto const& ports = draft.config.platform.ports;
    auto const bare = [](std::string_view device) { return device.substr(0, device.find(',')); };
    for (std::size_t j = 0; j < i; ++j) {
        unsigned const line = draft.ports[j].position().line;
        if (!ports[i].name.empty() && ports[i].name == ports[j].name) {
            reporter.error(
                draft.ports[i].at("name"),
                fmt::format("port \"{}\" is there already, in line {}", ports[i].name, line),
                "give every port a name of its own");
        }
        if (!ports[i].device.empty() && bare(ports[i].device) == bare(ports[j].device)) {
            reporter.error(draft.ports[i].at("device"),
                           fmt::format("device \"{}\" is in use already, by the port in line {}",
                                       bare(ports[i].device), line),
                           "give every port a device of its own; virtual devices differ in the "
                           "number behind their name");
        }
    }
}

// Spinning threads never give a core back: whoever shares it with one starves.
void check_cores(Draft const& draft, Reporter& reporter) {
    constexpr std::string_view k_remedy =
        "choose another core, or set idle = \"yield\" or \"sleep\" in [workers]";
    auto const& platform = draft.config.platform;
    auto const& cores = platform.workers.cores;
    auto const spins = [&](std::size_t worker) {
        platform::Idle const idle = platform.workers.idle_of(worker);
        return idle == platform::Idle::spin || idle == platform::Idle::pause;
    };
    for (std::size_t i = 0; i < cores.size(); ++i) {
        if (spins(i) && cores[i] == platform.control_core) {
            reporter.error(
                draft.cores[i],
                fmt::format("core {} is the control core, and a worker spins on it", cores[i]),
                std::string{k_remedy});
        }
        auto const earlier = static_cast<std::size_t>(
            std::find(cores.begin(), cores.begin() + static_cast<std::ptrdiff_t>(i), cores[i]) -
            cores.begin());
        if (earlier != i && (spins(i) || spins(earlier))) {
            reporter.error(draft.cores[i],
                           fmt::format("core {} has two workers, and {} on it", cores[i],
                                       spins(i) && spins(earlier) ? "both spin" : "one spins"),
                           std::string{k_remedy});
        }
    }
}

// A NIC keeps its receive rings filled. When they hold the whole pool nothing is received, and
// nothing says why.
void check_receive_pool(Draft const& draft, Reporter& reporter) {
    auto const& platform = draft.config.platform;
    std::uint64_t held = 0;
    for (auto const& port : platform.ports) {
        bool const is_nic = pci_address(port.device.substr(0, port.device.find(','))).has_value();
        held += is_nic ? std::uint64_t{port.queues} * port.receive_descriptors : 0;
    }
    // Each worker's cache takes as much again as it holds before it gives back.
    std::uint64_t const wanted = held + platform.workers.cores.size() * platform.pools.cache * 2;
    if (held != 0 && wanted > platform.pools.receive) {
        reporter.error(
            draft.receive,
            fmt::format("receive in [pools] is {}, but the NICs' receive rings hold {} buffers",
                        platform.pools.receive, held),
            fmt::format("make it at least {}, or lower receive-descriptors or queues of the ports",
                        wanted));
    }
}

} // namespace

void check_platform(Draft const& draft, Reporter& reporter) {
    for (std::size_t i = 0; i < draft.ports.size(); ++i) {
        check_port(draft, i, reporter);
    }
    check_cores(draft, reporter);
    check_receive_pool(draft, reporter);
    auto const& pools = draft.config.platform.pools;
    std::uint32_t const smallest = std::min({pools.receive, pools.headers, pools.control});
    // DPDK's rule for its mempools: a cache and a half must fit.
    if (pools.cache * 3 / 2 > smallest) {
        reporter.error(
            draft.cache,
            fmt::format("cache in [pools] is {}, too much for a pool of {}", pools.cache, smallest),
            fmt::format("make it at most {}, two thirds of the smallest pool", smallest * 2 / 3));
    }
}

} // namespace mcast::config
