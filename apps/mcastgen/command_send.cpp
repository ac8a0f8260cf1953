#include "commands.h"

#include "capture.h"
#include "timeline.h"

#include <chrono>
#include <iostream>
#include <thread>

#include <fmt/format.h>

namespace mcast::gen {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds k_progress_every{1};
// Longest sleep, so that a request to stop is heard soon.
constexpr std::chrono::milliseconds k_nap{100};

struct Exit {
    int code;
    std::string why;
};

// "IF" is good for a scenario of one port; "PORT=IF" names the port.
std::expected<std::size_t, std::string> port_of(std::string const& name, Scenario const& scenario) {
    for (std::size_t port = 0; port < scenario.ports.size(); ++port) {
        if (scenario.ports[port] == name) {
            return port;
        }
    }
    return std::unexpected(fmt::format("the scenario has no port \"{}\"", name));
}

std::expected<std::vector<FrameSink>, Exit> open_sinks(SendCommand const& command,
                                                       Scenario const& scenario) {
    std::vector<std::string> names(scenario.ports.size());
    for (auto const& text : command.interfaces) {
        auto const equals = text.find('=');
        if (equals == std::string::npos && names.size() != 1) {
            return std::unexpected(Exit{
                k_exit_usage, "the scenario has several ports: give --interface PORT=IF for each"});
        }
        auto const port = equals == std::string::npos ? std::expected<std::size_t, std::string>{0}
                                                      : port_of(text.substr(0, equals), scenario);
        if (!port) {
            return std::unexpected(Exit{k_exit_usage, port.error()});
        }
        names[*port] = equals == std::string::npos ? text : text.substr(equals + 1);
    }
    std::vector<FrameSink> sinks;
    for (std::size_t port = 0; port < names.size(); ++port) {
        if (names[port].empty()) {
            return std::unexpected(
                Exit{k_exit_usage, fmt::format("port \"{}\" has no interface: give --interface "
                                               "{}=IF",
                                               scenario.ports[port], scenario.ports[port])});
        }
        auto sink = FrameSink::open_interface(names[port]);
        if (!sink) {
            return std::unexpected(Exit{k_exit_no_interface, sink.error()});
        }
        sinks.push_back(std::move(*sink));
    }
    return sinks;
}

// Prints how far a long run is, once a second.
class Progress {
public:
    Progress(std::uint64_t total, Clock::time_point start)
        : total_(total), next_(start + k_progress_every) {}

    void at(std::uint64_t sent, Clock::time_point now) {
        if (now >= next_) {
            next_ = now + k_progress_every;
            std::cerr << fmt::format("mcastgen: {} of {} frames sent ({}%)\n", sent, total_,
                                     total_ == 0 ? 100 : sent * 100 / total_);
        }
    }

private:
    std::uint64_t total_;
    Clock::time_point next_;
};

// False when asked to stop before `due`.
bool wait_until(Clock::time_point due, std::uint64_t sent, Progress& progress) {
    for (auto now = Clock::now(); now < due; now = Clock::now()) {
        if (asked_to_stop()) {
            return false;
        }
        std::this_thread::sleep_for(std::min<Clock::duration>(due - now, k_nap));
        progress.at(sent, Clock::now());
    }
    return !asked_to_stop();
}

} // namespace

int run(SendCommand const& command) {
    if (!command.device.empty()) {
        std::cerr << "mcastgen: --device is not supported: this build sends to kernel interfaces "
                     "only; use --interface, or `mcastgen pcap` and a net_pcap device\n";
        return k_exit_usage;
    }
    auto scenario = read_scenario(command.scenario);
    if (!scenario) {
        for (auto const& error : scenario.error()) {
            std::cerr << error.text() << '\n';
        }
        return k_exit_bad_scenario;
    }
    auto sinks = open_sinks(command, *scenario);
    if (!sinks) {
        std::cerr << fmt::format("mcastgen: {}\n", sinks.error().why);
        return sinks.error().code;
    }
    // Stamps carry the real time of day, so that a receiver on this clock can judge lateness.
    scenario->start_time = std::chrono::system_clock::now().time_since_epoch();
    auto const start = Clock::now();
    Timeline timeline(*scenario);
    Progress progress(timeline.total(), start);
    std::uint64_t sent = 0;
    while (auto const event = timeline.next()) {
        if (!wait_until(start + event->at, sent, progress)) {
            break;
        }
        if (auto const done = (*sinks)[event->port].send(event->frame); !done) {
            std::cerr << fmt::format("mcastgen: {}\n", done.error());
            return k_exit_no_interface;
        }
        progress.at(++sent, Clock::now());
    }
    auto const took = std::chrono::duration<double>(Clock::now() - start).count();
    std::cout << fmt::format("{} of {} frames sent in {:.3f} s\n", sent, timeline.total(), took);
    return sent == timeline.total() ? k_exit_ok : k_exit_not_clean;
}

} // namespace mcast::gen
