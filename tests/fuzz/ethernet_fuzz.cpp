#include "fuzz.h"
#include "mcast/wire/ethernet.h"

#include <span>

namespace mcast {
namespace {

void run(wire::Bytes bytes) {
    auto const header = wire::decode_ethernet(bytes);
    if (!header) {
        return;
    }
    auto const again = fuzz::written_by([&](wire::Writer& out) { wire::encode(*header, out); });
    fuzz::require(again.size() == header->size());
    fuzz::require(wire::decode_ethernet(again) == header);
}

} // namespace
} // namespace mcast

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    mcast::run({data, size});
    return 0;
}
