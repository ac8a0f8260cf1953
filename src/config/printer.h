// Writes "key = value" lines. Every key is written, defaults too: who reads a running configuration
// wants to see them.
#pragma once

#include "words.h"

#include "mcast/base/ipv4.h"

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace mcast::config {

class Printer {
public:
    void table(std::string_view header) {
        if (!text_.empty()) {
            text_ += '\n';
        }
        text_ += header;
        text_ += '\n';
    }
    void raw(std::string_view key, std::string_view value) {
        text_ += fmt::format("{} = {}\n", key, value);
    }
    template <std::integral T>
    void line(std::string_view key, T value) {
        raw(key, fmt::format("{}", value));
    }
    void line(std::string_view key, std::string_view value) { raw(key, quoted(value)); }
    void line(std::string_view key, Duration value) { line(key, duration_text(value)); }
    void line(std::string_view key, std::vector<std::string> const& values) {
        std::vector<std::string> items;
        items.reserve(values.size());
        for (std::string const& value : values) {
            items.push_back(quoted(value));
        }
        raw(key, fmt::format("[{}]", fmt::join(items, ", ")));
    }
    void line(std::string_view key, std::vector<Ipv4Prefix> const& values) {
        std::vector<std::string> items;
        items.reserve(values.size());
        for (Ipv4Prefix const value : values) {
            items.push_back(to_string(value));
        }
        line(key, items);
    }
    template <class T>
    void line(std::string_view key, std::optional<T> const& value) {
        if (value) {
            line(key, *value);
        }
    }

    std::string take() { return std::move(text_); }

private:
    std::string text_;
};

} // namespace mcast::config
