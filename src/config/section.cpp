#include "section.h"

#include "words.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace mcast::config {

namespace {

std::string_view type_text(toml::node const& node) {
    switch (node.type()) {
    case toml::node_type::table:
        return "a table";
    case toml::node_type::array:
        return "a list";
    case toml::node_type::string:
        return "a text";
    case toml::node_type::integer:
        return "a whole number";
    case toml::node_type::floating_point:
        return "a number with a fraction";
    case toml::node_type::boolean:
        return "true or false";
    default:
        return "a date or time";
    }
}

constexpr std::int64_t k_ns_per_second = 1'000'000'000;

} // namespace

Section::Section(toml::table const& table, std::string title, Reporter& reporter)
    : table_(table), title_(std::move(title)), reporter_(reporter) {}

Position Section::at(std::string_view key) const {
    toml::node const* const node = table_.get(key);
    return node == nullptr ? position() : position_of(node->source());
}

toml::node const* Section::find(std::string_view key) {
    if (std::ranges::find(known_, key) == known_.end()) {
        known_.emplace_back(key);
    }
    return table_.get(key);
}

void Section::wrong_type(toml::node const& node, std::string_view key, std::string_view wanted) {
    reporter_.error(position_of(node.source()),
                    fmt::format("{} in {} is {}", key, title_, type_text(node)),
                    fmt::format("write {}", wanted));
}

std::optional<std::int64_t> Section::bounded(toml::node const& node, std::string_view key,
                                             Bounds bounds) {
    if (!node.is_integer()) {
        wrong_type(node, key, fmt::format("a whole number from {} to {}", bounds.low, bounds.high));
        return std::nullopt;
    }
    std::int64_t const value = node.as_integer()->get();
    if (value < bounds.low || value > bounds.high) {
        reporter_.error(position_of(node.source()),
                        fmt::format("{} in {} is {}", key, title_, value),
                        fmt::format("it must be from {} to {}", bounds.low, bounds.high));
        return std::nullopt;
    }
    return value;
}

std::optional<bool> Section::boolean(std::string_view key) {
    toml::node const* const node = find(key);
    if (node == nullptr) {
        return std::nullopt;
    }
    if (!node->is_boolean()) {
        wrong_type(*node, key, "true or false, without quotes");
        return std::nullopt;
    }
    return node->as_boolean()->get();
}

std::optional<std::int64_t> Section::integer(std::string_view key, Bounds bounds) {
    toml::node const* const node = find(key);
    return node == nullptr ? std::nullopt : bounded(*node, key, bounds);
}

std::optional<std::string> Section::text(std::string_view key) {
    toml::node const* const node = find(key);
    if (node == nullptr) {
        return std::nullopt;
    }
    if (!node->is_string()) {
        wrong_type(*node, key, "a text in quotes");
        return std::nullopt;
    }
    std::string const& value = node->as_string()->get();
    if (std::ranges::any_of(value, [](char c) { return static_cast<unsigned char>(c) < 0x20; })) {
        reporter_.error(position_of(node->source()),
                        fmt::format("{} in {} has a control character in it", key, title_),
                        "write printable characters only");
        return std::nullopt;
    }
    return value;
}

std::optional<Duration> Section::duration(std::string_view key, DurationBounds bounds) {
    constexpr std::string_view k_wanted =
        "a time such as \"125s\", \"100ms\", \"2m\", or a whole number of seconds";
    toml::node const* const node = find(key);
    if (node == nullptr) {
        return std::nullopt;
    }
    std::optional<Duration> value;
    if (auto const* const seconds = node->as_integer()) {
        // Beyond what Duration holds is beyond every bound as well.
        std::int64_t const most = std::numeric_limits<std::int64_t>::max() / k_ns_per_second;
        value = Duration{std::clamp(seconds->get(), -most, most) * k_ns_per_second};
    } else if (auto const* const words = node->as_string()) {
        value = parse_duration(words->get());
        if (!value) {
            reporter_.error(
                position_of(node->source()),
                fmt::format("{} in {} is \"{}\", which is no time", key, title_, words->get()),
                fmt::format("write {}", k_wanted));
            return std::nullopt;
        }
    } else {
        wrong_type(*node, key, k_wanted);
        return std::nullopt;
    }
    if (*value < bounds.low || *value > bounds.high) {
        reporter_.error(position_of(node->source()),
                        fmt::format("{} in {} is {}", key, title_, duration_text(*value)),
                        fmt::format("it must be from {} to {}", duration_text(bounds.low),
                                    duration_text(bounds.high)));
        return std::nullopt;
    }
    return value;
}

toml::array const* Section::array(std::string_view key, std::string_view wanted) {
    toml::node const* const node = find(key);
    if (node == nullptr) {
        return nullptr;
    }
    if (!node->is_array()) {
        wrong_type(*node, key, wanted);
        return nullptr;
    }
    return node->as_array();
}

std::vector<Located<std::string>> Section::texts(std::string_view key) {
    constexpr std::string_view k_wanted = "a list of texts, such as [\"a\", \"b\"]";
    std::vector<Located<std::string>> result;
    toml::array const* const list = array(key, k_wanted);
    if (list == nullptr) {
        return result;
    }
    for (toml::node const& node : *list) {
        if (auto const* const value = node.as_string()) {
            result.push_back({value->get(), position_of(node.source())});
        } else {
            wrong_type(node, fmt::format("an item of {}", key), "a text in quotes");
        }
    }
    return result;
}

std::vector<Located<std::int64_t>> Section::integers(std::string_view key, Bounds bounds) {
    std::vector<Located<std::int64_t>> result;
    toml::array const* const list = array(key, "a list of whole numbers, such as [1, 2]");
    if (list == nullptr) {
        return result;
    }
    for (toml::node const& node : *list) {
        if (auto const value = bounded(node, fmt::format("an item of {}", key), bounds)) {
            result.push_back({*value, position_of(node.source())});
        }
    }
    return result;
}

std::optional<std::size_t> Section::word(std::string_view key,
                                         std::vector<std::string> const& words) {
    auto const value = text(key);
    if (!value) {
        return std::nullopt;
    }
    auto const found = std::ranges::find(words, *value);
    if (found == words.end()) {
        reporter_.error(at(key), fmt::format("{} in {} is \"{}\"", key, title_, *value),
                        fmt::format("it must be one of {}", list_text(words, "nothing")));
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - words.begin());
}

std::optional<std::string> Section::name(std::string_view key) {
    auto value = text(key);
    if (value && !is_name(*value)) {
        reporter_.error(at(key), fmt::format("{} in {} is \"{}\"", key, title_, *value),
                        std::string{k_name_rule});
        return std::nullopt;
    }
    return value;
}

std::optional<Ipv4> Section::address(std::string_view key) {
    auto const value = text(key);
    if (!value) {
        return std::nullopt;
    }
    auto const parsed = Ipv4::parse(*value);
    if (!parsed) {
        reporter_.error(
            at(key),
            fmt::format("{} in {} is \"{}\", which is no IPv4 address", key, title_, *value),
            "write four numbers from 0 to 255, such as \"192.0.2.1\"");
    }
    return parsed;
}

std::optional<Ipv4Prefix> Section::prefix(std::string_view key) {
    auto const value = text(key);
    if (!value) {
        return std::nullopt;
    }
    auto const parsed = Ipv4Prefix::parse(*value);
    if (!parsed) {
        reporter_.error(
            at(key),
            fmt::format("{} in {} is \"{}\", which is no IPv4 prefix", key, title_, *value),
            "write an address and a length from 0 to 32, such as \"192.0.2.1/24\"");
    }
    return parsed;
}

toml::table const* Section::table(std::string_view key) {
    toml::node const* const node = find(key);
    if (node != nullptr && !node->is_table()) {
        wrong_type(*node, key, fmt::format("a table, [{}]", key));
        return nullptr;
    }
    return node == nullptr ? nullptr : node->as_table();
}

std::vector<toml::table const*> Section::tables(std::string_view key) {
    std::vector<toml::table const*> result;
    toml::array const* const list = array(key, fmt::format("[[{}]], with two brackets", key));
    if (list == nullptr) {
        return result;
    }
    for (toml::node const& node : *list) {
        if (node.is_table()) {
            result.push_back(node.as_table());
        } else {
            wrong_type(node, fmt::format("an item of {}", key), fmt::format("[[{}]]", key));
        }
    }
    return result;
}

bool Section::require(std::string_view key, std::string_view example) {
    if (has(key)) {
        return true;
    }
    find(key);
    reporter_.error(position(), fmt::format("{} has no {}", title_, key),
                    fmt::format("add a line such as: {}", example));
    return false;
}

void Section::finish() {
    for (auto const& [key, node] : table_) {
        if (std::ranges::find(known_, key.str()) != known_.end()) {
            continue;
        }
        if (is_absent_protocol(key.str())) {
            reporter_.error(position_of(key.source()),
                            fmt::format("\"{}\" in {} is not available in this version",
                                        std::string_view{key.str()}, title_),
                            fmt::format("remove it; {}", k_present_protocols));
            continue;
        }
        if (is_proxy_word(key.str())) {
            reporter_.error(
                position_of(key.source()),
                fmt::format("\"{}\" does not belong in {}", std::string_view{key.str()}, title_),
                std::string{k_proxy_place});
            continue;
        }
        auto const guess = nearest(key.str(), known_);
        std::vector<std::string> sorted = known_;
        std::ranges::sort(sorted);
        reporter_.error(
            position_of(key.source()),
            fmt::format("unknown key \"{}\" in {}", std::string_view{key.str()}, title_),
            guess ? fmt::format("did you mean \"{}\"?", *guess)
                  : fmt::format("known here: {}", fmt::join(sorted, ", ")));
    }
}

} // namespace mcast::config
