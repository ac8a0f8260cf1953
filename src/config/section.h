// One table of the file, read key by key: type and bounds are checked as values are taken, every
// key that was asked for is known, and what is left over at the end is unknown.
//
// A reading function leaves its target alone when the key is absent or wrong; the error is
// reported.
#pragma once

#include "mcast/base/ipv4.h"
#include "mcast/base/time.h"
#include "reporter.h"

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

namespace mcast::config {

// A value and where it stands.
template <class T>
struct Located {
    T value{};
    Position at;
};

struct Bounds {
    std::int64_t low;
    std::int64_t high;
};

struct DurationBounds {
    Duration low;
    Duration high;
};

class Section {
public:
    // `title` names the table in sentences: "[memory]", "[[port]]".
    Section(toml::table const& table, std::string title, Reporter& reporter);

    std::string const& title() const { return title_; }
    Reporter& reporter() const { return reporter_; }
    Position position() const { return position_of(table_.source()); }
    // Of the key's value; of the table when the key is absent.
    Position at(std::string_view key) const;
    bool has(std::string_view key) const { return table_.contains(key); }

    std::optional<bool> boolean(std::string_view key);
    std::optional<std::int64_t> integer(std::string_view key, Bounds bounds);
    std::optional<std::string> text(std::string_view key);
    std::optional<Duration> duration(std::string_view key, DurationBounds bounds);
    // An empty vector when the key is absent; elements of the wrong type are reported and left out.
    std::vector<Located<std::string>> texts(std::string_view key);
    std::vector<Located<std::int64_t>> integers(std::string_view key, Bounds bounds);
    bool is_list(std::string_view key) const { return table_.get_as<toml::array>(key) != nullptr; }
    // One of the words; the index of the word.
    std::optional<std::size_t> word(std::string_view key, std::vector<std::string> const& words);
    // A name as is_name() means it.
    std::optional<std::string> name(std::string_view key);
    std::optional<Ipv4> address(std::string_view key);
    std::optional<Ipv4Prefix> prefix(std::string_view key);
    toml::table const* table(std::string_view key);
    // The tables of [[key]].
    std::vector<toml::table const*> tables(std::string_view key);

    template <std::integral T>
    void into(T& target, std::string_view key, Bounds bounds) {
        if (auto const value = integer(key, bounds)) {
            target = static_cast<T>(*value);
        }
    }
    void into(bool& target, std::string_view key) { target = boolean(key).value_or(target); }
    void into(Duration& target, std::string_view key, DurationBounds bounds) {
        target = duration(key, bounds).value_or(target);
    }

    // Reports that a key without which the table means nothing is absent; false then.
    bool require(std::string_view key, std::string_view example);
    // Reports the keys that nobody asked for. Call it last.
    void finish();

private:
    toml::node const* find(std::string_view key);
    void wrong_type(toml::node const& node, std::string_view key, std::string_view wanted);
    std::optional<std::int64_t> bounded(toml::node const& node, std::string_view key,
                                        Bounds bounds);
    toml::array const* array(std::string_view key, std::string_view wanted);

    toml::table const& table_;
    std::string title_;
    Reporter& reporter_;
    std::vector<std::string> known_;
};

} // namespace mcast::config
