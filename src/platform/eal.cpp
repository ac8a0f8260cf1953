#include "mcast/platform/eal.h"

#include "eal_internal.h"

#include "mcast/base/log.h"

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <rte_eal.h>
#include <rte_errno.h>

namespace mcast::platform {

namespace {

// EAL asks for the driver of each virtual device before it starts, and gives up when one has none.
std::optional<StartError> no_driver(Config const& config) {
    for (PortConfig const& port : config.ports) {
        std::string const quoted = fmt::format("'{}'", port.device);
        if (!is_pci(port.device) && dpdk_complaint(quoted).find(quoted) != std::string::npos) {
            return StartError{
                k_exit_unavailable,
                fmt::format("port '{}': DPDK has no driver for the virtual device '{}': use one "
                            "that it has, such as net_af_packet0, net_tap0 or net_pcap0",
                            port.name, device_name(port))};
        }
    }
    return std::nullopt;
}

StartError refused(Config const& config, int error) {
    std::string why = withhold_dpdk_log();
    if (why.empty()) {
        why = dpdk_complaint();
    }
    std::string const detail = why.empty() ? std::string{} : fmt::format(" ({})", why);
    if (error == EACCES || error == EPERM) {
        return {k_exit_permission,
                fmt::format("DPDK may not start as this user{}: run mcastd as root, or give it "
                            "CAP_NET_ADMIN, CAP_NET_RAW and CAP_IPC_LOCK",
                            detail)};
    }
    if (error == EALREADY) {
        return {k_exit_system, "DPDK was already started in this process"};
    }
    if (auto unknown = no_driver(config)) {
        return std::move(*unknown);
    }
    return {k_exit_system, fmt::format("DPDK cannot start: {}{}", rte_strerror(error), detail)};
}

} // namespace

std::expected<Eal, StartError> Eal::start(Config const& config,
                                          std::span<std::string const> extra) {
    if (auto error = preflight(config, extra)) {
        return std::unexpected(std::move(*error));
    }
    take_dpdk_log();
    std::vector<std::string> arguments =
        eal_arguments(config, extra, memory_by_node(config, "/sys"));
    std::string line = fmt::format("{}", fmt::join(arguments, " "));
    log::line(log::Level::info, "dpdk", "EAL: {}", line);

    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (std::string& argument : arguments) {
        argv.push_back(argument.data());
    }
    argv.push_back(nullptr);
    if (rte_eal_init(static_cast<int>(arguments.size()), argv.data()) < 0) {
        return std::unexpected(refused(config, rte_errno));
    }
    release_dpdk_log();
    return Eal{std::move(line)};
}

Eal::~Eal() {
    if (owner_) {
        std::filesystem::path const folder = rte_eal_get_runtime_dir();
        rte_eal_cleanup();
        // EAL made it for this instance, and leaves it. Where it shares memory with others it is
        // not empty, and stays.
        std::error_code ignored;
        std::filesystem::remove(folder, ignored);
    }
}

Eal::Eal(Eal&& other) noexcept
    : line_(std::move(other.line_)), owner_(std::exchange(other.owner_, false)) {}

} // namespace mcast::platform
