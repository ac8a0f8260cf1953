// The tester at work: sends at a pace, receives, answers for its hosts, and takes the time. One
// thread.
#pragma once

#include "hosts.h"
#include "plan.h"
#include "trial.h"
#include "wires.h"

#include <cstdint>
#include <functional>
#include <string>

namespace mcast::gen::rfc3918 {

class Station {
public:
    // What happens in the middle of a trial, and what ends it early.
    struct Course {
        Duration at{}; // after the start
        std::function<void(Hosts&)> act{};
        std::function<bool(Trial const&, TimePoint now)> ended{};
        bool drains = true;
    };

    // Both must outlive this.
    Station(Plan const& plan, Wires& wires);

    // Waits until the queue of reports is empty and the time after the last one is over.
    void settle(Duration after);
    // Asks for the router's MAC until it is known, at most a few seconds. False when it stays
    // unknown.
    bool find_router();
    Trial run(Load const& load, Course const& course);
    Trial run(Load const& load) { return run(load, Course{}); }

    Hosts& hosts() { return hosts_; }
    Wires& wires() { return wires_; }

private:
    void pump(TimePoint until, Trial* trial);
    bool send_next(Trial& trial, FrameMaker& maker);
    void send_due(Trial& trial, FrameMaker& maker);
    void drain(Trial& trial);

    Plan const& plan_;
    Wires& wires_;
    Hosts hosts_;
    std::uint16_t trials_ = 0;
};

} // namespace mcast::gen::rfc3918
