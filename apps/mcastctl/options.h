// The command line of mcastctl as a value.
#pragma once

#include "mcast/api/messages.h"

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

namespace mcast::ctl {

enum class Format : std::uint8_t { table, json, jsonl };

enum class Task : std::uint8_t {
    ask,          // one question
    list,         // page after page
    follow,       // events as they come
    change_owner, // begin, and perhaps wait
    order,        // one question that changes something: never again by itself
    topology,     // several questions, one picture
};

enum class Drawing : std::uint8_t { dot, svg };

struct Options {
    Task task = Task::ask;
    std::string socket;
    Format format = Format::table;
    std::optional<std::chrono::milliseconds> watch; // ask again after as long
    std::chrono::milliseconds timeout{5000};
    std::optional<std::chrono::milliseconds> wait; // change_owner: until it is complete, so long
    std::optional<std::uint64_t> count;            // follow: end after as many events
    api::Request request;
    Drawing drawing = Drawing::dot; // topology
    std::string instance;           // the name of the router in it
};

// What ends the program before it has asked anything.
struct Ending {
    int code = 0;
    std::string output; // of --help and --version
    std::string error;
};

inline constexpr int k_exit_refused = 1;
inline constexpr int k_exit_no_daemon = 2;
inline constexpr int k_exit_timeout = 3;
inline constexpr int k_exit_usage = 64;

std::expected<Options, Ending> parse_options(int argc, char const* const* argv);

} // namespace mcast::ctl
