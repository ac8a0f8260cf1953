// The EAL command line, as a function of the configuration.
#include "mcast/platform/eal.h"

#include "eal_internal.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace mcast::platform {

bool is_pci(std::string const& device) {
    auto const hex = [](unsigned char c) { return std::isxdigit(c) != 0; };
    std::string_view rest = std::string_view{device}.substr(0, device.find(','));
    // [dddd:]bb:dd.f
    if (rest.size() == 12 && rest[4] == ':' && std::ranges::all_of(rest.substr(0, 4), hex)) {
        rest.remove_prefix(5);
    }
    return rest.size() == 7 && rest[2] == ':' && rest[5] == '.' && hex(rest[0]) && hex(rest[1]) &&
           hex(rest[3]) && hex(rest[4]) && rest[6] >= '0' && rest[6] <= '7';
}

std::string device_name(PortConfig const& port) {
    return port.device.substr(0, port.device.find(','));
}

bool gives(std::span<std::string const> extra, std::initializer_list<std::string_view> options) {
    return std::ranges::any_of(extra, [&](std::string_view argument) {
        return std::ranges::any_of(options, [&](std::string_view option) {
            bool const is_long = option.starts_with("--");
            return argument == option ||
                   (is_long && argument.starts_with(option) && argument[option.size()] == '=') ||
                   (!is_long && argument.starts_with(option));
        });
    });
}

namespace {

std::string lcores_of(Config const& config) {
    std::string line = fmt::format("0@{}", config.control_core);
    for (std::size_t i = 0; i < config.workers.cores.size(); ++i) {
        line += fmt::format(",{}@{}", i + 1, config.workers.cores[i]);
    }
    return line;
}

// "512", or "0,512" for what each node is to give.
std::string socket_memory(Config const& config, std::span<std::uint32_t const> by_node) {
    return by_node.empty() ? std::to_string(config.memory.megabytes)
                           : fmt::format("{}", fmt::join(by_node, ","));
}

void add_memory(Config const& config, std::span<std::string const> extra,
                std::span<std::uint32_t const> by_node, std::vector<std::string>& line) {
    bool const users_huge = gives(extra, {"--no-huge"});
    if (!config.memory.hugepages && !users_huge && !gives(extra, {"--in-memory"})) {
        line.emplace_back("--no-huge");
    }
    bool const no_huge = users_huge || line.back() == "--no-huge";
    if (!gives(extra, {"-m", "--socket-mem"})) {
        if (no_huge) {
            line.emplace_back("-m");
            line.push_back(std::to_string(config.memory.megabytes));
        } else {
            line.push_back("--socket-mem=" + socket_memory(config, by_node));
        }
    }
    if (no_huge) {
        // Nothing in files, nobody to share with: any number may run side by side.
        if (!gives(extra, {"--no-shconf"})) {
            line.emplace_back("--no-shconf");
        }
        if (!gives(extra, {"--no-telemetry", "--telemetry"})) {
            line.emplace_back("--no-telemetry");
        }
    } else if (!gives(extra, {"--in-memory", "--huge-unlink", "--proc-type", "--huge-dir"})) {
        // A run that is killed leaves no hugepage files behind. Who wants secondary processes
        // (dpdk-dumpcap) gives --proc-type=primary.
        line.emplace_back("--in-memory");
    }
}

} // namespace

std::vector<std::string> eal_arguments(Config const& config, std::span<std::string const> extra,
                                       std::span<std::uint32_t const> by_node) {
    std::vector<std::string> line{"mcastd"};
    if (!gives(extra, {"--lcores", "-l", "-c", "-s", "-S"})) {
        line.push_back("--lcores=" + lcores_of(config));
    }
    if (!gives(extra, {"--file-prefix"})) {
        line.push_back("--file-prefix=" + config.instance);
    }
    add_memory(config, extra, by_node, line);
    bool any_pci = gives(extra, {"--allow", "-a", "--block", "-b"});
    for (PortConfig const& port : config.ports) {
        bool const pci = is_pci(port.device);
        any_pci = any_pci || pci;
        line.push_back((pci ? "--allow=" : "--vdev=") + port.device);
    }
    if (!any_pci && !gives(extra, {"--no-pci"})) {
        line.emplace_back("--no-pci");
    }
    line.insert(line.end(), extra.begin(), extra.end());
    return line;
}

} // namespace mcast::platform
