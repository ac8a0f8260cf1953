// JSON values as cells of a table. Whatever the daemon sends has a text: what is absent, null or of
// another type than expected is "-" or its JSON, never an error.
#pragma once

#include "table.h"

#include "mcast/api/messages.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace mcast::ctl {

using api::Json;

enum class Kind : std::uint8_t {
    plain,   // numbers on the right, texts as they are, true and false as "yes" and "no"
    seconds, // 95.4 as "1m35s"
    brief,   // 0.0012 as "1.200ms"; from a second on like seconds
    alarm,   // "no", or a doubtful "yes"
    list,    // joined with commas; "-" when empty
    state,   // a word in its tone: "up" is good, "down" is bad
    count,   // of trouble: anything but 0 is doubtful
    percent,
};

// A member, by a path such as "igmp.role"; null when it is not there.
Json const& member(Json const& object, std::string_view path);

Cell cell(Json const& value, Kind kind);

// "1d2h", "2h5m", "1m35s", "4.2s": two units are enough for people.
std::string seconds_text(double seconds);
std::string brief_text(double seconds);

} // namespace mcast::ctl
