#include "commands.h"

#include "capture.h"
#include "check_report.h"
#include "device.h"
#include "expectation.h"
#include "progress.h"
#include "scenario.h"

#include <chrono>
#include <iostream>

#include <fmt/format.h>

namespace mcast::gen {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds k_progress_every{5};

int fail(int code, std::string const& why) {
    std::cerr << fmt::format("mcastgen: {}\n", why);
    return code;
}

// When listening on an interface ends. A file ends by itself.
struct Listening {
    std::optional<Duration> duration;
    std::optional<Duration> quiet;
};

std::uint64_t stamped(Checker const& checker) {
    auto const result = checker.result();
    return result.frames - result.other;
}

template <class Source>
std::expected<void, std::string> feed(Source& source, Checker& checker, Listening const& until) {
    auto const start = Clock::now();
    auto last_stamped = start;
    Progress progress(start, k_progress_every);
    std::uint64_t seen = 0;
    for (;;) {
        auto const read = source.read(
            [&](wire::Bytes frame, Duration arrived) { checker.frame(frame, arrived); });
        if (!read) {
            return std::unexpected(read.error());
        }
        if (*read == FrameSource::Read::end || asked_to_stop()) {
            return {};
        }
        auto const now = Clock::now();
        if (progress.due(now)) {
            std::cerr << fmt::format("mcastgen: {} datagrams so far\n", stamped(checker));
        }
        if (!until.duration) {
            continue;
        }
        if (now - start >= *until.duration) {
            return {};
        }
        if (*read == FrameSource::Read::frame) {
            continue;
        }
        // A moment of silence: time to look up.
        auto const count = stamped(checker);
        last_stamped = count != seen ? now : last_stamped;
        seen = count;
        if (until.quiet && seen != 0 && now - last_stamped >= *until.quiet) {
            return {};
        }
    }
}

std::expected<Listening, std::string> listening(CheckCommand const& command) {
    Listening until;
    if (command.interface.empty() && command.device.empty()) {
        return until;
    }
    until.duration = parse_duration(command.duration);
    if (!until.duration) {
        return std::unexpected("--duration wants \"10s\", \"500ms\" ...");
    }
    until.quiet = parse_duration(command.quiet);
    if (!command.quiet.empty() && !until.quiet) {
        return std::unexpected("--quiet wants \"1s\", \"500ms\" ...");
    }
    return until;
}

template <class Source>
int listen(Source& source, Checker& checker, Listening const& until) {
    if (auto const fed = feed(source, checker, until); !fed) {
        return fail(k_exit_no_interface, fed.error());
    }
    if (auto const missed = source.missed(); missed != 0) {
        std::cerr << fmt::format("mcastgen: {} frames were dropped before they could be checked\n",
                                 missed);
    }
    return k_exit_ok;
}

// A capture file or a kernel interface.
int listen_to_kernel(CheckCommand const& command, Checker& checker, Listening const& until) {
    auto source = command.interface.empty() ? FrameSource::open_file(command.file)
                                            : FrameSource::open_interface(command.interface);
    return source ? listen(*source, checker, until) : fail(k_exit_no_interface, source.error());
}

int listen_to_device(CheckCommand const& command, Checker& checker, Listening const& until) {
    platform::NamedDevice const device{"in", command.device};
    auto ports = open_devices({&device, 1}, command.eal);
    if (!ports) {
        return fail(ports.error().exit_code, ports.error().sentence);
    }
    std::cerr << fmt::format("mcastgen: listening on {}\n", command.device);
    DeviceSource source(*ports);
    return listen(source, checker, until);
}

} // namespace

int run(CheckCommand const& command) {
    FlowNames names;
    if (!command.scenario.empty()) {
        auto const scenario = read_scenario(command.scenario);
        if (!scenario) {
            for (auto const& error : scenario.error()) {
                std::cerr << error.text() << '\n';
            }
            return k_exit_bad_scenario;
        }
        for (auto const& flow : scenario->flows) {
            names[flow.id] = flow.name;
        }
    }
    CheckOptions options{.window = command.window,
                         .late_after = parse_duration(command.late_after)};
    if (!command.late_after.empty() && !options.late_after) {
        return fail(k_exit_usage, "--late-after wants \"10ms\", \"1s\" ...");
    }
    auto expectations = parse_expectations(command.expected, names);
    if (!expectations) {
        return fail(k_exit_usage, expectations.error());
    }
    options.only_expected = !command.expected.empty();
    auto const until = listening(command);
    if (!until) {
        return fail(k_exit_usage, until.error());
    }
    Checker checker(options, std::move(*expectations));
    int const failed = command.device.empty() ? listen_to_kernel(command, checker, *until)
                                              : listen_to_device(command, checker, *until);
    if (failed != k_exit_ok) {
        return failed;
    }
    auto const result = checker.result();
    std::cout << (command.json ? check_json(result, names) : check_table(result, names));
    return result.clean() ? k_exit_ok : k_exit_not_clean;
}

} // namespace mcast::gen
