#include "cells.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace mcast::ctl {

namespace {

constexpr std::array<std::string_view, 5> k_good{"up", "forwarding", "gate open", "querier", "yes"};
constexpr std::array<std::string_view, 1> k_bad{"down"};
constexpr std::array<std::string_view, 4> k_doubtful{"negative", "gate closed", "TX", "RX"};

template <std::size_t N>
bool contains(std::array<std::string_view, N> const& words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

Tone tone_of(std::string_view word) {
    return contains(k_good, word)       ? Tone::good
           : contains(k_bad, word)      ? Tone::bad
           : contains(k_doubtful, word) ? Tone::doubtful
                                        : Tone::plain;
}

Cell plain_cell(Json const& value) {
    switch (value.type()) {
    case Json::value_t::null:
    case Json::value_t::discarded:
        return {"-"};
    case Json::value_t::boolean:
        return {value.get<bool>() ? "yes" : "no"};
    case Json::value_t::string: {
        auto const& text = value.get_ref<std::string const&>();
        return {text.empty() ? "-" : printable(text)};
    }
    case Json::value_t::number_float:
        return {fmt::format("{:.1f}", value.get<double>()), Tone::plain, true};
    case Json::value_t::number_integer:
    case Json::value_t::number_unsigned:
        return {value.dump(), Tone::plain, true};
    default:
        return {printable(value.dump(-1, ' ', false, Json::error_handler_t::replace))};
    }
}

Cell list_cell(Json const& value) {
    if (!value.is_array()) {
        return plain_cell(value);
    }
    std::string text;
    for (Json const& item : value) {
        text += (text.empty() ? "" : ",") + plain_cell(item).text;
    }
    return {text.empty() ? "-" : text};
}

} // namespace

Json const& member(Json const& object, std::string_view path) {
    static Json const none;
    Json const* at = &object;
    while (!path.empty()) {
        std::string_view const name = path.substr(0, path.find('.'));
        path.remove_prefix(std::min(path.size(), name.size() + 1));
        if (!at->is_object()) {
            return none;
        }
        auto const found = at->find(std::string{name});
        if (found == at->end()) {
            return none;
        }
        at = &*found;
    }
    return *at;
}

std::string seconds_text(double seconds) {
    constexpr double k_most = 1e15;
    if (!std::isfinite(seconds) || seconds < 0 || seconds > k_most) {
        return "-";
    }
    if (seconds < 9.95) {
        return fmt::format("{:.1f}s", seconds);
    }
    auto const whole = std::llround(seconds);
    auto const days = whole / 86400;
    auto const hours = whole / 3600 % 24;
    auto const minutes = whole / 60 % 60;
    if (days > 0) {
        return fmt::format("{}d{}h", days, hours);
    }
    if (hours > 0) {
        return fmt::format("{}h{}m", hours, minutes);
    }
    return minutes > 0 ? fmt::format("{}m{}s", minutes, whole % 60) : fmt::format("{}s", whole);
}

std::string brief_text(double seconds) {
    return seconds >= 0 && seconds < 1 ? fmt::format("{:.3f}ms", seconds * 1000)
                                       : seconds_text(seconds);
}

Cell cell(Json const& value, Kind kind) {
    Cell result = kind == Kind::list ? list_cell(value) : plain_cell(value);
    if (kind == Kind::seconds && value.is_number()) {
        result.text = seconds_text(value.get<double>());
    } else if (kind == Kind::brief && value.is_number()) {
        result.text = brief_text(value.get<double>());
    } else if (kind == Kind::percent && value.is_number()) {
        result.text = fmt::format("{:.1f}%", value.get<double>());
    } else if (kind == Kind::state) {
        result.tone = tone_of(result.text);
    } else if ((kind == Kind::count && value.is_number() && value != 0) ||
               (kind == Kind::alarm && value == true)) {
        result.tone = Tone::doubtful;
    }
    return result;
}

} // namespace mcast::ctl
