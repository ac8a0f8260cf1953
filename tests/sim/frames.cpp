#include "frames.h"

#include "mcast/wire/be.h"
#include "mcast/wire/checksum.h"
#include "mcast/wire/datagram.h"

#include <algorithm>
#include <array>

namespace mcast::sim {

namespace {

constexpr std::size_t k_ip = 14;
constexpr std::size_t k_number = k_ip + 20 + 8; // behind the UDP header
constexpr std::size_t k_size = k_number + 8;

} // namespace

bool passed(Trail const& trail, std::size_t router) {
    for (Step const* it = trail.get(); it != nullptr; it = it->before.get()) {
        if (it->router == router) {
            return true;
        }
    }
    return false;
}

Bytes rewritten(Bytes const& frame, Mac const& source) {
    Bytes result = frame;
    std::ranges::copy(source.bytes, result.begin() + 6);
    std::uint8_t* const ip = result.data() + 14;
    auto const before = wire::load_be16(ip + 8);
    ip[8] = static_cast<std::uint8_t>(ip[8] - 1); // TTL
    wire::store_be16(
        ip + 10, wire::updated_checksum(wire::load_be16(ip + 10), before, wire::load_be16(ip + 8)));
    return result;
}

Packet packet_of(Bytes bytes) {
    return {std::make_shared<Bytes const>(std::move(bytes)), nullptr};
}

Bytes data_frame(FlowKey flow, std::uint64_t number, std::uint8_t ttl) {
    std::array<std::uint8_t, 8> text{};
    wire::store_be32(text.data(), static_cast<std::uint32_t>(number >> 32));
    wire::store_be32(text.data() + 4, static_cast<std::uint32_t>(number));
    wire::Ipv4Header header;
    header.ttl = ttl;
    header.destination = flow.group;
    return built([&](wire::Writer& out) {
        return wire::build_udp_frame({mac_of(flow.source), flow.source, {}}, header,
                                     {5000, 5000, text}, out);
    });
}

std::optional<Data> data_in(Bytes const& frame) {
    bool const carries =
        frame.size() >= k_size + 20 && frame[k_ip + 9] == wire::k_protocol_ip_in_ip;
    std::size_t const skip = carries ? 20 : 0;
    if (frame.size() < k_size || frame[k_ip + skip] != 0x45 ||
        frame[k_ip + skip + 9] != wire::k_protocol_udp) {
        return std::nullopt;
    }
    auto const word = [&](std::size_t at) { return wire::load_be32(frame.data() + skip + at); };
    std::uint64_t const high = word(k_number);
    return Data{{{word(k_ip + 12)}, {word(k_ip + 16)}}, (high << 32) | word(k_number + 4)};
}

Mac destination_of(Bytes const& frame) {
    Mac mac;
    std::copy_n(frame.begin(), mac.bytes.size(), mac.bytes.begin());
    return mac;
}

} // namespace mcast::sim
