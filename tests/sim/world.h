// A network in a box: routers, hosts, and links with delay, jitter and loss, on one virtual time.
//
// One seed gives one run, byte for byte. step() jumps to the next due moment; within a moment all
// frames arrive first, then every station that heard or has something due works, in the order of
// their numbers. What routers and hosts send arrives later, never in the same moment.
#pragma once

#include "frames.h"
#include "host.h"
#include "router.h"
#include "topology.h"

#include "mcast/base/random.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace mcast::sim {

// What became of one datagram.
struct Passage {
    FlowKey flow{};
    TimePoint sent{};
    std::map<std::size_t, unsigned> carried; // by link: copies, the sender's own included
};

class World {
public:
    // Makes the router of this number; `life` is 1 for the first, and rises with every restart.
    using Maker = std::function<std::unique_ptr<Router>(Topology const&, std::size_t number,
                                                        std::uint64_t seed, std::uint32_t life)>;
    World(Topology topology, Maker maker, std::uint64_t seed);

    // Hosts of a link have the addresses .200 and up.
    std::size_t add_host(std::size_t link, std::uint8_t igmp_version = 3);
    void join(std::size_t host, Ipv4 group);
    void join(std::size_t host, FlowKey channel); // of the group, this source alone
    void leave(std::size_t host, Ipv4 group);
    // The number of the datagram.
    std::uint64_t send(std::size_t host, Ipv4 group, std::uint8_t ttl = 64);

    // False when nothing is due any more.
    bool step();
    void run_for(Duration time);
    // Sends from the host every `gap` meanwhile.
    void stream(std::size_t host, Ipv4 group, Duration time,
                Duration gap = std::chrono::milliseconds{200});
    // False when it did not come true in time. Looks after every moment.
    bool run_until(std::function<bool()> const& done, Duration within);

    // Faults. A cut link loses everything, and nobody is told; a port that is down is known to be.
    void cut(std::size_t link, bool is_cut = true) { links_[link].cut = is_cut; }
    void set_loss(std::size_t link, double loss) { topology.links[link].loss = loss; }
    void set_jitter(std::size_t link, Duration jitter) { topology.links[link].jitter = jitter; }
    void set_port(std::size_t router, std::size_t port, bool up);
    void crash(std::size_t router);
    void shut_down(std::size_t router); // says goodbye first
    void restart(std::size_t router);   // a new life, whether or not the old one has ended
    // The next life of the router has this metric on that port.
    void set_metric(std::size_t router, std::size_t port, std::uint8_t metric);

    Router& router(std::size_t n) { return *routers_[n].router; }
    Host& host(std::size_t n) { return *hosts_[n].host; }
    bool alive(std::size_t router) const { return routers_[router].router != nullptr; }
    bool port_up(std::size_t router, std::size_t port) const {
        return !routers_[router].down.contains(port);
    }
    bool is_cut(std::size_t link) const { return links_[link].cut; }
    std::size_t host_count() const { return hosts_.size(); }
    std::size_t link_of_host(std::size_t host) const { return hosts_[host].link; }

    Passage const& passage(std::uint64_t number) const { return passages_.at(number); }
    // Of every datagram so far.
    void forget_data();
    std::uint64_t loops() const;
    Memory memory() const; // of all routers together

    // Frames put on links, by what they are.
    struct Sent {
        std::uint64_t dvmrp = 0;
        std::uint64_t dvmrp_bytes = 0;
        std::uint64_t igmp = 0;
        std::uint64_t data = 0;
    };
    Sent sent{};
    // The last frames, one a line, in words.
    std::string last_events(std::size_t count = 60) const;
    // Of all frames so far, with time and place.
    std::uint64_t digest() const { return digest_; }

    TimePoint now{std::chrono::hours{1}};
    Topology topology;

private:
    struct Station {
        bool is_host = false;
        std::size_t number = 0;
        IfIndex port{};
    };
    struct OfLink {
        std::vector<Station> stations;
        bool cut = false;
    };
    struct OfRouter {
        std::unique_ptr<Router> router;
        std::uint32_t life = 0;
        std::set<std::size_t> down; // ports
    };
    struct OfHost {
        std::unique_ptr<Host> host;
        std::size_t link = 0;
    };
    struct Arrival {
        TimePoint at{};
        std::uint64_t order = 0;
        Station to{};
        Packet packet;
        bool operator>(Arrival const& other) const {
            return std::tie(at, order) > std::tie(other.at, other.order);
        }
    };
    struct Seen {
        TimePoint at{};
        std::size_t link = 0;
        std::shared_ptr<Bytes const> bytes;
    };

    // Routers first, then hosts.
    std::size_t node_of(Station const& station) const {
        return station.is_host ? topology.routers.size() + station.number : station.number;
    }
    void deliver(Arrival const& arrival);
    void work(std::size_t node);
    void note_due(std::size_t node, std::optional<TimePoint> due);
    void transmit(Station const& from, std::size_t link, Packet packet);
    void count(std::size_t link, Packet const& packet);
    Ipv4 address_of(Station const& station) const;

    Maker maker_;
    std::uint64_t seed_;
    Random random_;
    std::vector<OfLink> links_;
    std::vector<OfRouter> routers_;
    std::vector<OfHost> hosts_;
    std::priority_queue<Arrival, std::vector<Arrival>, std::greater<>> arrivals_;
    std::set<std::pair<TimePoint, std::size_t>> due_;
    std::vector<std::optional<TimePoint>> due_of_;
    std::set<std::size_t> awake_; // to work in this moment
    std::uint64_t order_ = 0;
    std::uint64_t next_number_ = 1;
    std::map<std::uint64_t, Passage> passages_;
    std::uint64_t loops_of_the_dead_ = 0;
    std::deque<Seen> seen_;
    std::uint64_t digest_ = 0xcbf29ce484222325ULL;
};

} // namespace mcast::sim
