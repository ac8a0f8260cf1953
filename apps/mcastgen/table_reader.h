// One TOML table, read key by key. What is missing, of the wrong type, out of bounds or unknown
// becomes an error with its place; the reader gives a default and goes on, so that one run shows
// all mistakes. Lives within parse_scenario().
#pragma once

#include "scenario.h"

#include <set>

#include <toml++/toml.h>

namespace mcast::gen {

class TableReader {
public:
    // `name` is what messages call the table: "flow".
    TableReader(toml::table const& table, std::string name, std::string file,
                ScenarioErrors& errors);

    bool has(std::string_view key) const { return table_.contains(key); }

    std::string text(std::string_view key, std::string fallback);
    std::string required_text(std::string_view key);
    std::uint64_t integer(std::string_view key, std::uint64_t lowest, std::uint64_t highest,
                          std::uint64_t fallback);
    bool flag(std::string_view key, bool fallback);
    Duration duration(std::string_view key, Duration fallback);
    // Each within the bounds, and at least one.
    std::vector<std::uint64_t> integers(std::string_view key, std::uint64_t lowest,
                                        std::uint64_t highest, std::vector<std::uint64_t> fallback);
    std::vector<std::string> texts(std::string_view key);
    // A share in percent, 0 to 100, with decimals.
    double percent(std::string_view key, double fallback);
    Ipv4 required_address(std::string_view key, bool multicast);
    std::vector<Ipv4> addresses(std::string_view key);

    // At the value of `key`, or at the table when it has no such key.
    void error(std::string_view key, std::string what, std::string remedy);
    // Every key that was not asked for is an error.
    void refuse_unknown();

private:
    toml::node const* take(std::string_view key);
    toml::node const* take_required(std::string_view key);
    Ipv4 address_of(toml::node const& node, std::string_view key, bool multicast);
    void error_at(toml::source_region const& where, std::string what, std::string remedy);

    toml::table const& table_;
    std::string name_;
    std::string file_;
    ScenarioErrors& errors_;
    std::set<std::string, std::less<>> known_;
};

} // namespace mcast::gen
