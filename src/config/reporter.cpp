#include "reporter.h"

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
    errors_.emplace(std::pair{at.line, at.column},
                    Error{file_, at.line, at.column, std::move(what), std::move(remedy)});
}

Errors Reporter::take() {
    Errors result;
    for (auto& [place, error] : errors_) {
        result.push_back(std::move(error));
    }
    errors_.clear();
    return result;
}

} // namespace mcast::config
