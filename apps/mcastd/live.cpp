#include "live.h"

#include "pace.h"
#include "service.h"
#include "signals.h"

#include "mcast/platform/clock.h"

#include <ctime>
#include <thread>

#include <fmt/format.h>
#include <poll.h>

namespace mcastd {

using namespace mcast;

namespace {

constexpr Duration k_link_interval = std::chrono::milliseconds{100};
// Workers send what is left for others within a turn; a worker that hangs does not keep us.
constexpr Duration k_goodbye = std::chrono::milliseconds{200};
constexpr Duration k_in_the_card = std::chrono::milliseconds{5}; // a NIC's own queue
constexpr Duration k_status_interval = std::chrono::seconds{10};

void watch_links(control::ControlLoop& control, platform::Ports const& ports, TimePoint now) {
    for (platform::PortInfo const& port : ports.list()) {
        control.link_changed(port.id, ports.link_up(port.id), now); // no news is no work
    }
}

void tell_status(control::ControlLoop const& control, TimePoint now) {
    api::Reply const reply = control.answer({"show", {"status"}, api::Json::object()}, now);
    if (!reply.failure) {
        notify_status(fmt::format("{} memberships, {} entries, {} packets forwarded",
                                  reply.data["memberships"].get<std::uint64_t>(),
                                  reply.data["entries"].get<std::uint64_t>(),
                                  reply.data["accounting"]["forwarded"].get<std::uint64_t>()));
    }
}

} // namespace

void nap(api::Server const& server, Duration longest) {
    pollfd descriptor{server.descriptor(), POLLIN, 0};
    auto const whole = std::chrono::floor<std::chrono::seconds>(longest);
    timespec const time{.tv_sec = static_cast<std::time_t>(whole.count()),
                        .tv_nsec = static_cast<long>((longest - whole).count())};
    ppoll(&descriptor, 1, &time, nullptr);
}

void run_live(control::ControlLoop& control, platform::Ports& ports, api::Server& server) {
    TimePoint next_links{};
    TimePoint next_status{};
    TimePoint last_busy = platform::now();
    while (!stop_requested()) {
        TimePoint const now = platform::now();
        bool const busy = control.step(now);
        server.poll([&](api::Request const& request) { return control.command(request, now); });
        if (now >= next_links) {
            watch_links(control, ports, now);
            ports.ask_depths(); // who is asked for them has them at hand, this old
            next_links = now + k_link_interval;
        }
        if (now >= next_status) {
            tell_status(control, now);
            next_status = now + k_status_interval;
        }
        if (busy) {
            last_busy = now;
        } else {
            nap(server, until_next(control, now, last_busy));
        }
    }
}

void say_goodbye(control::ControlLoop& control, handoff::Shared const& shared) {
    control.farewell();
    handoff::FrameQueue const& queue = shared.workers.front()->inject;
    if (queue.waiting() == 0) {
        return;
    }
    TimePoint const until = platform::now() + k_goodbye;
    while (queue.waiting() != 0 && platform::now() < until) {
        std::this_thread::sleep_for(k_nap);
    }
    std::this_thread::sleep_for(k_in_the_card);
}

} // namespace mcastd
