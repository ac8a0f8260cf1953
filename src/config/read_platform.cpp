#include "draft.h"
#include "words.h"

#include <algorithm>

#include <fmt/format.h>

namespace mcast::config {

namespace {

constexpr Bounds k_core_bounds{0, 1023};
constexpr Bounds k_descriptor_bounds{32, 32768};
constexpr Bounds k_pool_bounds{63, 16'777'215};

// DPDK's virtual network devices begin with one of these.
bool is_virtual_device(std::string_view name) {
    return name.starts_with("net_") || name.starts_with("eth_") || name.starts_with("virtio_user");
}

void read_device(Section& section, platform::PortConfig& port) {
    auto const device = section.text("device");
    if (!device) {
        return;
    }
    std::string_view const name = std::string_view{*device}.substr(0, device->find(','));
    auto const pci = pci_address(name);
    if (!pci && !is_virtual_device(name)) {
        section.reporter().error(
            section.at("device"),
            fmt::format("device in {} is {}, neither a PCI address nor a virtual device",
                        section.title(), quoted(*device)),
            "write a PCI address such as \"0000:01:00.0\" (dpdk-devbind.py --status lists them) or "
            "a virtual device such as \"net_af_packet0,iface=eth1\"");
        return;
    }
    // One spelling for each device: names are compared, and looked up in sysfs.
    port.device = pci ? *pci + device->substr(name.size()) : *device;
}

void read_port(Section& section, platform::PortConfig& port) {
    section.require("name", "name = \"wan\"");
    port.name = section.name("name").value_or("");
    section.require("device", "device = \"0000:01:00.0\"");
    read_device(section, port);
    section.into(port.queues, "queues", {1, 64});
    section.into(port.mtu, "mtu", {68, 9600});
    section.into(port.receive_descriptors, "receive-descriptors", k_descriptor_bounds);
    section.into(port.transmit_descriptors, "transmit-descriptors", k_descriptor_bounds);
    if (auto const mode = section.word("mac", {"auto", "router", "own"})) {
        port.mac = static_cast<platform::MacMode>(*mode);
    }
    section.finish();
}

// One policy for all workers, or a list with one for each.
void read_idle(Section& section, platform::WorkersConfig& workers) {
    static std::vector<std::string> const words{"spin", "pause", "yield", "sleep"};
    if (!section.is_list("idle")) {
        if (auto const idle = section.word("idle", words)) {
            workers.idle = static_cast<platform::Idle>(*idle);
        }
        return;
    }
    for (auto const& text : section.texts("idle")) {
        auto const word = std::ranges::find(words, text.value);
        if (word == words.end()) {
            section.reporter().error(
                text.at, fmt::format("{} in idle of [workers] is no policy", quoted(text.value)),
                "write \"spin\", \"pause\", \"yield\" or \"sleep\"");
        }
        workers.idle_by_worker.push_back(static_cast<platform::Idle>(word - words.begin()));
    }
    if (workers.idle_by_worker.size() != workers.cores.size()) {
        section.reporter().error(section.at("idle"),
                                 fmt::format("idle in [workers] has {} items, and cores has {}",
                                             workers.idle_by_worker.size(), workers.cores.size()),
                                 "name one policy for each worker, or one for all");
    }
}

void read_workers(Section& root, Draft& draft) {
    toml::table const* const table = root.table("workers");
    if (table == nullptr) {
        if (!root.has("workers")) {
            root.reporter().error(k_start_of_file, "there is no [workers]",
                                  "add [workers] with a line such as: cores = [1]");
        }
        return;
    }
    Section section(*table, "[workers]", root.reporter());
    section.require("cores", "cores = [1]");
    auto& workers = draft.config.platform.workers;
    std::size_t const errors_before = root.reporter().count();
    for (auto const& core : section.integers("cores", k_core_bounds)) {
        workers.cores.push_back(static_cast<std::uint16_t>(core.value));
        draft.cores.push_back(core.at);
    }
    bool const readable = root.reporter().count() == errors_before;
    if (readable && section.has("cores") && workers.cores.empty()) {
        root.reporter().error(section.at("cores"), "cores in [workers] is empty",
                              "name at least one core, such as: cores = [1]");
    }
    if (workers.cores.size() > k_max_workers) {
        root.reporter().error(draft.cores[k_max_workers],
                              fmt::format("cores in [workers] has {} items", workers.cores.size()),
                              fmt::format("at most {} workers are possible", k_max_workers));
    }
    read_idle(section, workers);
    section.into(workers.wake_up_within, "wake-up-within", {5, 10'000});
    section.finish();
}

void read_ports(Section& root, Draft& draft) {
    auto const tables = root.tables("port");
    if (tables.empty() && !root.has("port")) {
        root.reporter().error(k_start_of_file, "there is no [[port]]",
                              "add [[port]] with name and device; two ports make a router");
    }
    limit_items(root, tables, "port", k_max_ports);
    for (std::size_t i = 0; i < tables.size(); ++i) {
        draft.ports.emplace_back(*tables[i], title_of(*tables[i], "port", i), root.reporter());
        read_port(draft.ports.back(), draft.config.platform.ports.emplace_back());
    }
}

void read_pools(Section& root, Draft& draft) {
    toml::table const* const table = root.table("pools");
    if (table == nullptr) {
        return;
    }
    Section section(*table, "[pools]", root.reporter());
    auto& pools = draft.config.platform.pools;
    draft.cache = section.at("cache");
    draft.receive = section.at("receive");
    section.into(pools.receive, "receive", k_pool_bounds);
    section.into(pools.headers, "headers", k_pool_bounds);
    section.into(pools.control, "control", k_pool_bounds);
    section.into(pools.cache, "cache", {0, 512});
    section.into(pools.buffer_bytes, "buffer-bytes", {256, 65535});
    section.finish();
}

} // namespace

void read_platform(Section& root, Draft& draft) {
    auto& config = draft.config.platform;
    if (toml::table const* const table = root.table("daemon")) {
        Section section(*table, "[daemon]", root.reporter());
        if (auto const instance = section.name("instance")) {
            config.instance = *instance;
        }
        section.into(config.control_core, "control-core", k_core_bounds);
        if (auto const text = section.text("router-mac")) {
            auto const mac = Mac::parse(*text);
            if (!mac || mac->is_group() || *mac == Mac{}) {
                root.reporter().error(
                    section.at("router-mac"),
                    fmt::format("router-mac in [daemon] is {}, which is no station's address",
                                quoted(*text)),
                    "write six bytes, the first one even, such as \"02:00:00:00:00:01\"");
            } else {
                draft.config.control.router_mac = mac;
            }
        }
        section.finish();
    }
    if (toml::table const* const table = root.table("memory")) {
        Section section(*table, "[memory]", root.reporter());
        section.into(config.memory.hugepages, "hugepages");
        section.into(config.memory.megabytes, "megabytes", {64, 1'048'576});
        section.finish();
    }
    read_workers(root, draft);
    read_ports(root, draft);
    read_pools(root, draft);
}

} // namespace mcast::config
