// DPDK's environment: started once per process, cleaned up by the destructor, which also removes
// the folder that EAL made for this instance below /var/run/dpdk (or $XDG_RUNTIME_DIR).
//
// The command line comes from the configuration; arguments of the user come last and replace ours
// of the same kind. Before EAL is asked for anything, preflight() looks for the mistakes that
// people make (too few hugepages, a port bound to the kernel's driver) and says how to mend them.
// DPDK's own log lines go to mcast::log under "dpdk". Control thread only.
#pragma once

#include "mcast/platform/config.h"
#include "mcast/platform/start_error.h"

#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mcast::platform {

// True for "0000:01:00.0" and "01:00.0", alone or with arguments behind a comma; everything else is
// a virtual device.
bool is_pci(std::string const& device);

// Megabytes of hugepages to take at the start on each NUMA node, by its number: as configured, and
// no more than there are, on those of the cores and ports. Empty when that is node 0 alone.
std::vector<std::uint32_t> memory_by_node(Config const& config, std::filesystem::path const& sys);

// The whole line, beginning with the program's name. lcore 0 is the control core, lcore 1 + i is
// worker i; the same physical core may carry several. `by_node` is from memory_by_node().
std::vector<std::string> eal_arguments(Config const& config, std::span<std::string const> extra,
                                       std::span<std::uint32_t const> by_node = {});

// nullopt when nothing stands in the way. `sys` is where sysfs is mounted.
std::optional<StartError> preflight(Config const& config, std::span<std::string const> extra,
                                    std::filesystem::path const& sys = "/sys");

class Eal {
public:
    static std::expected<Eal, StartError> start(Config const& config,
                                                std::span<std::string const> extra);
    ~Eal();
    Eal(Eal&& other) noexcept;
    Eal& operator=(Eal&&) = delete;

    // The line that was used, as one string.
    std::string const& line() const { return line_; }

private:
    explicit Eal(std::string line) : line_(std::move(line)) {}

    std::string line_;
    bool owner_ = true;
};

// A warning or error that DPDK wrote, the reason in a StartError: the first that mentions `about`
// (a device's name), else the last of all; empty when there was none.
std::string dpdk_complaint(std::string_view about = {});

} // namespace mcast::platform
