#include "kernel_link.h"

#include <cstring>

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace mcast::platform {

std::optional<std::string> af_packet_interface(std::string_view device) {
    constexpr std::string_view k_key = ",iface=";
    // The second is what the driver was called before.
    if (!device.starts_with("net_af_packet") && !device.starts_with("eth_af_packet")) {
        return std::nullopt;
    }
    std::size_t const at = device.find(k_key);
    if (at == std::string_view::npos) {
        return std::string{};
    }
    std::size_t const start = at + k_key.size();
    return std::string{device.substr(start, device.find(',', start) - start)};
}

bool kernel_has(std::string const& interface) {
    return if_nametoindex(interface.c_str()) != 0;
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
