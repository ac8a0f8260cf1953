#include "packet.h"

namespace mcast::test {

namespace {

void put16(Octets& to, std::uint16_t value) {
    to.push_back(static_cast<std::uint8_t>(value >> 8));
    to.push_back(static_cast<std::uint8_t>(value));
}

void put32(Octets& to, std::uint32_t value) {
    put16(to, static_cast<std::uint16_t>(value >> 16));
    put16(to, static_cast<std::uint16_t>(value));
}

void append(Octets& to, auto const& bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

} // namespace

// Independent of the code under test: the whole header summed anew.
void fix_checksum(Octets& frame, std::size_t at) {
    frame[at + 10] = frame[at + 11] = 0;
    std::uint32_t sum = 0;
    std::size_t const length = (frame[at] & 0xfU) * 4;
    for (std::size_t i = 0; i < length; i += 2) {
        sum += static_cast<std::uint32_t>((frame[at + i] << 8) | frame[at + i + 1]);
    }
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    frame[at + 10] = static_cast<std::uint8_t>(~sum >> 8);
    frame[at + 11] = static_cast<std::uint8_t>(~sum);
}

Octets Packet::ipv4() const {
    Octets out;
    out.push_back(static_cast<std::uint8_t>(0x40 | (header_length() / 4)));
    out.push_back(0xb8); // DSCP EF: must survive
    put16(out, static_cast<std::uint16_t>(total_length()));
    put16(out, 0x1234);
    put16(out, static_cast<std::uint16_t>(fragment_field | (dont_fragment ? 0x4000 : 0)));
    out.push_back(ttl);
    out.push_back(protocol);
    put16(out, 0);
    put32(out, source.value);
    put32(out, group.value);
    append(out, options);
    fix_checksum(out, 0);
    for (std::size_t i = 0; !data && i < payload; ++i) {
        out.push_back(static_cast<std::uint8_t>(i * 7 + i / 251));
    }
    if (data) {
        append(out, *data);
    }
    return out;
}

Octets Packet::bytes() const {
    Octets out;
    append(out, to.value_or(Mac::of_group(group)).bytes);
    append(out, k_sender_mac.bytes);
    for (std::uint16_t tag : tags) {
        put16(out, tag_type);
        put16(out, tag);
    }
    put16(out, ether_type);
    append(out, ipv4());
    out.resize(out.size() + padding, 0xee);
    return out;
}

Octets forwarded(Packet const& packet, Mac const& source, std::uint16_t vlan) {
    Octets out;
    append(out, Mac::of_group(packet.group).bytes);
    append(out, source.bytes);
    if (vlan != 0) {
        put16(out, 0x8100);
        put16(out, vlan);
    }
    put16(out, 0x0800);
    std::size_t const header_at = out.size();
    append(out, packet.ipv4());
    --out[header_at + 8];
    fix_checksum(out, header_at);
    return out;
}

} // namespace mcast::test
