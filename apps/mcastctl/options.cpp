#include "options.h"

#include "mcast/base/ipv4.h"

#include <array>
#include <cmath>
#include <cstdlib>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace mcast::ctl {

namespace {

struct Page {
    char const* name;
    char const* description;
};

constexpr std::array<Page, 10> k_pages{{
    {"status", "versions, limits, pools, and whether every packet is accounted for"},
    {"config", "the running configuration, as a file that mcastd reads"},
    {"ports", "devices: driver, link, modes, counters"},
    {"interfaces", "subnets: addresses, protocols, owners, IGMP role"},
    {"groups", "who wants which group and source on which interface, and how long still"},
    {"entries", "forwarding entries: where a stream comes in, where it goes out, how much"},
    {"owners", "which protocol owns each interface, and whether IGMP may add members"},
    {"alerts", "how often the group manager told each protocol what, and asked it"},
    {"drops", "what was not forwarded, by interface and reason"},
    {"workers", "cores that forward: load, packets, queues to the control core"},
}};

// Known to those who read about this router, and not there yet: refused by name, not as wrong
// usage.
constexpr std::array<char const*, 9> k_later_pages{
    "sources", "routes", "neighbors", "events", "pools", "limits", "log", "topology", "igmp"};
constexpr std::array<char const*, 11> k_later_commands{"owner",    "reload", "config",  "drain",
                                                       "clear",    "log",    "capture", "trace",
                                                       "topology", "add",    "remove"};

constexpr char const* k_examples = R"(
Examples:
  mcastctl show status
  mcastctl show entries --watch            again every 2 seconds, until Ctrl-C
  mcastctl show groups -o json             for programs
  mcastctl explain 10.1.1.1 239.1.1.1      why a stream goes where it goes
  mcastctl explain 10.1.1.1 239.1.1.1 in wan    when it arrives on wan

Exit codes: 0 ok, 1 the daemon refused, 2 no daemon, 3 timeout, 64 wrong usage.)";

constexpr double k_longest_seconds = 86400;

std::chrono::milliseconds milliseconds(double seconds) {
    return std::chrono::milliseconds{std::llround(seconds * 1000)};
}

struct Raw {
    std::string socket;
    std::string instance = "mcastd";
    std::string format = "table";
    std::string watch;
    double timeout = 5;
    std::string source;
    std::string group;
    std::string in;
    std::string interface;
    std::string later; // a command of a later version
};

std::optional<Format> parse_format(std::string_view name) {
    return name == "table"   ? std::optional{Format::table}
           : name == "json"  ? std::optional{Format::json}
           : name == "jsonl" ? std::optional{Format::jsonl}
                             : std::nullopt;
}

void add_global_options(CLI::App& app, Raw& raw) {
    app.add_option("--socket", raw.socket,
                   "path of the daemon's socket (default: /run/INSTANCE/ctl.sock)")
        ->type_name("PATH");
    app.add_option("--instance", raw.instance, "name of the daemon's instance")
        ->type_name("NAME")
        ->capture_default_str()
        ->check([](std::string const& name) {
            bool const good = !name.empty() && name.find('/') == std::string::npos;
            return good ? std::string{} : std::string{"an instance is a name, not a path"};
        });
    app.add_option("-o,--output", raw.format, "table, json, or jsonl (an item a line)")
        ->type_name("FORMAT")
        ->capture_default_str()
        ->check([](std::string const& name) {
            return parse_format(name) ? std::string{}
                                      : fmt::format("\"{}\" is none of table, json, jsonl", name);
        });
    // A text, because CLI11 counts flags of numbers; with "=" alone, so that no word is swallowed.
    app.add_flag("--watch{2}", raw.watch, "ask again every SEC seconds, --watch=SEC (default 2)")
        ->check(CLI::Range(0.1, k_longest_seconds).description(""));
    app.add_option("--timeout", raw.timeout, "seconds to wait for an answer")
        ->type_name("SEC")
        ->capture_default_str()
        ->check(CLI::Range(0.001, k_longest_seconds).description(""));
}

// Takes whatever words follow, and is in no list of help.
void add_later(CLI::App& app, std::string const& before, char const* name, std::string& later) {
    CLI::App* const command = app.add_subcommand(name, "not in this version");
    command->group("");
    command->prefix_command();
    command->allow_extras();
    command->fallthrough(false);
    command->callback([&later, command, before, name] {
        later = before + name;
        auto const words = command->remaining();
        bool const verb = before.empty() && !words.empty() && !words.front().starts_with('-');
        later += verb ? " " + words.front() : "";
    });
}

void add_show(CLI::App& app, api::Request& request, std::string& later) {
    CLI::App* const show = app.add_subcommand("show", "show a table of the daemon's state");
    show->require_subcommand(1);
    show->footer("\nExample:\n  mcastctl show entries -o jsonl");
    for (char const* const name : k_later_pages) {
        add_later(*show, "show ", name, later);
    }
    for (Page const& page : k_pages) {
        CLI::App* const command = show->add_subcommand(page.name, page.description);
        command->footer(
            fmt::format("\nExamples:\n  mcastctl show {0}\n  mcastctl show {0} -o json\n"
                        "  mcastctl show {0} --watch=1",
                        page.name));
        command->callback([&request, &page] { request = {"show", {page.name}, {}}; });
    }
}

std::string judge_address(std::string const& text) {
    return Ipv4::parse(text) ? std::string{} : fmt::format("\"{}\" is no IPv4 address", text);
}

// Throws what CLI11 expects of a callback.
api::Request explain_request(Raw const& raw) {
    api::Request request{"explain", {raw.source, raw.group}, {}};
    if (raw.in.empty()) {
        return request;
    }
    if (raw.in != "in" || raw.interface.empty()) {
        throw CLI::ValidationError("explain", "after SOURCE GROUP comes nothing, or: in INTERFACE");
    }
    request.arguments.insert(request.arguments.end(), {raw.in, raw.interface});
    return request;
}

void add_explain(CLI::App& app, Raw& raw, api::Request& request) {
    CLI::App* const explain = app.add_subcommand(
        "explain", "say in words what happens to a stream on each interface, and why");
    explain->add_option("SOURCE", raw.source, "address of the sender")
        ->option_text(" ")
        ->required()
        ->check(judge_address);
    explain->add_option("GROUP", raw.group, "address of the group")
        ->option_text(" ")
        ->required()
        ->check(judge_address);
    explain->add_option("in", raw.in, "the word \"in\", before an interface")->option_text(" ");
    explain->add_option("INTERFACE", raw.interface, "where the stream arrives")->option_text(" ");
    explain->footer("\nExamples:\n  mcastctl explain 10.1.1.1 239.1.1.1\n"
                    "  mcastctl explain 10.1.1.1 239.1.1.1 in wan");
    explain->callback([&raw, &request] { request = explain_request(raw); });
}

Ending ending_of(CLI::App const& app, CLI::ParseError const& error) {
    std::ostringstream output;
    std::ostringstream errors;
    if (app.exit(error, output, errors) == 0) {
        return {0, output.str(), {}};
    }
    // "A subcommand is required" is true but no help when there is one that is wrong.
    auto const strange = app.remaining(true);
    std::string const sentence =
        strange.empty() ? std::string{error.what()}
                        : fmt::format("\"{}\" is no command or option here", strange.front());
    return {k_exit_usage, {}, fmt::format("mcastctl: {}; --help shows what is\n", sentence)};
}

} // namespace

std::expected<Options, Ending> parse_options(int argc, char const* const* argv) {
    Options options;
    Raw raw;
    CLI::App app{"Asks a running mcastd what it does and why.", "mcastctl"};
    app.set_version_flag("--version", "mcastctl " MCAST_VERSION);
    app.require_subcommand(1);
    app.fallthrough(); // inherited by the commands: options may come after them
    app.footer(k_examples);
    add_global_options(app, raw);
    add_show(app, options.request, raw.later);
    add_explain(app, raw, options.request);
    for (char const* const name : k_later_commands) {
        add_later(app, "", name, raw.later);
    }
    try {
        app.parse(argc, argv);
    } catch (CLI::ParseError const& error) {
        return std::unexpected(ending_of(app, error));
    }
    if (!raw.later.empty()) {
        return std::unexpected(
            Ending{k_exit_refused,
                   {},
                   fmt::format("mcastctl: {} is not available in this version\n", raw.later)});
    }
    options.request.options = api::Json::object();
    options.socket =
        raw.socket.empty() ? fmt::format("/run/{}/ctl.sock", raw.instance) : raw.socket;
    options.format = *parse_format(raw.format);
    options.timeout = milliseconds(raw.timeout);
    if (!raw.watch.empty()) {
        options.watch = milliseconds(std::strtod(raw.watch.c_str(), nullptr));
    }
    return options;
}

} // namespace mcast::ctl
