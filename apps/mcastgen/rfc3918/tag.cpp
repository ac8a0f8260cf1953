#include "tag.h"

#include "frames.h"

#include "mcast/wire/checksum.h"
#include "mcast/wire/datagram.h"

#include <algorithm>
#include <cassert>

namespace mcast::gen::rfc3918 {
namespace {

constexpr std::uint16_t k_magic = 0x3918;
constexpr std::size_t k_ip_at = wire::k_ethernet_size;
constexpr std::size_t k_ip_checksum_at = k_ip_at + 10;
constexpr std::size_t k_destination_at = k_ip_at + 16;
constexpr std::size_t k_udp_at = k_ip_at + wire::k_ipv4_size;
constexpr std::size_t k_udp_checksum_at = k_udp_at + 6;
constexpr std::size_t k_tag_at = k_udp_at + wire::k_udp_size;

void store_be48(std::uint8_t* to, std::uint64_t value) {
    wire::store_be16(to, static_cast<std::uint16_t>(value >> 32));
    wire::store_be32(to + 2, static_cast<std::uint32_t>(value));
}

std::uint64_t load_be48(std::uint8_t const* from) {
    return (std::uint64_t{wire::load_be16(from)} << 32) | wire::load_be32(from + 2);
}

} // namespace

void write_tag(Tag const& tag, std::span<std::uint8_t> to) {
    wire::store_be16(to.data(), k_magic);
    wire::store_be16(to.data() + 2, tag.trial);
    to[4] = tag.unicast ? 1 : 0;
    to[5] = 0;
    store_be48(to.data() + 6, tag.number);
    store_be48(to.data() + 12, static_cast<std::uint64_t>(tag.sent.count()));
}

std::optional<Tag> read_tag(wire::Bytes payload) {
    if (payload.size() < k_tag_size || wire::load_be16(payload.data()) != k_magic ||
        payload[4] > 1) {
        return std::nullopt;
    }
    return Tag{.trial = wire::load_be16(payload.data() + 2),
               .unicast = payload[4] == 1,
               .number = load_be48(payload.data() + 6),
               .sent = Duration{static_cast<std::int64_t>(load_be48(payload.data() + 12))}};
}

FrameMaker::FrameMaker(Plan const& plan, std::size_t size) : frame_(size - k_fcs_size) {
    std::vector<std::uint8_t> const payload(frame_.size() - k_tag_at);
    wire::Ipv4Header ip;
    ip.ttl = plan.ttl;
    ip.destination = plan.first_group;
    wire::Writer out(frame_);
    [[maybe_unused]] bool const fits =
        wire::build_udp_frame({mac_of(plan.ingress.address), plan.ingress.address, {}}, ip,
                              {k_port, k_port, payload}, out);
    assert(fits && "the plan's bounds keep every frame encodable");
    // None: the tag changes with each frame, and the time goes to the rate.
    wire::store_be16(frame_.data() + k_udp_checksum_at, 0);
}

wire::Bytes FrameMaker::make(Tag const& tag, Ipv4 destination, Mac const& to) {
    std::ranges::copy(to.bytes, frame_.begin());
    wire::store_be32(frame_.data() + k_destination_at, destination.value);
    wire::store_be16(frame_.data() + k_ip_checksum_at, 0);
    wire::store_be16(frame_.data() + k_ip_checksum_at,
                     wire::internet_checksum({frame_.data() + k_ip_at, wire::k_ipv4_size}));
    write_tag(tag, std::span{frame_}.subspan(k_tag_at, k_tag_size));
    return frame_;
}

} // namespace mcast::gen::rfc3918
