// Logging for the control core and the programs. Workers never log: they count.
//
// One process-wide sink (standard error, or the systemd journal when the process runs under it).
// `subsystem` is one word: "igmp", "mgm", "port", "config" ... Levels can be changed at run time.
// Control thread and start-up only.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace mcast::log {

enum class Level : std::uint8_t { debug, info, notice, warning, error, none };

// nullopt when the name is none of debug, info, notice, warning, error, none.
std::optional<Level> parse_level(std::string_view name);
std::string_view name_of(Level level);

void set_level(Level level);
Level level();

void write(Level level, std::string_view subsystem, std::string_view text);

template <class... Args>
void line(Level at, std::string_view subsystem, fmt::format_string<Args...> format,
          Args&&... args) {
    if (at >= level()) {
        write(at, subsystem, fmt::format(format, std::forward<Args>(args)...));
    }
}

} // namespace mcast::log
