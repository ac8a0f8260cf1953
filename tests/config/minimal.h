// The smallest complete configuration, for tests to spoil in one place.
#pragma once

#include "mcast/config/config.h"

#include <string>
#include <string_view>

namespace mcast::config::testing {

// Lines 1 to 11.
inline constexpr std::string_view k_minimal = R"([workers]
cores = [1]
[[port]]
name = "wan"
device = "net_null0"
[[interface]]
name = "wan"
port = "wan"
address = "10.0.0.1/24"
protocols = ["igmp", "static"]
# end
)";

// `from` must be in the text; the first occurrence becomes `to`.
inline std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
    std::string result{text};
    result.replace(result.find(from), from.size(), to);
    return result;
}

// What is wrong with the text, a line each; nothing: it is good.
inline std::string errors_of(std::string const& text) {
    auto const result = parse(text, "f");
    std::string lines;
    if (!result) {
        for (Error const& error : result.error()) {
            lines += error.text() + '\n';
        }
    }
    return lines;
}

} // namespace mcast::config::testing
