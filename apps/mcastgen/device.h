// DPDK ports to send to and to check on. One opening a process, since EAL starts once. One thread.
#pragma once

#include "capture.h"

#include "mcast/platform/frame_ports.h"

#include <expected>
#include <functional>
#include <span>
#include <string>

namespace mcast::gen {

using Ports = platform::FramePorts;

// The error has the exit code of the process and a sentence.
std::expected<Ports, platform::StartError> open_devices(std::span<platform::NamedDevice const> all,
                                                        std::span<std::string const> eal_arguments);

// Waits while the port takes no more, at most some seconds. The error is a sentence.
std::expected<void, std::string> send_to(Ports& ports, PortId port, wire::Bytes frame);

// Before ports are closed: what is still on its way out gets time to leave.
void let_leave();

// As FrameSource, of the first of some ports.
class DeviceSource {
public:
    explicit DeviceSource(Ports& ports) : ports_(ports) {}

    // Calls f(frame, time since 1970) for a burst at most. Waits at most 100 ms.
    std::expected<FrameSource::Read, std::string>
    read(std::function<void(wire::Bytes, Duration)> const& f);
    // Frames that the port could not hand over.
    std::uint64_t missed() const;

private:
    Ports& ports_;
};

} // namespace mcast::gen
