#include "table_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace mcast::gen {

TableReader::TableReader(toml::table const& table, std::string name, std::string file,
                         ScenarioErrors& errors)
    : table_(table), name_(std::move(name)), file_(std::move(file)), errors_(errors) {}

std::string TableReader::text(std::string_view key, std::string fallback) {
    auto const* const node = take(key);
    if (node == nullptr) {
        return fallback;
    }
    if (auto const* const value = node->as_string()) {
        return value->get();
    }
    error(key, fmt::format("{}.{} is not a string", name_, key), "write it in quotes");
    return fallback;
}

std::string TableReader::required_text(std::string_view key) {
    return take_required(key) == nullptr ? std::string{} : text(key, {});
}

std::uint64_t TableReader::integer(std::string_view key, std::uint64_t lowest,
                                   std::uint64_t highest, std::uint64_t fallback) {
    auto const* const node = take(key);
    if (node == nullptr) {
        return fallback;
    }
    auto const* const value = node->as_integer();
    if (value == nullptr || value->get() < 0 || static_cast<std::uint64_t>(value->get()) < lowest ||
        static_cast<std::uint64_t>(value->get()) > highest) {
        error(key, fmt::format("{}.{} is out of bounds", name_, key),
              fmt::format("give an integer from {} to {}", lowest, highest));
        return fallback;
    }
    return static_cast<std::uint64_t>(value->get());
}

bool TableReader::flag(std::string_view key, bool fallback) {
    auto const* const node = take(key);
    if (node == nullptr) {
        return fallback;
    }
    if (auto const* const value = node->as_boolean()) {
        return value->get();
    }
    error(key, fmt::format("{}.{} is not a truth value", name_, key), "give true or false");
    return fallback;
}

Duration TableReader::duration(std::string_view key, Duration fallback) {
    auto const* const node = take(key);
    if (node == nullptr) {
        return fallback;
    }
    std::optional<Duration> value;
    if (auto const* const text = node->as_string()) {
        value = parse_duration(text->get());
    } else if (auto const* const seconds = node->as_integer()) {
        value = parse_duration(fmt::format("{}s", seconds->get()));
    }
    if (!value) {
        error(key, fmt::format("{}.{} is not a duration", name_, key),
              "give a number with a unit: \"10ms\", \"1.5s\", \"2m\"");
    }
    return value.value_or(fallback);
}

std::vector<std::uint64_t> TableReader::integers(std::string_view key, std::uint64_t lowest,
                                                 std::uint64_t highest,
                                                 std::vector<std::uint64_t> fallback) {
    auto const* const node = take(key);
    if (node == nullptr) {
        return fallback;
    }
    std::vector<std::uint64_t> result;
    auto const* const list = node->as_array();
    bool good = list != nullptr && !list->empty();
    for (std::size_t i = 0; good && i < list->size(); ++i) {
        auto const* const value = list->get(i)->as_integer();
        good = value != nullptr && value->get() >= 0 &&
               static_cast<std::uint64_t>(value->get()) >= lowest &&
               static_cast<std::uint64_t>(value->get()) <= highest;
        result.push_back(good ? static_cast<std::uint64_t>(value->get()) : 0);
    }
    if (!good) {
        error(key, fmt::format("{}.{} is not a list of integers within bounds", name_, key),
              fmt::format("give [{}, ...], each from {} to {}", lowest, lowest, highest));
        return fallback;
    }
    return result;
}

std::vector<std::string> TableReader::texts(std::string_view key) {
    auto const* const node = take(key);
    std::vector<std::string> result;
    if (node == nullptr) {
        return result;
    }
    auto const* const list = node->as_array();
    bool good = list != nullptr;
    for (std::size_t i = 0; good && i < list->size(); ++i) {
        auto const* const value = list->get(i)->as_string();
        good = value != nullptr;
        result.push_back(good ? value->get() : std::string{});
    }
    if (!good) {
        error(key, fmt::format("{}.{} is not a list of strings", name_, key),
              "give [\"...\", \"...\"]");
        return {};
    }
    return result;
}

double TableReader::percent(std::string_view key, double fallback) {
    auto const* const node = take(key);
    if (node == nullptr) {
        return fallback;
    }
    auto const value = node->value<double>();
    if (!value || !(*value >= 0 && *value <= 100)) {
        error(key, fmt::format("{}.{} is no share", name_, key), "give percent, 0 to 100");
        return fallback;
    }
    return *value;
}

Ipv4 TableReader::required_address(std::string_view key, bool multicast) {
    auto const* const node = take_required(key);
    return node == nullptr ? Ipv4{} : address_of(*node, key, multicast);
}

std::vector<Ipv4> TableReader::addresses(std::string_view key) {
    auto const* const node = take(key);
    std::vector<Ipv4> result;
    if (node == nullptr) {
        return result;
    }
    auto const* const list = node->as_array();
    if (list == nullptr) {
        error(key, fmt::format("{}.{} is not a list", name_, key), "give [\"10.0.0.1\", ...]");
        return result;
    }
    for (auto const& element : *list) {
        result.push_back(address_of(element, key, false));
    }
    return result;
}

Ipv4 TableReader::address_of(toml::node const& node, std::string_view key, bool multicast) {
    auto const* const text = node.as_string();
    auto const address = text == nullptr ? std::nullopt : Ipv4::parse(text->get());
    if (!address) {
        error_at(node.source(), fmt::format("{}.{} is not an IPv4 address", name_, key),
                 "write it as \"192.0.2.1\"");
        return {};
    }
    if (multicast && !address->is_multicast()) {
        error_at(node.source(),
                 fmt::format("{}.{} {} is not a group", name_, key, to_string(*address)),
                 "groups are in 224.0.0.0/4");
    }
    return *address;
}

toml::node const* TableReader::take(std::string_view key) {
    known_.emplace(key);
    return table_.get(key);
}

toml::node const* TableReader::take_required(std::string_view key) {
    auto const* const node = take(key);
    if (node == nullptr) {
        error_at(table_.source(), fmt::format("{}.{} is missing", name_, key),
                 fmt::format("a [[{}]] needs it", name_));
    }
    return node;
}

void TableReader::error(std::string_view key, std::string what, std::string remedy) {
    auto const* const node = table_.get(key);
    error_at(node != nullptr ? node->source() : table_.source(), std::move(what),
             std::move(remedy));
}

void TableReader::refuse_unknown() {
    for (auto const& [key, node] : table_) {
        if (!known_.contains(key.str())) {
            error_at(key.source(), fmt::format("{}.{} is not a key", name_, key.str()),
                     fmt::format("known are {}", fmt::join(known_, ", ")));
        }
    }
}

void TableReader::error_at(toml::source_region const& where, std::string what, std::string remedy) {
    errors_.push_back(
        {file_, where.begin.line, where.begin.column, std::move(what), std::move(remedy)});
}

} // namespace mcast::gen
