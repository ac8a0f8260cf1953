#include "fuzz.h"
#include "mcast/wire/udp.h"

#include <span>

namespace mcast {
namespace {

constexpr Ipv4 k_source = Ipv4::of(10, 0, 0, 1);
constexpr Ipv4 k_group = Ipv4::of(239, 1, 2, 3);

void run(wire::Bytes bytes) {
    auto const datagram = wire::decode_udp(bytes, k_source, k_group);
    if (!datagram) {
        fuzz::require(wire::name_of(datagram.error()) != "unknown");
        return;
    }
    auto const again = fuzz::written_by(
        [&](wire::Writer& out) { wire::encode(*datagram, k_source, k_group, out); });
    auto const decoded = wire::decode_udp(again, k_source, k_group);
    fuzz::require(decoded && *decoded == *datagram);
}

} // namespace
} // namespace mcast

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    mcast::run({data, size});
    std::vector<std::uint8_t> unsummed(data, data + size);
    if (unsummed.size() >= mcast::wire::k_udp_size) {
        mcast::wire::store_be16(&unsummed[6], 0);
    }
    mcast::run(unsummed);
    return 0;
}
