// mcastgen: traffic, IGMP conversations and a checking receiver. See scenario.h for the scenario
// file, stamp.h for what datagrams carry, checker.h for what is counted.
#include "commands.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <iostream>

#include <CLI/CLI.hpp>

namespace mcast::gen {
namespace {

std::sig_atomic_t volatile stop_asked = 0;

void add_pcap(CLI::App& app, PcapCommand& command) {
    auto* const sub = app.add_subcommand("pcap", "write a scenario as capture files");
    sub->add_option("scenario", command.scenario, "scenario file")->required();
    auto* const where = sub->add_option_group("output");
    where->add_option("-d,--directory", command.directory, "one file a port: DIR/PORT.pcap");
    where->add_option("-o,--output", command.file, "one file for all ports");
    where->require_option(1);
    sub->add_flag("--progress", command.progress,
                  "say each second how far it is, not on a terminal alone");
}

void add_send(CLI::App& app, SendCommand& command) {
    auto* const sub = app.add_subcommand("send", "send a scenario at its own pace");
    sub->add_option("scenario", command.scenario, "scenario file")->required();
    auto* const where = sub->add_option_group("output");
    where->add_option("-i,--interface", command.interfaces,
                      "kernel interface; PORT=IF when the scenario has several ports");
    where->add_option("--device", command.devices,
                      "DPDK device as EAL takes it, a PCI address or a virtual one such as "
                      "net_af_packet0,iface=eth1; PORT=DEVICE when the scenario has several ports");
    where->require_option(1);
    sub->add_option("--rate", command.rate,
                    "datagrams a second of each flow, instead of the scenario's interval");
    sub->add_option("--count", command.count, "datagrams of each flow, instead of the scenario's");
    sub->add_option("--duration", command.duration, "each flow sends for so long");
}

void add_check(CLI::App& app, CheckCommand& command) {
    auto* const sub = app.add_subcommand(
        "check", "count received, lost, duplicated, reordered, corrupted, late; exit 1 unless all "
                 "is well");
    auto* const from = sub->add_option_group("input");
    from->add_option("file", command.file, "capture file");
    from->add_option("-i,--interface", command.interface, "kernel interface to listen on");
    from->add_option("--device", command.device, "DPDK device to listen on, as in `send`");
    from->require_option(1);
    sub->add_option("--scenario", command.scenario, "scenario file, for the names of flows");
    sub->add_option("--expect", command.expected,
                    "FLOW=COUNT or FLOW=FIRST-LAST must arrive and nothing else; or none");
    sub->add_option("--late-after", command.late_after, "longest time from sending to arrival");
    sub->add_option("--window", command.window, "sequence numbers remembered per flow")
        ->check(CLI::Range(1, 16777216));
    sub->add_option("--duration", command.duration, "how long to listen")->capture_default_str();
    sub->add_option("--quiet", command.quiet, "stop listening after so long a silence");
    sub->add_option_function<std::string>(
           "-o,--output", [&](std::string const& format) { command.json = format == "json"; },
           "table or json")
        ->check(CLI::IsMember({"table", "json"}));
}

void add_flood(CLI::App& app, FloodCommand& command) {
    auto* const sub = app.add_subcommand(
        "flood", "attack a router of your own: forged IGMP of every kind, out of an interface");
    sub->add_option("-i,--interface", command.interface, "kernel interface on the router's link")
        ->required();
    sub->add_option("--router", command.router,
                    "the router's address with the link's prefix length, 10.2.0.1/24")
        ->required();
    sub->add_option("--victims", command.victims,
                    "groups that somebody watches: every fourth message means one of them");
    sub->add_option("--source", command.source, "who sends to them");
    sub->add_option("--count", command.count, "messages")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}))
        ->capture_default_str();
    sub->add_option("--rate", command.rate, "messages a second")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{10'000'000}))
        ->capture_default_str();
    sub->add_option("--seed", command.seed, "the same seed gives the same messages")
        ->capture_default_str();
    sub->add_option_function<std::string>(
           "-o,--output", [&](std::string const& format) { command.json = format == "json"; },
           "table or json")
        ->check(CLI::IsMember({"table", "json"}));
}

void add_rfc3918(CLI::App& app, Rfc3918Command& command) {
    auto* const sub = app.add_subcommand(
        "rfc3918", "measure a multicast router by RFC 3918: throughput, latency, join and leave "
                   "delay, group capacity; exit 1 unless all could be measured");
    sub->add_option("plan", command.plan, "test plan; mcastgen(8) tells its keys")->required();
    sub->add_option("--report", command.report, "JSON file of the report, beside what is printed");
    sub->add_option_function<std::string>(
           "-o,--output", [&](std::string const& format) { command.json = format == "json"; },
           "table or json")
        ->check(CLI::IsMember({"table", "json"}));
}

int main_program(int argc, char** argv) {
    // What stands behind "--" is for EAL, word by word.
    char** const end = argv + argc;
    char** const split =
        std::find_if(argv, end, [](char const* word) { return std::strcmp(word, "--") == 0; });
    CLI::App app("Multicast traffic generator and checking receiver.\n"
                 "Arguments behind -- go to DPDK's environment (EAL) where --device is used, which "
                 "takes\n64 MB without hugepages; with them: -- --in-memory -m 256.",
                 "mcastgen");
    app.footer("Exit codes: 0 all is well, 1 it is not (or not all was sent), 64 usage, 65 "
               "scenario or plan, 69 interface,\nport or capture, 71 memory or EAL, 73 output, 77 "
               "permission.");
    app.set_version_flag("--version", "mcastgen " MCAST_VERSION);
    app.require_subcommand(1);
    PcapCommand pcap;
    SendCommand send;
    CheckCommand check;
    FloodCommand flood;
    Rfc3918Command rfc3918;
    add_flood(app, flood);
    add_pcap(app, pcap);
    add_send(app, send);
    add_check(app, check);
    add_rfc3918(app, rfc3918);
    try {
        app.parse(static_cast<int>(split - argv), argv);
    } catch (CLI::ParseError const& error) {
        return app.exit(error) == 0 ? k_exit_ok : k_exit_usage;
    }
    if (split != end) {
        send.eal.assign(split + 1, end);
        check.eal = rfc3918.eal = send.eal;
        if (send.devices.empty() && check.device.empty() && rfc3918.plan.empty()) {
            std::cerr << "mcastgen: arguments behind -- go to DPDK: give --device as well\n";
            return k_exit_usage;
        }
    }
    std::signal(SIGINT, [](int) { ask_to_stop(); });
    std::signal(SIGTERM, [](int) { ask_to_stop(); });
    if (app.got_subcommand("flood")) {
        return run(flood);
    }
    if (app.got_subcommand("pcap")) {
        return run(pcap);
    }
    if (app.got_subcommand("rfc3918")) {
        return run(rfc3918);
    }
    return app.got_subcommand("send") ? run(send) : run(check);
}

} // namespace

void ask_to_stop() {
    stop_asked = 1;
}
bool asked_to_stop() {
    return stop_asked != 0;
}

} // namespace mcast::gen

int main(int argc, char** argv) {
    return mcast::gen::main_program(argc, argv);
}
