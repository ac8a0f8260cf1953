#include "words.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace mcast::config {

namespace {

struct Unit {
    std::string_view name;
    std::int64_t nanoseconds;
};

// From the largest.
constexpr std::array<Unit, 6> k_units{{
    {"h", 3'600'000'000'000},
    {"m", 60'000'000'000},
    {"s", 1'000'000'000},
    {"ms", 1'000'000},
    {"us", 1'000},
    {"ns", 1},
}};

constexpr std::int64_t k_longest_ns = 1'000'000'000LL * 1'000'000'000LL;

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Digits of a fraction, scaled to the unit; nullopt when the unit cannot express them.
std::optional<std::int64_t> fraction_of(std::string_view digits, std::int64_t unit) {
    std::int64_t sum = 0;
    for (char const digit : digits) {
        if (unit % 10 != 0) {
            return std::nullopt;
        }
        unit /= 10;
        sum += (digit - '0') * unit;
    }
    return sum;
}

} // namespace

std::optional<Duration> parse_duration(std::string_view text) {
    std::size_t const whole_end =
        static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
    std::string_view const whole = text.substr(0, whole_end);
    std::string_view rest = text.substr(whole_end);
    std::string_view fraction;
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        auto const end =
            static_cast<std::size_t>(std::ranges::find_if_not(rest, is_digit) - rest.begin());
        fraction = rest.substr(0, end);
        rest.remove_prefix(end);
        if (fraction.empty()) {
            return std::nullopt;
        }
    }
    auto const unit = std::ranges::find(k_units, rest, &Unit::name);
    std::int64_t count = 0;
    auto const [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), count);
    if (unit == k_units.end() || whole.empty() || error != std::errc{} ||
        count > k_longest_ns / unit->nanoseconds) {
        return std::nullopt;
    }
    auto const part = fraction_of(fraction, unit->nanoseconds);
    if (!part) {
        return std::nullopt;
    }
    return Duration{count * unit->nanoseconds + *part};
}

std::string duration_text(Duration duration) {
    std::int64_t const ns = duration.count();
    if (ns == 0) {
        return "0s";
    }
    // Hours and minutes are read but not written: RFC 9776 speaks in seconds.
    for (Unit const& unit : std::span{k_units}.subspan(2)) {
        if (ns % unit.nanoseconds == 0) {
            return fmt::format("{}{}", ns / unit.nanoseconds, unit.name);
        }
    }
    return fmt::format("{}ns", ns);
}

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t const replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

} // namespace

std::optional<std::string> nearest(std::string_view word, std::span<std::string const> candidates) {
    constexpr std::size_t k_longest_word = 64; // nobody means one of our words by a longer one
    std::optional<std::string> best;
    std::size_t best_distance = k_longest_word;
    if (word.size() > k_longest_word) {
        return best;
    }
    for (std::string const& candidate : candidates) {
        std::size_t const distance = edit_distance(word, candidate);
        // Of three letters one is too much: "lan" is not meant by "wan".
        if (distance <= std::max(word.size(), candidate.size()) / 4 && distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

std::string list_text(std::span<std::string const> words, std::string_view none) {
    if (words.empty()) {
        return std::string{none};
    }
    if (words.size() == 1) {
        return fmt::format("\"{}\"", words.front());
    }
    return fmt::format("\"{}\" and \"{}\"", fmt::join(words.first(words.size() - 1), "\", \""),
                       words.back());
}

bool is_name(std::string_view text) {
    auto const alphanumeric = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0;
    };
    return !text.empty() && text.size() <= 32 && alphanumeric(text.front()) &&
           std::ranges::all_of(
               text, [&](char c) { return alphanumeric(c) || c == '.' || c == '_' || c == '-'; });
}

bool is_absent_protocol(std::string_view name) {
    constexpr std::array<std::string_view, 8> k_absent{
        "pim", "pim-sm", "pim-dm", "pim-ssm", "pim-bidir", "bidir-pim", "mld", "mospf",
    };
    return std::ranges::find(k_absent, name) != k_absent.end();
}

bool is_proxy_word(std::string_view name) {
    return name == "proxy" || name == "igmp-proxy";
}

std::optional<std::string> pci_address(std::string_view text) {
    constexpr std::string_view k_pattern = "xxxx:xx:xx.7";
    constexpr std::string_view k_domain = "0000:";
    std::string address{text};
    if (address.size() + k_domain.size() == k_pattern.size()) {
        address.insert(0, k_domain);
    }
    auto const fits = [](char c, char wanted) {
        bool const digit = std::isxdigit(static_cast<unsigned char>(c)) != 0;
        return wanted == 'x' ? digit : wanted == '7' ? c >= '0' && c <= '7' : c == wanted;
    };
    if (!std::ranges::equal(address, k_pattern, fits)) {
        return std::nullopt;
    }
    std::ranges::transform(address, address.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return address;
}

std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (char const c : text) {
        if (c == '"' || c == '\\') {
            result += '\\';
            result += c;
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            result +=
                fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        } else {
            result += c;
        }
    }
    return result + '"';
}

} // namespace mcast::config
