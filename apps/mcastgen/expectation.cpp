#include "expectation.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include <fmt/format.h>

namespace mcast::gen {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    auto const [rest, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    bool const whole = failure == std::errc{} && rest == text.data() + text.size();
    return whole ? std::optional{value} : std::nullopt;
}

std::optional<std::uint32_t> flow_of(std::string_view text, FlowNames const& names) {
    for (auto const& [id, name] : names) {
        if (name == text) {
            return id;
        }
    }
    auto const id = number(text);
    bool const fits = id && *id <= std::numeric_limits<std::uint32_t>::max();
    return fits ? std::optional{static_cast<std::uint32_t>(*id)} : std::nullopt;
}

std::optional<Expectation> numbers_of(std::string_view text) {
    auto const dash = text.find('-');
    if (dash == std::string_view::npos) {
        auto const count = number(text);
        return count && *count != 0 ? std::optional{Expectation{0, 0, *count - 1}} : std::nullopt;
    }
    auto const first = number(text.substr(0, dash));
    auto const last = number(text.substr(dash + 1));
    return first && last && *first <= *last ? std::optional{Expectation{0, *first, *last}}
                                            : std::nullopt;
}

} // namespace

std::expected<std::vector<Expectation>, std::string>
parse_expectations(std::vector<std::string> const& texts, FlowNames const& names) {
    std::vector<Expectation> result;
    for (std::string_view const text : texts) {
        if (text == "none") {
            continue;
        }
        auto const equals = std::min(text.find('='), text.size());
        auto const flow = flow_of(text.substr(0, equals), names);
        if (!flow) {
            return std::unexpected(
                fmt::format("--expect {}: no flow is named so; give its number, or --scenario FILE "
                            "and a name",
                            text));
        }
        auto expectation = numbers_of(text.substr(std::min(equals + 1, text.size())));
        if (!expectation) {
            return std::unexpected(
                fmt::format("--expect {}: wants FLOW=COUNT or FLOW=FIRST-LAST, or none", text));
        }
        expectation->flow = *flow;
        result.push_back(*expectation);
    }
    return result;
}

} // namespace mcast::gen
