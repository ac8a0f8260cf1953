// A multicast appliance on a clock of its own, with figures that are known: what a tester must
// find. Frames go in and come out as they would on wires; nothing is random and no real time
// passes.
#pragma once

#include "rfc3918/plan.h"
#include "rfc3918/wires.h"

#include "mcast/wire/datagram.h"

#include <cstdint>
#include <map>
#include <queue>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace mcast::gen::rfc3918 {

struct ModelFigures {
    // It works at one frame after the other, and has so much time of work waiting at most.
    Duration per_frame = std::chrono::microseconds{10};
    Duration per_copy = std::chrono::microseconds{5};
    Duration patience = std::chrono::microseconds{100};
    Duration latency = std::chrono::microseconds{20}; // of the first egress port
    Duration skew = std::chrono::microseconds{3};     // of each further one
    Duration join_delay = std::chrono::milliseconds{2};
    Duration leave_delay = std::chrono::milliseconds{40};
    std::size_t most_groups = 1'000'000; // what comes after them is not heard
    bool routes_unicast = true;
    bool forwards = true;
    std::uint64_t loses_every = 0;      // one multicast copy; 0: none
    std::uint64_t duplicates_every = 0; // the same
    Duration query_every{};             // general queries on the egress ports; zero: none
    Duration holds{};                   // a membership that is not told again; zero: for ever
    bool asks_last_member = false;
    Duration send_cost = std::chrono::nanoseconds{100}; // of the tester, a frame
};

class ModelAppliance : public Wires {
public:
    ModelAppliance(Plan const& plan, ModelFigures const& figures);

    TimePoint now() override { return now_; }
    bool send(std::size_t port, wire::Bytes frame) override;
    void receive(TimePoint until, Taker const& taker) override;
    std::uint64_t missed() override { return missed_; }
    bool usable() override { return usable_; }
    std::string failure() override { return usable_ ? "" : "the cable is cut"; }

    void cut() { usable_ = false; }
    std::uint64_t reports() const { return reports_; }
    std::uint64_t queries() const { return queries_; }

private:
    struct Delivery {
        TimePoint at{};
        std::uint64_t order = 0;
        std::size_t port = 0;
        std::vector<std::uint8_t> frame{};

        bool operator>(Delivery const& other) const {
            return at != other.at ? at > other.at : order > other.order;
        }
    };
    struct Membership {
        TimePoint from{};
        TimePoint until = TimePoint::max();
        TimePoint told{};
    };

    void forward(wire::Datagram const& read, wire::Bytes frame);
    bool has_room(std::size_t copies);
    void multicast(Ipv4 group, wire::Bytes frame);
    void unicast(Ipv4 host, wire::Bytes frame);
    void igmp(std::size_t port, wire::Igmp const& message);
    void join(std::size_t port, Ipv4 group);
    void leave(std::size_t port, Ipv4 group);
    bool is_member(std::size_t port, Ipv4 group) const;
    void query(std::size_t port, Ipv4 group);
    void query_when_due();
    void answer_arp(wire::Bytes frame);
    void deliver(std::size_t port, TimePoint at, wire::Bytes frame);

    Plan const& plan_;
    ModelFigures figures_;
    TimePoint now_{std::chrono::seconds{5}};
    TimePoint free_{};
    TimePoint next_query_ = TimePoint::max();
    bool usable_ = true;
    std::uint64_t missed_ = 0;
    std::uint64_t order_ = 0;
    std::uint64_t copies_ = 0;
    std::uint64_t reports_ = 0;
    std::uint64_t queries_ = 0;
    std::priority_queue<Delivery, std::vector<Delivery>, std::greater<>> deliveries_;
    std::map<std::pair<std::size_t, Ipv4>, Membership> memberships_;
};

} // namespace mcast::gen::rfc3918
