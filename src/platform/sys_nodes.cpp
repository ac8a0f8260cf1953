// On which NUMA nodes there must be memory, as sysfs tells before EAL has started.
#include "mcast/platform/eal.h"

#include "eal_internal.h"

#include "mcast/platform/numa_plan.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <set>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

namespace mcast::platform {

namespace {

namespace fs = std::filesystem;

int node_of_core(std::uint16_t core, fs::path const& sys) {
    // .../cpu7/node1 is a link to the node's own folder.
    constexpr std::string_view k_node = "node";
    std::error_code ignored;
    fs::path const folder = sys / "devices/system/cpu" / fmt::format("cpu{}", core);
    for (auto const& entry : fs::directory_iterator{folder, ignored}) {
        std::string const name = entry.path().filename().string();
        int node = k_any_node;
        char const* const end = name.data() + name.size();
        if (name.starts_with(k_node) &&
            std::from_chars(name.data() + k_node.size(), end, node).ptr == end) {
            return node;
        }
    }
    return k_any_node;
}

int node_of_device(PortConfig const& port, fs::path const& sys) {
    std::ifstream in{sys / "bus/pci/devices" / device_name(port) / "numa_node"};
    int node = k_any_node;
    in >> node;
    return in ? node : k_any_node;
}

} // namespace

std::vector<std::uint32_t> memory_by_node(Config const& config, fs::path const& sys) {
    std::set<int> nodes{node_of_core(config.control_core, sys)};
    for (std::uint16_t const core : config.workers.cores) {
        nodes.insert(node_of_core(core, sys));
    }
    for (PortConfig const& port : config.ports) {
        nodes.insert(is_pci(port.device) ? node_of_device(port, sys) : k_any_node);
    }
    std::vector<std::uint32_t> megabytes;
    for (int const node : nodes) {
        if (node < 0) {
            continue;
        }
        megabytes.resize(static_cast<std::size_t>(node) + 1);
        // No more than there is: who lacks some takes from elsewhere, and that is said.
        std::uint64_t const free =
            free_hugepages(sys / "devices/system/node" / fmt::format("node{}", node) / "hugepages");
        megabytes.back() =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(free, config.memory.megabytes));
    }
    return megabytes.size() > 1 ? megabytes : std::vector<std::uint32_t>{};
}

} // namespace mcast::platform
