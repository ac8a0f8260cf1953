#include "fuzz.h"
#include "mcast/wire/datagram.h"
#include "mcast/wire/describe.h"

#include <span>
#include <string>

namespace mcast {
namespace {

// A line of text for the log, however long the frame.
void run(wire::Bytes frame) {
    auto const text = wire::describe_frame(frame);
    fuzz::require(!text.empty() && text.size() < 3000 && text.find('\n') == std::string::npos);
}

// Right checksums down to the message, so that its text is reached.
void repair(std::span<std::uint8_t> frame) {
    auto const ethernet = wire::decode_ethernet(frame);
    if (!ethernet) {
        return;
    }
    auto const packet = frame.subspan(ethernet->size());
    fuzz::repair_ipv4_checksum(packet);
    auto const ip = wire::decode_ipv4(packet);
    if (ip && (ip->protocol == wire::k_protocol_igmp || ip->protocol == wire::k_protocol_icmp)) {
        fuzz::repair_checksum(packet.subspan(ip->header_length, ip->payload_length()), 2);
    }
}

} // namespace
} // namespace mcast

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    mcast::run({data, size});
    std::vector<std::uint8_t> repaired(data, data + size);
    mcast::repair(repaired);
    mcast::run(repaired);
    return 0;
}
