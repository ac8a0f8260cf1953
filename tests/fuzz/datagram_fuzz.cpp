#include "fuzz.h"
#include "mcast/wire/datagram.h"

#include <algorithm>
#include <span>

namespace mcast {
namespace {

void run(wire::Bytes frame) {
    auto const datagram = wire::decode_datagram(frame);
    if (!datagram) {
        fuzz::require(wire::name_of(datagram.error()) != "unknown");
        return;
    }
    auto const again = fuzz::written_by([&](wire::Writer& out) {
        wire::build_ipv4_frame(datagram->ethernet, datagram->ip, datagram->payload, out);
    });
    auto const decoded = wire::decode_datagram(again);
    fuzz::require(decoded && decoded->ip == datagram->ip);
    fuzz::require(std::ranges::equal(decoded->payload, datagram->payload));
    fuzz::require(datagram->ip.destination.is_multicast() ||
                  decoded->ethernet == datagram->ethernet);
}

} // namespace
} // namespace mcast

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    mcast::run({data, size});
    std::vector<std::uint8_t> repaired(data, data + size);
    if (auto const ethernet = mcast::wire::decode_ethernet(repaired)) {
        mcast::fuzz::repair_ipv4_checksum(std::span{repaired}.subspan(ethernet->size()));
    }
    mcast::run(repaired);
    return 0;
}
