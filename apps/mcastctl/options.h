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

struct Options {
    std::string socket;
    Format format = Format::table;
    std::optional<std::chrono::milliseconds> watch; // ask again after as long
    std::chrono::milliseconds timeout{5000};
    api::Request request;
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
