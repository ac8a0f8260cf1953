// The wiring, and nothing else. Who reads run() from top to bottom knows the whole house:
//
//   configuration - socket - EAL - pools - ports - what both kinds of core share - workers -
//   control
//
// Each refers to those before it, and they are taken down in the opposite order. The socket comes
// first since a second instance fails at it, before it touches a port; who connects early waits.

#include "accounts.h"
#include "live.h"
#include "options.h"
#include "replay.h"
#include "reports.h"
#include "service.h"
#include "signals.h"
#include "workers.h"

#include "mcast/api/server.h"
#include "mcast/base/heap.h"
#include "mcast/base/log.h"
#include "mcast/config/config.h"
#include "mcast/control/control_loop.h"
#include "mcast/platform/clock.h"
#include "mcast/platform/eal.h"

#include <fmt/core.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <expected>
#include <optional>
#include <random>
#include <utility>

namespace mcastd {

using namespace mcast;

namespace {

using log::Level;

int refuse(int exit_code, std::string const& sentence) {
    log::line(Level::error, "start", "{}", sentence);
    return exit_code;
}

int refuse(platform::StartError const& error) {
    return refuse(error.exit_code, error.sentence);
}

std::uint64_t seed_of_the_system() {
    std::random_device random;
    return (std::uint64_t{random()} << 32) | random();
}

// Higher at each start, so that DVMRP's neighbours know of it. Wraps in 2106.
std::uint32_t generation_of_the_clock() {
    auto const since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::seconds>(since_epoch).count());
}

// What traces tell of time is of the wall clock; turns have another.
Duration wall_before_now() {
    return std::chrono::system_clock::now().time_since_epoch() - platform::now().time_since_epoch();
}

// What serving needs, and when it ended: the last time that control was told, or an exit code.
struct Router {
    config::Config const& config;
    platform::Ports& ports;
    control::ControlLoop& control;
    Workers& workers;
};
using Served = std::expected<TimePoint, int>;

std::expected<api::Server, int> open_sockets(control::SocketConfig const& socket) {
    auto server = api::Server::open({socket.path, socket.group, socket.monitor_path});
    if (!server) {
        return std::unexpected(refuse(k_exit_socket, server.error()));
    }
    return std::move(*server);
}

// Who waits for the socket waits for the end of the replay; then time stands still.
Served serve_replay(Router router) {
    router.control.start(k_replay_start);
    Replay replay(router.control, router.workers.only());
    platform::ReplaySource source(router.ports.queues_of(WorkerId{0}).receive, k_replay_origin);
    replay.run(source);
    auto server = open_sockets(router.config.control.socket);
    if (!server) {
        return std::unexpected(server.error());
    }
    notify_ready();
    while (!stop_requested()) {
        server->poll([&](api::Request const& request) {
            return router.control.answer(request, replay.now());
        });
        nap(*server, std::chrono::milliseconds{100});
    }
    return replay.now();
}

Served serve_live(Router router, api::Server& server) {
    router.control.start(platform::now());
    if (auto launched = router.workers.launch(); !launched) {
        return std::unexpected(refuse(launched.error()));
    }
    notify_ready();
    run_live(router.control, router.ports, server);
    return platform::now();
}

int run(config::Config const& config, Options const& options) {
    std::optional<api::Server> server; // of a replay: opened when it is over
    if (!options.replay) {
        auto opened = open_sockets(config.control.socket);
        if (!opened) {
            return opened.error();
        }
        server.emplace(std::move(*opened));
    }
    auto eal = platform::Eal::start(config.platform, options.eal);
    if (!eal) {
        return refuse(eal.error());
    }
    log::line(Level::notice, "start", "mcastd {}; EAL: {}", MCAST_VERSION, eal->line());
    platform::Places const places = platform::Ports::places(config.platform);
    auto pools =
        platform::Pools::create(config.platform.pools, "mcast", platform::Pools::nodes(places));
    if (!pools) {
        return refuse(pools.error());
    }
    Mac const router_mac = config.control.router_mac.value_or(Mac{});
    auto ports = platform::Ports::open(config.platform, router_mac, *pools, places);
    if (!ports) {
        return refuse(ports.error());
    }
    for (std::string const& sentence : ports->warnings()) {
        log::line(Level::warning, "start", "{}", sentence);
    }
    if (auto started = ports->start(); !started) {
        return refuse(started.error());
    }
    std::size_t const worker_count = config.platform.workers.cores.size();
    platform::Qsbr grace(worker_count);
    handoff::Shared shared(worker_count, config.control.limits.entries,
                           channel_sizes(config.platform), grace, seed_of_the_system());
    control::ControlLoop control(config.control, port_facts(*ports), shared, grace,
                                 make_reporters(config, *ports, *pools),
                                 {seed_of_the_system(), generation_of_the_clock(),
                                  options.replay ? Duration{} : wall_before_now()});
    Workers workers(config, *ports, *pools, shared, grace);

    Router const router{config, *ports, control, workers};
    Served const served = server ? serve_live(router, *server) : serve_replay(router);
    if (!served) {
        return served.error();
    }
    notify_stopping();
    if (server) {
        say_goodbye(control, shared);
    }
    workers.stop();
    control.stop(*served);
    ports->close();
    return close_the_books(control, *pools, *served) ? 0 : k_exit_internal;
}

} // namespace

int start(int argc, char** argv) {
    auto const parsed = parse_command_line(argc, argv);
    if (auto const* exit = std::get_if<ExitWith>(&parsed)) {
        return exit->code;
    }
    auto const& options = std::get<Options>(parsed);
    auto config = config::parse_file(options.config_file);
    if (!config) {
        for (config::Error const& error : config.error()) {
            fmt::print(stderr, "{}\n", error.text());
        }
        return k_exit_config;
    }
    if (options.check) {
        return 0;
    }
    if (options.instance) {
        if (auto const renamed = config::rename_instance(*config, *options.instance); !renamed) {
            return refuse(k_exit_usage, renamed.error());
        }
    }
    if (options.replay && config->platform.workers.cores.size() != 1) {
        return refuse(k_exit_config,
                      "--replay runs one worker: configure a single core under [workers]");
    }
    log::set_level(log::parse_level(config->control.log.level).value_or(Level::notice));
    catch_signals();
    return run(*config, options);
}

} // namespace mcastd

int main(int argc, char** argv) {
    mcast::free_at_once();
    try {
        return mcastd::start(argc, argv);
    } catch (std::exception const& error) {
        mcast::log::line(mcast::log::Level::error, "start", "internal error: {}", error.what());
        return mcastd::k_exit_internal;
    }
}
