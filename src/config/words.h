// Words of the configuration: durations, names, guesses at what was meant. Pure functions.
#pragma once

#include "mcast/base/time.h"

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mcast::config {

// "125s", "100ms", "1.5s", "2m", "1h"; nullopt on anything else and beyond 31 years.
std::optional<Duration> parse_duration(std::string_view text);
// A text that parse_duration turns back into the same value: a whole number of seconds, or of the
// largest smaller unit that holds it. Units go down to "ns", so every value has a text.
std::string duration_text(Duration duration);

// The candidate that is the fewest edits away, at most one for every four letters.
std::optional<std::string> nearest(std::string_view word, std::span<std::string const> candidates);

// "a", "b" and "c"; `none` when the list is empty.
std::string list_text(std::span<std::string const> words, std::string_view none);

// A letter or digit, then letters, digits, '.', '_' or '-', at most 32 in all. Such a name needs no
// quoting anywhere: in tables, paths or EAL arguments.
bool is_name(std::string_view text);
inline constexpr std::string_view k_name_rule =
    "a name has 1 to 32 letters, digits, '.', '_' and '-', and begins with a letter or digit";

// The name of what other routers run but this one does not, so that its refusal can say so.
bool is_absent_protocol(std::string_view name);
inline constexpr std::string_view k_present_protocols =
    "protocols here are \"igmp\", \"static\" and \"dvmrp\"";

// The name of proxying where it does not belong; where it does.
bool is_proxy_word(std::string_view name);
inline constexpr std::string_view k_proxy_place =
    "a proxy has a table of its own: [proxy], with upstream and downstream";

// How sysfs writes a PCI address ("0000:af:1f.7"), from that or "AF:1f.7"; nullopt of all else.
std::optional<std::string> pci_address(std::string_view text);

// A TOML basic string, with quotes.
std::string quoted(std::string_view text);

} // namespace mcast::config
