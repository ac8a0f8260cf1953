#include "commands.h"

#include "capture.h"
#include "device.h"
#include "pace.h"
#include "timeline.h"

#include <chrono>
#include <iostream>
#include <optional>
#include <string_view>
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

std::expected<std::size_t, std::string> port_of(std::string const& name, Scenario const& scenario) {
    for (std::size_t port = 0; port < scenario.ports.size(); ++port) {
        if (scenario.ports[port] == name) {
            return port;
        }
    }
    return std::unexpected(fmt::format("the scenario has no port \"{}\"", name));
}

// "WHERE" or "PORT=WHERE" each: where every port of the scenario goes. A device may have a "=" in
// its own arguments, behind a comma.
std::expected<std::vector<std::string>, Exit> places_of(std::vector<std::string> const& texts,
                                                        std::string_view option,
                                                        Scenario const& scenario) {
    std::vector<std::string> places(scenario.ports.size());
    for (auto const& text : texts) {
        auto const equals = text.find('=');
        bool const named = equals != std::string::npos && equals < text.find(',');
        if (!named && places.size() != 1) {
            return std::unexpected(Exit{
                k_exit_usage,
                fmt::format("the scenario has several ports: give {} PORT=... for each", option)});
        }
        auto const port = named ? port_of(text.substr(0, equals), scenario)
                                : std::expected<std::size_t, std::string>{0};
        if (!port) {
            return std::unexpected(Exit{k_exit_usage, port.error()});
        }
        places[*port] = named ? text.substr(equals + 1) : text;
    }
    for (std::size_t port = 0; port < places.size(); ++port) {
        if (places[port].empty()) {
            return std::unexpected(Exit{
                k_exit_usage, fmt::format("port \"{}\" goes nowhere: give {} {}=...",
                                          scenario.ports[port], option, scenario.ports[port])});
        }
    }
    return places;
}

// Where frames go: kernel interfaces or DPDK ports.
class Way {
public:
    static std::expected<Way, Exit> open(SendCommand const& command, Scenario const& scenario) {
        bool const dpdk = !command.devices.empty();
        auto const places = dpdk ? places_of(command.devices, "--device", scenario)
                                 : places_of(command.interfaces, "--interface", scenario);
        if (!places) {
            return std::unexpected(places.error());
        }
        return dpdk ? to_devices(*places, command.eal, scenario) : to_interfaces(*places);
    }
    std::expected<void, std::string> send(Event const& event) {
        return devices_
                   ? send_to(*devices_, PortId{static_cast<PortId::rep>(event.port)}, event.frame)
                   : sinks_[event.port].send(event.frame);
    }
    void finish() const {
        if (devices_) {
            let_leave();
        }
    }

private:
    static std::expected<Way, Exit> to_interfaces(std::vector<std::string> const& names) {
        Way way;
        for (auto const& name : names) {
            auto sink = FrameSink::open_interface(name);
            if (!sink) {
                return std::unexpected(Exit{k_exit_no_interface, sink.error()});
            }
            way.sinks_.push_back(std::move(*sink));
        }
        return way;
    }
    static std::expected<Way, Exit> to_devices(std::vector<std::string> const& devices,
                                               std::vector<std::string> const& eal,
                                               Scenario const& scenario) {
        std::vector<platform::NamedDevice> all;
        all.reserve(devices.size());
        for (std::size_t port = 0; port < devices.size(); ++port) {
            all.push_back({scenario.ports[port], devices[port]});
        }
        auto opened = open_devices(all, eal);
        if (!opened) {
            return std::unexpected(Exit{opened.error().exit_code, opened.error().sentence});
        }
        Way way;
        way.devices_.emplace(std::move(*opened));
        return way;
    }

    std::vector<FrameSink> sinks_;
    std::optional<Ports> devices_;
};

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

std::expected<void, std::string> set_pace(SendCommand const& command, Scenario& scenario) {
    Pace pace{.rate = command.rate, .count = command.count};
    if (!command.duration.empty()) {
        pace.duration = parse_duration(command.duration);
        if (!pace.duration) {
            return std::unexpected("--duration wants \"10s\", \"500ms\" ...");
        }
    }
    return apply(pace, scenario);
}

int fail(int code, std::string const& why) {
    std::cerr << fmt::format("mcastgen: {}\n", why);
    return code;
}

} // namespace

int run(SendCommand const& command) {
    auto scenario = read_scenario(command.scenario);
    if (!scenario) {
        for (auto const& error : scenario.error()) {
            std::cerr << error.text() << '\n';
        }
        return k_exit_bad_scenario;
    }
    if (auto const paced = set_pace(command, *scenario); !paced) {
        return fail(k_exit_usage, paced.error());
    }
    auto way = Way::open(command, *scenario);
    if (!way) {
        return fail(way.error().code, way.error().why);
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
        if (auto const done = way->send(*event); !done) {
            return fail(k_exit_no_interface, done.error());
        }
        progress.at(++sent, Clock::now());
    }
    auto const took = std::chrono::duration<double>(Clock::now() - start).count();
    way->finish();
    std::cout << fmt::format("{} of {} frames sent in {:.3f} s\n", sent, timeline.total(), took);
    return sent == timeline.total() ? k_exit_ok : k_exit_not_clean;
}

} // namespace mcast::gen
