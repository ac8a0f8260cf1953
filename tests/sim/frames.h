// Frames as the network of this folder carries them, and how its stations build them.
#pragma once

#include "mcast/base/flow.h"
#include "mcast/base/ids.h"
#include "mcast/base/mac.h"
#include "mcast/wire/cursor.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

namespace mcast::sim {

using Bytes = std::vector<std::uint8_t>;

// The routers that one copy of a data packet came through, the last one first. It travels beside
// the bytes, so a copy that comes back to a router can be told from a second copy.
struct Step {
    std::size_t router = 0;
    std::shared_ptr<Step const> before;
};
using Trail = std::shared_ptr<Step const>;
bool passed(Trail const& trail, std::size_t router);

struct Packet {
    std::shared_ptr<Bytes const> bytes;
    Trail trail;
};

// What a station sends: out of which of its ports, and what.
struct Leaving {
    IfIndex out{};
    Packet packet;
};

// Every address of the network has a MAC of its own that follows from it: nobody needs ARP to know
// it, and who asks by ARP hears the same.
constexpr Mac mac_of(Ipv4 address) {
    auto const byte = [&](int n) { return static_cast<std::uint8_t>(address.value >> (8 * n)); };
    return {{0x02, 0x00, byte(3), byte(2), byte(1), byte(0)}};
}

// `build` writes one frame and says whether it could.
template <class Build>
Bytes built(Build&& build) {
    Bytes room(2048);
    wire::Writer out(room);
    if (!build(out) || !out.ok()) {
        throw std::runtime_error("a frame that cannot be built");
    }
    room.resize(out.size());
    return room;
}
Packet packet_of(Bytes bytes);

// A datagram with a number in it, by which the network knows it again.
Bytes data_frame(FlowKey flow, std::uint64_t number, std::uint8_t ttl);
struct Data {
    FlowKey flow{};
    std::uint64_t number = 0;
};
// Inside a tunnel's packet, too. nullopt: not one of those.
std::optional<Data> data_in(Bytes const& frame);

Mac destination_of(Bytes const& frame);

// As a router sends it on: with its MAC, and one hop less to live.
Bytes rewritten(Bytes const& frame, Mac const& source);

} // namespace mcast::sim
