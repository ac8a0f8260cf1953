// A TOML file as tables that are read key by key: what scenarios and test plans have in common.
// Every mistake becomes an error with its place, so that one run shows all. One thread.
#pragma once

#include "table_reader.h"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <toml++/toml.h>

namespace mcast::gen {

// The whole file; an error when it cannot be read.
std::optional<std::string> read_text(std::string const& path, ScenarioErrors& errors);

class Document {
public:
    // `kind` is what messages call the file: "a scenario".
    Document(std::string_view file, std::string_view kind, ScenarioErrors& errors)
        : file_(file), kind_(kind), errors_(errors) {}

    using Read = std::function<void(TableReader&)>;

    // Calls `read` with the root, then puts the errors into the order of the file.
    void parse(std::string_view text, std::function<void(toml::table const&)> const& read);
    // Every table at the root that is not among `names` is an error.
    void refuse_unknown(toml::table const& root, std::span<std::string_view const> names);
    // `[key]`, where it is. False when it is not.
    bool one(toml::table const& root, std::string_view key, Read const& read);
    // Each `[[key]]`.
    void each(toml::table const& root, std::string_view key, Read const& read);
    // At no place in particular.
    void missing(std::string what, std::string remedy);

private:
    std::string file_;
    std::string kind_;
    ScenarioErrors& errors_;
};

} // namespace mcast::gen
