// Text to configuration values, with file, line and column in every error; and back.
//
// The grammar is TOML; `parse` knows every key, its type, its bounds and its defaults, and refuses
// unknown keys. It runs nothing and touches nothing but the text it is given.
//   workers, ports, pools, memory     -> platform::Config
//   interfaces, routes, groups, limits, sockets, log -> control::Config
// print() writes a text that parses to an equal value. Start-up and control thread.
#pragma once

#include "mcast/control/config.h"
#include "mcast/platform/config.h"

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace mcast::config {

struct Config {
    platform::Config platform;
    control::Config control;

    bool operator==(Config const&) const = default;
};

struct Error {
    std::string file;
    unsigned line = 0; // from 1; 0 when the file cannot be read
    unsigned column = 0;
    std::string what;   // what is wrong
    std::string remedy; // what would be right

    // "file:line:column: what; remedy"
    std::string text() const;

    bool operator==(Error const&) const = default;
};

// All errors found, in the order of the file; of a text that is no TOML, the first one only.
using Errors = std::vector<Error>;

std::expected<Config, Errors> parse(std::string_view text, std::string_view file_name);
std::expected<Config, Errors> parse_file(std::string const& path);
std::string print(Config const& config);

// Where the control socket is when the file does not say: "/run/INSTANCE/ctl.sock".
std::string default_socket_path(std::string_view instance);

// Gives the configuration another instance name, as the command line may; the control socket
// follows where it is at its default. The error is a sentence: what a name must be.
std::expected<void, std::string> rename_instance(Config& config, std::string_view name);

} // namespace mcast::config
