#include "mcast/wire/checksum.h"

#include "mcast/wire/be.h"

namespace mcast::wire {

void ChecksumSum::add(Bytes bytes) {
    std::size_t i = 0;
    for (; i + 1 < bytes.size(); i += 2) {
        sum_ += load_be16(bytes.data() + i);
    }
    if (i < bytes.size()) {
        sum_ += static_cast<std::uint16_t>(bytes[i] << 8);
    }
}

std::uint16_t ChecksumSum::checksum() const {
    std::uint64_t sum = sum_;
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<std::uint16_t>(~sum);
}

std::uint16_t internet_checksum(Bytes bytes) {
    ChecksumSum sum;
    sum.add(bytes);
    return sum.checksum();
}

} // namespace mcast::wire
