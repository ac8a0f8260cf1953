#include "kernel_link.h"

#include <cstring>
#include <string_view>

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace mcast::platform {

std::optional<std::string> af_packet_interface(PortInfo const& port) {
    constexpr std::string_view k_key = ",iface=";
    std::size_t const at = port.device.find(k_key);
    if (!port.device.starts_with("net_af_packet") || at == std::string::npos) {
        return std::nullopt;
    }
    std::size_t const start = at + k_key.size();
    return port.device.substr(start, port.device.find(',', start) - start);
}

bool kernel_link_up(std::string const& interface) {
    ifreq request{};
    if (interface.size() >= sizeof request.ifr_name) {
        return false;
    }
    std::memcpy(request.ifr_name, interface.data(), interface.size());
    int const descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
        return false;
    }
    bool const known = ioctl(descriptor, SIOCGIFFLAGS, &request) == 0;
    close(descriptor);
    auto const flags = static_cast<unsigned>(request.ifr_flags);
    return known && (flags & IFF_UP) != 0 && (flags & IFF_RUNNING) != 0;
}

} // namespace mcast::platform
