// Any text is either a scenario that can be sent, or errors that say what to do.
#include "fuzz.h"
#include "scenario.h"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace mcast;
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    auto const scenario = gen::parse_scenario(text, "fuzz");
    if (!scenario) {
        fuzz::require(!scenario.error().empty());
        for (gen::ScenarioError const& error : scenario.error()) {
            fuzz::require(!error.what.empty() && !error.text().empty());
        }
        return 0;
    }
    for (gen::Flow const& flow : scenario->flows) {
        fuzz::require(flow.port < scenario->ports.size() && flow.size >= 32);
        fuzz::require(flow.group.is_multicast() && flow.start >= Duration{});
    }
    for (gen::Conversation const& conversation : scenario->conversations) {
        fuzz::require(conversation.port < scenario->ports.size());
        fuzz::require(conversation.version >= 1 && conversation.version <= 3);
    }
    return 0;
}
