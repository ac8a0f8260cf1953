// The Internet checksum (RFC 1071) and its incremental update (RFC 1624). Any thread; no state.
#pragma once

#include "mcast/base/ipv4.h"
#include "mcast/wire/cursor.h"

#include <bit>
#include <cstdint>

namespace mcast::wire {

// A running ones' complement sum, for checksums that cover a pseudo-header as well. Only the last
// piece may have an odd length.
class ChecksumSum {
public:
    void add(Bytes bytes);
    void add_u16(std::uint16_t value) { sum_ += value; }
    void add_ipv4(Ipv4 address) { sum_ += (address.value >> 16) + (address.value & 0xffff); }
    // The value to store in the checksum field.
    std::uint16_t checksum() const;

private:
    std::uint64_t sum_ = 0;
};

// Over bytes whose checksum field is zero: the value to store. Over bytes that include a valid
// checksum: 0. An odd last byte counts as if followed by a zero.
std::uint16_t internet_checksum(Bytes bytes);

// The checksum after one 16-bit field that it covers changed (F13). HC' = ~(~HC + ~m + m'), RFC
// 1624 equation 3: unlike the older form it never turns a header whose sum must be 0x0000 into
// 0xffff.
constexpr std::uint16_t updated_checksum(std::uint16_t checksum, std::uint16_t before,
                                         std::uint16_t after) {
    std::uint32_t sum = static_cast<std::uint16_t>(~checksum);
    sum += static_cast<std::uint16_t>(~before);
    sum += after;
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

// The four bytes of an IPv4 header from TTL to checksum, as they lie there, after the TTL fell by
// one. The same as updated_checksum(): a sum of 16-bit words does not mind in which order their
// bytes are, and one less in the first byte of one is made good by one more in that of the
// checksum. Precondition: the TTL is not 0.
constexpr std::uint32_t with_lower_ttl(std::uint32_t ttl_to_checksum) {
    static_assert(std::endian::native == std::endian::little, "which bytes are the low ones");
    std::uint32_t checksum = (ttl_to_checksum >> 16) + 1;
    checksum += checksum >= 0xffff ? 1 : 0; // the carry; and never 0xffff, as above
    return checksum << 16 | ((ttl_to_checksum - 1) & 0xffff);
}

} // namespace mcast::wire
