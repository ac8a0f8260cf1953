// DPDK ports as sources and sinks of whole frames, for tools. Not for workers: bytes are copied,
// and only one queue is used in each direction.
//
// It is EAL, pools and ports in one; so one at a time in a process. One thread.
#pragma once

#include "mcast/base/ids.h"
#include "mcast/platform/ports.h"
#include "mcast/platform/start_error.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace mcast::platform {

struct NamedDevice {
    std::string name;   // for messages
    std::string device; // as in PortConfig
};

class FramePorts {
public:
    // Started, without hugepages unless the EAL arguments ask for them (--in-memory); those come
    // last and replace ours of the same kind. PortId is the place in `devices`.
    static std::expected<FramePorts, StartError> open(std::span<NamedDevice const> devices,
                                                      std::span<std::string const> eal_arguments);
    ~FramePorts();
    FramePorts(FramePorts&&) noexcept;
    FramePorts& operator=(FramePorts&&) = delete;

    enum class Sent : std::uint8_t {
        yes,
        full,     // the port takes no more now
        too_long, // longer than the port transmits, or than a buffer
    };
    Sent send(PortId port, std::span<std::uint8_t const> frame);
    // A burst at most; f for each frame. The bytes are valid during the call. Returns how many.
    std::size_t receive(PortId port, std::function<void(std::span<std::uint8_t const>)> const& f);

    bool link_up(PortId port) const;
    PortStats stats(PortId port) const;
    // What buffers have room for, bytes.
    static std::size_t longest_frame();

private:
    struct State;
    explicit FramePorts(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

} // namespace mcast::platform
