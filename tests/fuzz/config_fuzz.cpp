// Any text is either a configuration, which prints back to itself, or errors that have a place.
#include "fuzz.h"
#include "mcast/config/config.h"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace mcast;
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    auto const config = config::parse(text, "fuzz");
    if (config) {
        auto const again = config::parse(config::print(*config), "printed");
        fuzz::require(again && *again == *config);
        return 0;
    }
    fuzz::require(!config.error().empty());
    for (config::Error const& error : config.error()) {
        fuzz::require(!error.what.empty() && !error.remedy.empty());
    }
    return 0;
}
