// The wiring, and nothing else. Who reads run() from top to bottom knows the whole house:
//
//   configuration - EAL - pools - ports - what both kinds of core share - workers - control -
//   socket
//
// Each refers to those before it, and they are taken down in the opposite order.

#include "accounts.h"
#include "live.h"
#include "options.h"
#include "replay.h"
#include "reports.h"
#include "service.h"
#include "signals.h"
#include "workers.h"

#include "mcast/api/server.h"
#include "mcast/base/log.h"
#include "mcast/config/config.h"
#include "mcast/control/control_loop.h"
#include "mcast/platform/clock.h"
#include "mcast/platform/eal.h"

#include <fmt/core.h>

#include <cstdio>
#include <random>

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

// Answers by the time that stands still; also while we wait to be stopped.
void answer_until_stopped(control::ControlLoop const& control, api::Server& server, TimePoint now) {
    while (!stop_requested()) {
        server.poll([&](api::Request const& request) { return control.answer(request, now); });
        nap(server, std::chrono::milliseconds{100});
    }
}

int run(config::Config const& config, Options const& options) {
    auto eal = platform::Eal::start(config.platform, options.eal);
    if (!eal) {
        return refuse(eal.error());
    }
    log::line(Level::notice, "start", "mcastd {}; EAL: {}", MCAST_VERSION, eal->line());
    auto pools = platform::Pools::create(config.platform.pools);
    if (!pools) {
        return refuse(pools.error());
    }
    auto ports =
        platform::Ports::open(config.platform, config.control.router_mac.value_or(Mac{}), *pools);
    if (!ports) {
        return refuse(ports.error());
    }
    if (auto started = ports->start(); !started) {
        return refuse(started.error());
    }

    std::size_t const worker_count = config.platform.workers.cores.size();
    platform::Qsbr grace(worker_count);
    std::random_device random;
    handoff::Shared shared(worker_count, config.control.limits.entries,
                           channel_sizes(config.platform), grace,
                           (std::uint64_t{random()} << 32) | random());
    bool balanced = false;
    {
        control::ControlLoop control(config.control, port_facts(*ports), shared, grace,
                                     make_reporters(config, *ports, *pools));
        Workers workers(config, *ports, *pools, shared, grace);
        api::ServerConfig const sockets{config.control.socket.path, config.control.socket.group,
                                        config.control.socket.monitor_path};
        TimePoint last{};
        if (options.replay) {
            control.start(k_replay_start);
            Replay replay(control, workers.only());
            platform::ReplaySource source(ports->queues_of(WorkerId{0}).receive, k_replay_origin);
            replay.run(source);
            last = replay.now();
            auto server = api::Server::open(sockets); // exists when the replay has finished
            if (!server) {
                return refuse(k_exit_socket, server.error());
            }
            notify_ready();
            answer_until_stopped(control, *server, last);
        } else {
            auto server = api::Server::open(sockets);
            if (!server) {
                return refuse(k_exit_socket, server.error());
            }
            control.start(platform::now());
            if (auto launched = workers.launch(); !launched) {
                return refuse(launched.error());
            }
            notify_ready();
            run_live(control, *ports, *server);
            last = platform::now();
        }
        notify_stopping();
        workers.stop();
        control.stop(last);
        ports->close();
        balanced = close_the_books(control, *pools, last);
    }
    return balanced ? 0 : k_exit_internal;
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
        config->platform.instance = *options.instance;
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
    try {
        return mcastd::start(argc, argv);
    } catch (std::exception const& error) {
        mcast::log::line(mcast::log::Level::error, "start", "internal error: {}", error.what());
        return mcastd::k_exit_internal;
    }
}
