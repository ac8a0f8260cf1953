// Collects the errors of one text, each where it stands.
#pragma once

#include "mcast/config/config.h"

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <toml++/toml.h>

namespace mcast::config {

// Line and column from 1.
struct Position {
    unsigned line = 0;
    unsigned column = 0;

    bool operator==(Position const&) const = default;
};

inline Position position_of(toml::source_region const& region) {
    return {region.begin.line, region.begin.column};
}

// Of what the file lacks as a whole; editors go there.
inline constexpr Position k_start_of_file{1, 1};

class Reporter {
public:
    explicit Reporter(std::string_view file) : file_(file) {}

    void error(Position at, std::string what, std::string remedy);
    bool clean() const { return errors_.empty(); }
    std::size_t count() const { return errors_.size(); }

    // In the order of the file, and of being found where several have one place.
    Errors take();

private:
    std::string file_;
    std::multimap<std::pair<unsigned, unsigned>, Error> errors_; // by line and column
};

} // namespace mcast::config
