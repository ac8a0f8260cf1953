#include "fuzz.h"
#include "mcast/wire/ipv4.h"

#include <span>

namespace mcast {
namespace {

void run(wire::Bytes bytes) {
    auto const header = wire::decode_ipv4(bytes);
    if (!header) {
        fuzz::require(wire::name_of(header.error()) != "unknown");
        return;
    }
    wire::has_router_alert(header->options);
    wire::is_source_routed(header->options);
    auto const again = fuzz::written_by([&](wire::Writer& out) { wire::encode(*header, out); });
    auto const decoded = wire::decode_ipv4(again, header->total_length);
    fuzz::require(decoded && *decoded == *header);
}

} // namespace
} // namespace mcast

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    mcast::run({data, size});
    std::vector<std::uint8_t> repaired(data, data + size);
    mcast::fuzz::repair_ipv4_checksum(repaired);
    mcast::run(repaired);
    return 0;
}
