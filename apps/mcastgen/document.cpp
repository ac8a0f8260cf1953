#include "document.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace mcast::gen {

std::optional<std::string> read_text(std::string const& path, ScenarioErrors& errors) {
    std::ifstream file(path);
    std::ostringstream text;
    if (!file || !(text << file.rdbuf())) {
        errors.push_back({path, 0, 0, "cannot be read", "name a file that exists"});
        return std::nullopt;
    }
    return text.str();
}

void Document::parse(std::string_view text, std::function<void(toml::table const&)> const& read) {
    try {
        read(toml::parse(text, file_));
    } catch (toml::parse_error const& error) {
        auto const& where = error.source().begin;
        errors_.push_back({file_, where.line, where.column, std::string{error.description()},
                           "the file is not valid TOML here"});
    }
    std::ranges::sort(errors_, {}, [](ScenarioError const& error) {
        return std::tie(error.line, error.column, error.what);
    });
}

void Document::refuse_unknown(toml::table const& root, std::span<std::string_view const> names) {
    for (auto const& [key, node] : root) {
        if (std::ranges::find(names, key.str()) == names.end()) {
            errors_.push_back({file_, key.source().begin.line, key.source().begin.column,
                               fmt::format("{} is not a table of {}", key.str(), kind_),
                               fmt::format("known are {}", fmt::join(names, ", "))});
        }
    }
}

bool Document::one(toml::table const& root, std::string_view key, Read const& read) {
    auto const* const node = root.get(key);
    if (node == nullptr) {
        return false;
    }
    auto const* const table = node->as_table();
    if (table == nullptr) {
        errors_.push_back({file_, node->source().begin.line, node->source().begin.column,
                           fmt::format("{} is not a table", key), fmt::format("write [{}]", key)});
        return true;
    }
    TableReader in(*table, std::string{key}, file_, errors_);
    read(in);
    in.refuse_unknown();
    return true;
}

void Document::each(toml::table const& root, std::string_view key, Read const& read) {
    auto const* const node = root.get(key);
    if (node == nullptr) {
        return;
    }
    auto const* const list = node->as_array();
    if (list == nullptr || (!list->empty() && !list->is_array_of_tables())) {
        errors_.push_back({file_, node->source().begin.line, node->source().begin.column,
                           fmt::format("{} is not a list of tables", key),
                           fmt::format("write [[{}]]", key)});
        return;
    }
    for (auto const& element : *list) {
        TableReader in(*element.as_table(), std::string{key}, file_, errors_);
        read(in);
        in.refuse_unknown();
    }
}

void Document::missing(std::string what, std::string remedy) {
    errors_.push_back({file_, 0, 0, std::move(what), std::move(remedy)});
}

} // namespace mcast::gen
