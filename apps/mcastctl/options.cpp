#include "options.h"

#include "protocol_options.h"

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

constexpr std::array<Page, 14> k_pages{{
    {"status", "versions, limits, pools, and whether every packet is accounted for"},
    {"config", "the running configuration, as a file that mcastd reads"},
    {"ports", "devices: driver, link, modes, counters"},
    {"interfaces", "subnets: addresses, protocols, owners, IGMP role"},
    {"groups", "who wants which group and source on which interface, and how long still"},
    {"entries", "forwarding entries: where a stream comes in, where it goes out, how much"},
    {"memberships", "who wants which group where: the owner, IGMP, and whether that is stale"},
    {"owners", "which protocol owns each interface, IGMP's gate, how the last hand-over went"},
    {"proxy", "IGMP proxying: upstream, its querier and our answers, downstream roles"},
    {"proxy-groups", "what the proxy asks for upstream: groups, filters, what is still reported"},
    {"alerts", "how often the group manager told each protocol what, and asked it"},
    {"events", "what the group manager did: the last changes of hands, alerts, entries, refusals"},
    {"drops", "what was not forwarded, by interface and reason"},
    {"workers", "cores that forward: load, packets, queues to the control core"},
}};

// Known to those who read about this router, and not there yet: refused by name, not as wrong
// usage.
constexpr std::array<char const*, 6> k_later_pages{"sources", "routes", "neighbors",
                                                   "pools",   "limits", "log"};
constexpr std::array<char const*, 8> k_later_commands{"reload",  "config", "drain", "log",
                                                      "capture", "trace",  "add",   "remove"};
constexpr char const* k_examples = R"(
Examples:
  mcastctl show status
  mcastctl show entries --watch            again every 2 seconds, until Ctrl-C
  mcastctl show groups -o json             for programs
  mcastctl show igmp groups lan 239.1.1.1  who wants it there, and how long still
  mcastctl explain 10.1.1.1 239.1.1.1      why a stream goes where it goes
  mcastctl explain 10.1.1.1 239.1.1.1 in wan    when it arrives on wan
  mcastctl owner take lan static --wait    static takes interface lan; streams go on
  mcastctl clear igmp groups lan           forget them; hosts are asked again
  mcastctl igmp query lan                  ask them now what they want
  mcastctl watch owner                     changes of hands as they happen, until Ctrl-C
  mcastctl topology --svg > topology.svg   links, neighbours and streams as a picture

Exit codes: 0 ok, 1 the daemon refused, 2 no daemon, 3 timeout, 64 wrong usage.)";

constexpr double k_longest_seconds = 86400;
constexpr int k_most_kinds = 32;

std::chrono::milliseconds milliseconds(double seconds) {
    return std::chrono::milliseconds{std::llround(seconds * 1000)};
}

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

api::Request list_request(std::string const& page, std::vector<std::string> const& words) {
    api::Request request{"show", {page}, {}};
    request.arguments.insert(request.arguments.end(), words.begin(), words.end());
    return request;
}

void add_show(CLI::App& app, Raw& raw, Options& options) {
    CLI::App* const show = app.add_subcommand("show", "show a table of the daemon's state");
    show->require_subcommand(1);
    show->footer("\nExample:\n  mcastctl show entries -o jsonl");
    for (char const* const name : k_later_pages) {
        add_later(*show, "show ", name, raw.later);
    }
    add_show_igmp(*show, raw, options);
    add_show_dvmrp(*show, raw, options);
    for (Page const& page : k_pages) {
        CLI::App* const command = show->add_subcommand(page.name, page.description);
        command->footer(
            fmt::format("\nExamples:\n  mcastctl show {0}\n  mcastctl show {0} -o json\n"
                        "  mcastctl show {0} --watch=1",
                        page.name));
        std::string_view const name = page.name;
        bool const listed = name == "entries" || name == "memberships" || name == "events" ||
                            name == "proxy-groups";
        if (name == "memberships") {
            add_words(*command, raw, "WHERE", "an interface, a group, or both", 2);
        } else if (name == "events") {
            add_words(*command, raw, "KIND", "owner, alert, entry, trouble, or a kind of event",
                      k_most_kinds);
        }
        command->callback([&raw, &options, &page, listed] {
            options.task = listed ? Task::list : Task::ask;
            options.request = list_request(page.name, raw.words);
        });
    }
}

void add_watch(CLI::App& app, Raw& raw, Options& options) {
    CLI::App* const watch = app.add_subcommand(
        "watch", "print what the group manager does as it happens, until Ctrl-C");
    add_words(*watch, raw, "KIND", "owner, alert, entry, trouble, or a kind of event",
              k_most_kinds);
    watch->add_option("--count", raw.count, "end after so many events")
        ->type_name("N")
        ->check(CLI::PositiveNumber.description(""));
    watch->footer("\nExamples:\n  mcastctl watch\n  mcastctl watch owner refused\n"
                  "  mcastctl watch entry --count 10 -o json    an object a line");
    watch->callback([&raw, &options] {
        options.task = Task::follow;
        options.request = list_request("events", raw.words);
        if (raw.count != 0) {
            options.count = raw.count;
        }
    });
}

void add_topology(CLI::App& app, Options& options) {
    CLI::App* const topology =
        app.add_subcommand("topology", "draw this router, its links, neighbours and streams");
    auto* const svg = topology->add_flag_callback(
        "--svg", [&options] { options.drawing = Drawing::svg; }, "as a drawing for a browser");
    topology
        ->add_flag_callback(
            "--dot", [&options] { options.drawing = Drawing::dot; }, "for Graphviz (the default)")
        ->excludes(svg);
    topology->footer("\nExamples:\n  mcastctl topology --svg > topology.svg\n"
                     "  mcastctl topology --dot | dot -Tpng > topology.png\n"
                     "  mcastctl topology -o json");
    topology->callback([&options] { options.task = Task::topology; });
}

void add_owner_change(CLI::App& owner, char const* name, char const* description, Raw& raw,
                      Options& options) {
    CLI::App* const change = owner.add_subcommand(name, description);
    change->add_option("INTERFACE", raw.interface, "name of the interface")
        ->option_text(" ")
        ->required();
    change->add_option("PROTOCOL", raw.protocol, "static, igmp, proxy or dvmrp")
        ->option_text(" ")
        ->required();
    change
        ->add_flag("--wait{10}", raw.wait,
                   "until the change is complete, at most SECONDS, --wait=SECONDS (default 10)")
        ->check(CLI::Range(0.001, k_longest_seconds).description(""));
    change->footer(fmt::format("\nExample:\n  mcastctl owner {} lan static --wait", name));
    change->callback([&raw, &options, name] {
        options.task = Task::change_owner;
        options.request = {"owner", {name, raw.interface, raw.protocol}, {}};
        if (!raw.wait.empty()) {
            options.wait = milliseconds(std::strtod(raw.wait.c_str(), nullptr));
        }
    });
}

void add_owner(CLI::App& app, Raw& raw, Options& options) {
    CLI::App* const owner =
        app.add_subcommand("owner", "change which protocol owns an interface; streams go on");
    owner->require_subcommand(1);
    add_owner_change(*owner, "take", "the protocol takes the interface", raw, options);
    add_owner_change(*owner, "release", "the protocol gives the interface up", raw, options);
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
    add_show(app, raw, options);
    add_explain(app, raw, options.request);
    add_owner(app, raw, options);
    add_clear(app, raw, options);
    add_igmp(app, raw, options);
    add_watch(app, raw, options);
    add_topology(app, options);
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
    bool const asks = options.task == Task::ask || options.task == Task::list;
    if (!asks && !raw.watch.empty()) {
        return std::unexpected(
            Ending{k_exit_usage, {}, "mcastctl: --watch is for show and explain\n"});
    }
    options.request.options = api::Json::object();
    options.socket =
        raw.socket.empty() ? fmt::format("/run/{}/ctl.sock", raw.instance) : raw.socket;
    options.format = *parse_format(raw.format);
    options.instance = raw.instance;
    options.timeout = milliseconds(raw.timeout);
    if (!raw.watch.empty()) {
        options.watch = milliseconds(std::strtod(raw.watch.c_str(), nullptr));
    }
    return options;
}

} // namespace mcast::ctl
