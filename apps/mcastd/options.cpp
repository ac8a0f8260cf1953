#include "options.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstring>

namespace mcastd {

std::variant<Options, ExitWith> parse_command_line(int argc, char** argv) {
    // What stands behind "--" is for EAL, word by word.
    char** const end = argv + argc;
    char** const split =
        std::find_if(argv, end, [](char const* word) { return std::strcmp(word, "--") == 0; });
    Options options;
    if (split != end) {
        options.eal.assign(split + 1, end);
    }
    CLI::App app{"mcastd: a multicast router that bypasses the kernel.\n"
                 "Arguments behind -- go to DPDK's environment (EAL)."};
    app.set_version_flag("--version", "mcastd " MCAST_VERSION);
    app.add_option("-c,--config", options.config_file, "configuration file (TOML)")
        ->required()
        ->type_name("FILE");
    app.add_flag("--check", options.check,
                 "check the configuration and exit: 0 when it is right, 65 when not");
    app.add_option("-i,--instance", options.instance, "name of this instance; also EAL's prefix")
        ->type_name("NAME");
    app.add_flag("--replay", options.replay,
                 "replay the captures of pcap ports once, by their own time, then answer questions "
                 "until stopped");
    app.footer("Exit codes: 0 stopped as asked, 64 usage, 65 configuration, 69 port or driver, "
               "70 internal, 71 memory or EAL, 73 socket, 77 permission.");
    try {
        app.parse(static_cast<int>(split - argv), argv);
    } catch (CLI::ParseError const& error) {
        return ExitWith{app.exit(error) == 0 ? 0 : k_exit_usage};
    }
    return options;
}

} // namespace mcastd
