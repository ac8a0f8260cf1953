// The mistakes that people make before anything of DPDK runs, each in one sentence.
#include "mcast/platform/eal.h"

#include "eal_internal.h"

#include <charconv>
#include <cstdint>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

namespace mcast::platform {

namespace {

namespace fs = std::filesystem;

std::uint64_t number_in(fs::path const& file) {
    std::ifstream in{file};
    std::uint64_t value = 0;
    in >> value;
    return in ? value : 0;
}

// Megabytes of free hugepages of every size under .../hugepages.
std::uint64_t free_hugepages(fs::path const& folder) {
    std::uint64_t kilobytes = 0;
    std::error_code ignored;
    for (auto const& entry : fs::directory_iterator{folder, ignored}) {
        // hugepages-2048kB
        std::string const name = entry.path().filename().string();
        std::size_t const dash = name.find('-');
        if (dash == std::string::npos) {
            continue;
        }
        std::uint64_t size = 0;
        std::from_chars(name.data() + dash + 1, name.data() + name.size(), size);
        kilobytes += size * number_in(entry.path() / "free_hugepages");
    }
    return kilobytes / 1024;
}

std::optional<StartError> check_hugepages(Config const& config, fs::path const& sys) {
    std::uint64_t const free = free_hugepages(sys / "kernel/mm/hugepages");
    std::uint64_t const need = config.memory.megabytes;
    if (free >= need) {
        return std::nullopt;
    }
    return StartError{
        k_exit_system,
        fmt::format("{} MB of hugepages are needed but {} MB are free: run `dpdk-hugepages.py "
                    "--setup {}M`, or set hugepages = false under [memory]",
                    need, free, need)};
}

bool is_userspace_driver(std::string const& driver) {
    // mlx5 and the like share the port with their kernel driver.
    return driver == "vfio-pci" || driver == "uio_pci_generic" || driver == "igb_uio" ||
           driver == "mlx5_core" || driver == "mlx4_core";
}

std::optional<StartError> check_pci(PortConfig const& port, fs::path const& sys) {
    std::string const address = port.device.size() == 7 ? "0000:" + port.device : port.device;
    fs::path const device = sys / "bus/pci/devices" / address;
    std::error_code ignored;
    if (!fs::exists(device, ignored)) {
        return StartError{k_exit_unavailable,
                          fmt::format("port '{}': there is no PCI device {}: list what there is "
                                      "with `dpdk-devbind.py --status-dev net`",
                                      port.name, address)};
    }
    fs::path const link = fs::read_symlink(device / "driver", ignored);
    std::string const driver = link.filename().string();
    if (is_userspace_driver(driver)) {
        return std::nullopt;
    }
    std::string const bound = driver.empty() ? "to no driver" : "to the driver " + driver;
    return StartError{k_exit_unavailable,
                      fmt::format("port '{}': PCI device {} is bound {}: run `modprobe vfio-pci; "
                                  "driverctl set-override {} vfio-pci`",
                                  port.name, address, bound, address)};
}

} // namespace

std::optional<StartError> preflight(Config const& config, std::span<std::string const> extra,
                                    fs::path const& sys) {
    for (PortConfig const& port : config.ports) {
        if (is_pci(port.device)) {
            if (auto error = check_pci(port, sys)) {
                return error;
            }
        }
    }
    bool const users_memory =
        gives(extra, {"--no-huge", "-m", "--socket-mem", "--huge-unlink", "--proc-type"});
    if (config.memory.hugepages && !users_memory) {
        return check_hugepages(config, sys);
    }
    return std::nullopt;
}

} // namespace mcast::platform
