#include "station.h"

#include <algorithm>

namespace mcast::gen::rfc3918 {
namespace {

constexpr int k_burst = 32; // frames between two looks at what has arrived
constexpr std::chrono::milliseconds k_look_up{100};
constexpr std::chrono::seconds k_router_patience{3};
constexpr std::chrono::milliseconds k_router_every{500};
// A port that takes no frame does not hold up a trial for longer than twice its time and this.
constexpr std::chrono::seconds k_port_patience{1};

} // namespace

Station::Station(Plan const& plan, Wires& wires)
    : plan_(plan), wires_(wires), hosts_(plan, wires) {}

// Until `until`, or until something came.
void Station::pump(TimePoint until, Trial* trial) {
    hosts_.run();
    wires_.receive(std::min(until, hosts_.next_due()),
                   [&](std::size_t port, wire::Bytes frame, TimePoint arrived) {
                       if (port != 0 && trial != nullptr) {
                           auto const read = wire::decode_datagram(frame);
                           if (read && trial->take(port - 1, *read, arrived)) {
                               return;
                           }
                       }
                       hosts_.heard(port, frame);
                   });
}

void Station::settle(Duration after) {
    // Looked at before waiting: a query that comes meanwhile fills the queue again.
    for (hosts_.run(); !hosts_.idle() && wires_.usable(); hosts_.run()) {
        pump(wires_.now() + k_look_up, nullptr);
    }
    auto const end = wires_.now() + after;
    while (wires_.now() < end && wires_.usable()) {
        pump(std::min<TimePoint>(end, wires_.now() + k_look_up), nullptr);
    }
}

bool Station::find_router() {
    auto const end = wires_.now() + k_router_patience;
    auto next = wires_.now();
    while (!hosts_.router() && wires_.now() < end && wires_.usable()) {
        if (wires_.now() >= next) {
            hosts_.ask_for_router();
            next += k_router_every;
        }
        pump(next, nullptr);
    }
    return hosts_.router().has_value();
}

bool Station::send_next(Trial& trial, FrameMaker& maker) {
    bool const unicast = trial.next_is_unicast();
    std::uint64_t const number = trial.next_number();
    Mix const& mix = trial.load().mix;
    Ipv4 const to = unicast ? plan_.egress[number % mix.egress].address
                            : plan_.group(static_cast<std::uint32_t>(number % mix.groups));
    Mac const mac = unicast ? hosts_.router().value_or(Mac{}) : Mac::of_group(to);
    auto const now = wires_.now();
    Tag const tag{trial.id(), unicast, number, now - trial.start()};
    if (!wires_.send(0, maker.make(tag, to, mac))) {
        return false;
    }
    trial.sent(now);
    return true;
}

void Station::send_due(Trial& trial, FrameMaker& maker) {
    for (int n = 0; n < k_burst && !trial.all_sent() && trial.due() <= wires_.now(); ++n) {
        if (!send_next(trial, maker)) {
            return; // full: again after a look at what has arrived
        }
    }
}

Trial Station::run(Load const& load, Course const& course) {
    FrameMaker maker(plan_, load.mix.frame_size);
    Trial trial(plan_, load, ++trials_, wires_.now());
    bool acted = !course.act;
    auto const act_at = trial.start() + course.at;
    auto const given_up = trial.start() + 2 * trial.planned() + k_port_patience;
    while (!trial.all_sent() && wires_.usable() && wires_.now() < given_up) {
        if (!acted && wires_.now() >= act_at) {
            course.act(hosts_);
            acted = true;
        }
        send_due(trial, maker);
        auto const next = std::min<TimePoint>(trial.due(), wires_.now() + k_look_up);
        pump(acted ? next : std::min(next, act_at), &trial);
        if (course.ended && course.ended(trial, wires_.now())) {
            break;
        }
    }
    if (course.drains) {
        drain(trial);
    }
    return trial;
}

void Station::drain(Trial& trial) {
    auto end = wires_.now() + plan_.drain;
    while (wires_.now() < end && wires_.usable()) {
        pump(std::min<TimePoint>(end, wires_.now() + k_look_up), &trial);
    }
}

} // namespace mcast::gen::rfc3918
