#include "reporter.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace mcast::config {

std::string Error::text() const {
    std::string const reason = remedy.empty() ? what : fmt::format("{}; {}", what, remedy);
    if (line == 0) {
        return fmt::format("{}: {}", file, reason);
    }
    return fmt::format("{}:{}:{}: {}", file, line, column, reason);
}

void Reporter::error(Position at, std::string what, std::string remedy) {
    errors_.push_back({file_, at.line, at.column, std::move(what), std::move(remedy)});
}

Errors Reporter::take() {
    std::ranges::stable_sort(
        errors_, {}, [](Error const& error) { return std::pair{error.line, error.column}; });
    return std::exchange(errors_, {});
}

} // namespace mcast::config
