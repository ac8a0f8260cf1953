#include "fuzz.h"
#include "mcast/wire/arp.h"

#include <span>

namespace mcast {
namespace {

void run(wire::Bytes bytes) {
    auto const packet = wire::decode_arp(bytes);
    if (!packet) {
        fuzz::require(wire::name_of(packet.error()) != "unknown");
        return;
    }
    auto const again = fuzz::written_by([&](wire::Writer& out) { wire::encode(*packet, out); });
    fuzz::require(again.size() == wire::k_arp_size);
    fuzz::require(wire::decode_arp(again) == packet);
    auto const reply = wire::arp_reply(*packet, Mac{});
    fuzz::require(reply.target == packet->sender && reply.sender == packet->target);
}

} // namespace
} // namespace mcast

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    mcast::run({data, size});
    return 0;
}
