#include "device.h"

#include "commands.h"

#include "mcast/base/log.h"

#include <chrono>
#include <thread>

namespace mcast::gen {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds k_patience{10};      // with a port that takes no frame
constexpr std::chrono::milliseconds k_look_up{100}; // so often at least read() returns
constexpr std::chrono::microseconds k_nap{100};
constexpr std::chrono::milliseconds k_leaving{200};

} // namespace

std::expected<Ports, platform::StartError>
open_devices(std::span<platform::NamedDevice const> all,
             std::span<std::string const> eal_arguments) {
    log::set_level(log::Level::warning); // who sends wants to read of frames, not of EAL
    return Ports::open(all, eal_arguments);
}

std::expected<void, std::string> send_to(Ports& ports, PortId port, wire::Bytes frame) {
    auto const start = Clock::now();
    for (;;) {
        switch (ports.send(port, frame)) {
        case Ports::Sent::yes:
            return {};
        case Ports::Sent::too_long:
            return std::unexpected("a frame is longer than the port can send");
        case Ports::Sent::full:
            break;
        }
        if (asked_to_stop() || Clock::now() - start > k_patience) {
            return std::unexpected(ports.link_up(port)
                                       ? "the port takes no more frames"
                                       : "the port has no link, and takes no frames");
        }
        std::this_thread::sleep_for(k_nap);
    }
}

void let_leave() {
    std::this_thread::sleep_for(k_leaving);
}

std::expected<FrameSource::Read, std::string>
DeviceSource::read(std::function<void(wire::Bytes, Duration)> const& f) {
    auto const start = Clock::now();
    do {
        auto const arrived = std::chrono::system_clock::now().time_since_epoch();
        if (ports_.receive(PortId{0}, [&](wire::Bytes frame) { f(frame, arrived); }) != 0) {
            return FrameSource::Read::frame;
        }
        std::this_thread::sleep_for(k_nap);
    } while (Clock::now() - start < k_look_up);
    return FrameSource::Read::nothing;
}

std::uint64_t DeviceSource::missed() const {
    auto const stats = ports_.stats(PortId{0});
    return stats.missed + stats.no_buffers;
}

} // namespace mcast::gen
