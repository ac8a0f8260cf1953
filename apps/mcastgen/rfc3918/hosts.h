// The hosts of the bench, one a port: what they join and leave at the plan's pace, their answers to
// queries, and ARP. Groups are numbers, from 0. One thread.
#pragma once

#include "plan.h"
#include "wires.h"

#include "mcast/wire/datagram.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace mcast::gen::rfc3918 {

class Hosts {
public:
    // Both must outlive this.
    Hosts(Plan const& plan, Wires& wires);

    // Puts into the queue what is not so already. Egress ports count from 0.
    void join(std::size_t egress, std::uint32_t first, std::uint32_t count);
    void leave(std::size_t egress, std::uint32_t first, std::uint32_t count);
    // So many groups at each of the first `egress` ports, and none elsewhere. True when a leave was
    // among it.
    bool members(std::size_t egress, std::uint32_t groups);

    // Sends what is due of the queue.
    void run();
    bool idle() const;
    // When run() has something to do again; far away when nothing waits.
    TimePoint next_due() const;
    // When the last join or leave of the group was sent; answers to queries do not count.
    TimePoint spoke(std::size_t egress, std::uint32_t group) const;

    // A frame that is none of a trial.
    void heard(std::size_t port, wire::Bytes frame);
    void ask_for_router();
    std::optional<Mac> router() const { return router_; }

    std::uint64_t general_queries() const { return general_queries_; }
    std::uint64_t specific_queries() const { return specific_queries_; }
    // What the last specific query allowed for an answer; zero before one came.
    Duration specific_response() const { return specific_response_; }

private:
    struct Saying {
        std::uint32_t group = 0;
        bool joins = false;  // or leaves
        bool answer = false; // to a query, and no news
    };
    struct Host {
        std::vector<bool> member; // as it will be when the queue is empty
        std::vector<TimePoint> spoke;
        std::deque<Saying> queue;
        TimePoint next{};
    };

    void set(std::size_t egress, std::uint32_t group, bool joins);
    void say_due(std::size_t egress, TimePoint now);
    std::size_t say(std::size_t egress, std::size_t most, TimePoint now);
    wire::Igmp message(Host& host, std::size_t count, TimePoint now) const;
    void query(std::size_t egress, wire::Query const& query);
    void arp(std::size_t port, wire::Bytes frame);
    Ipv4 address(std::size_t port) const;

    Plan const& plan_;
    Wires& wires_;
    Duration gap_; // between two groups that a host speaks of
    std::vector<Host> hosts_;
    std::optional<Mac> router_;
    std::uint64_t general_queries_ = 0;
    std::uint64_t specific_queries_ = 0;
    Duration specific_response_{};
};

} // namespace mcast::gen::rfc3918
