#include "fuzz.h"
#include "mcast/wire/icmp.h"

#include <span>

namespace mcast {
namespace {

void run(wire::Bytes bytes) {
    auto const echo = wire::decode_icmp_echo(bytes);
    if (!echo) {
        fuzz::require(wire::name_of(echo.error()) != "unknown");
        return;
    }
    auto const reply = wire::echo_reply(*echo);
    auto const again = fuzz::written_by([&](wire::Writer& out) { wire::encode(reply, out); });
    auto const decoded = wire::decode_icmp_echo(again);
    fuzz::require(again.size() == bytes.size() && decoded && *decoded == reply);
}

} // namespace
} // namespace mcast

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    mcast::run({data, size});
    std::vector<std::uint8_t> repaired(data, data + size);
    mcast::fuzz::repair_checksum(repaired, 2);
    mcast::run(repaired);
    return 0;
}
