#include "fuzz.h"
#include "mcast/wire/describe.h"
#include "mcast/wire/mtrace.h"

#include <span>

namespace mcast {
namespace {

void run(wire::Bytes bytes) {
    auto const message = wire::decode_mtrace(bytes);
    if (!message) {
        fuzz::require(wire::name_of(message.error()) != "unknown");
        return;
    }
    auto const again = fuzz::written_by([&](wire::Writer& out) { wire::encode(*message, out); });
    fuzz::require(wire::decode_mtrace(again) == message);
    fuzz::require(wire::describe(*message).size() < 3000);
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
