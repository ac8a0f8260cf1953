// The mistakes that people make before anything of DPDK runs, each in one sentence.
#include "mcast/platform/eal.h"

#include "eal_internal.h"
#include "kernel_link.h"

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
    std::string const address = device_name(port);
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

std::optional<StartError> check_af_packet(PortConfig const& port, std::string const& interface) {
    if (interface.empty()) {
        return StartError{k_exit_unavailable,
                          fmt::format("port '{}': the device {} names no interface: add one, such "
                                      "as {},iface=eth1; `ip link show` lists what there is",
                                      port.name, port.device, device_name(port))};
    }
    if (kernel_has(interface)) {
        return std::nullopt;
    }
    return StartError{k_exit_unavailable,
                      fmt::format("port '{}': there is no interface {}: list what there is with "
                                  "`ip link show`, or make it with `ip link add {} type veth`",
                                  port.name, interface, interface)};
}

std::optional<StartError> check_port(PortConfig const& port, fs::path const& sys) {
    if (is_pci(port.device)) {
        return check_pci(port, sys);
    }
    auto const interface = af_packet_interface(port.device);
    return interface ? check_af_packet(port, *interface) : std::nullopt;
}

} // namespace

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

std::optional<StartError> preflight(Config const& config, std::span<std::string const> extra,
                                    fs::path const& sys) {
    for (PortConfig const& port : config.ports) {
        if (auto error = check_port(port, sys)) {
            return error;
        }
    }
    if (!gives(extra, {"--lcores", "-l", "-c", "-s", "-S"})) {
        if (auto error = check_cores(config)) {
            return error;
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
