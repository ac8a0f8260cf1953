// The command line: mcastd --config FILE [--check] [--instance NAME] [--replay] [-- EAL arguments]
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace mcastd {

// sysexits.h, as far as the platform has not named them already.
inline constexpr int k_exit_usage = 64;
inline constexpr int k_exit_config = 65;
inline constexpr int k_exit_internal = 70;
inline constexpr int k_exit_socket = 73;

struct Options {
    std::string config_file;
    std::optional<std::string> instance;
    bool check = false;
    bool replay = false;
    std::vector<std::string> eal;
};

struct ExitWith {
    int code = 0;
};

// ExitWith: help, version or a mistake; what there is to say has been printed.
std::variant<Options, ExitWith> parse_command_line(int argc, char** argv);

} // namespace mcastd
