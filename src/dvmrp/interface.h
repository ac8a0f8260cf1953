// One interface: who else routes on this link, our probes, our counters. Owned by the Core.
//
// What becomes of the routes and prunes of a neighbour is others' work: the interface tells of
// neighbours won and lost as NeighborNews.
#pragma once

#include "accept.h"
#include "neighbor.h"

#include "mcast/dvmrp/engine.h"
#include "mcast/timer/handle.h"
#include "mcast/timer/wheel.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace mcast::dvmrp {

// What all interfaces of an engine have in common.
struct Shared {
    Config const& config;
    timer::Wheel& wheel;
    Spans& spans;
    std::size_t& neighbors; // of all interfaces
    std::uint32_t& next_generation;
};

struct NeighborNews {
    enum class What : std::uint8_t {
        gained,    // two-way now
        lost,      // was two-way
        restarted, // has forgotten us, and what it told us of prunes is void
        stranger,  // came or went, and is not two-way
    } what{};
    IfIndex interface{};
    Ipv4 neighbor{};
};
using News = std::vector<NeighborNews>;

class Interface {
public:
    Interface(IfIndex index, InterfaceConfig const& config, Link link, Shared shared);

    IfIndex index() const { return index_; }
    InterfaceConfig const& config() const { return config_; }
    Link const& link() const { return link_; }
    Ipv4 address() const { return link_.address.address; }
    Counters& counters() { return counters_; }
    Counters const& counters() const { return counters_; }
    bool enabled() const { return link_.up && !address().is_unspecified(); }
    bool is_tunnel() const { return !link_.remote.is_unspecified(); }
    bool is_point_to_point() const { return config_.point_to_point || is_tunnel(); }
    bool has_neighbors() const { return two_way_ > 0; }
    std::size_t two_way() const { return two_way_; }
    bool is_querier() const { return querier_; }
    void set_querier(bool is) { querier_ = is; }
    bool is_scoped(Ipv4 group) const;

    // A generation of our own begins (section 3.2.2), and a first probe leaves at once.
    void start(TimePoint now, Output& out);
    void stop(News& news, Output& out);
    void set_up(bool up) { link_.up = up; }
    void set_link(Link const& link) { link_ = link; }
    // Rates begin anew with it; who is there stays.
    void set_config(InterfaceConfig const& config);
    // See Engine::forget().
    std::size_t forget(Learned what, TimePoint now, News& news, Output& out);
    // Neighbours that the link or the configuration does not permit any more.
    void drop_unfit(News& news, Output& out);

    Neighbor* find(Ipv4 address);
    Neighbor const* find(Ipv4 address) const;
    std::map<Ipv4, Neighbor> const& neighbors() const { return neighbors_; }

    void hear(wire::dvmrp::Message const& message, wire::dvmrp::Probe const& probe, Ipv4 source,
              TimePoint now, News& news, Output& out);
    // A report of a version that knows no handshake makes its sender a neighbour.
    void hear_old_report(wire::dvmrp::Message const& message, Ipv4 source, TimePoint now,
                         News& news, Output& out);
    // Something else than a probe proves that it lives.
    void refresh(Neighbor& neighbor, TimePoint now);

    void probe_due(TimePoint now, Output& out);
    void triggered_probe_due(TimePoint now, Output& out);
    // DEC-21: who is new is taken for a dependent for a while, and who is not ours for somebody
    // whom dependents may mean; the trees look again at its end.
    void assumption_due(TimePoint now);
    // It has just begun: some of the neighbours may not have spoken yet.
    bool may_miss_neighbors(TimePoint now) const { return now < begun_ + config_.neighbor_timeout; }
    void neighbor_due(Ipv4 address, TimePoint now, News& news, Output& out);

    // It tells of too much and is ignored from now on.
    void bar(Neighbor& neighbor, TimePoint now, News& news, Output& out);
    // So many routes were heard: too many in a minute are worth a line.
    void note_routes(std::size_t routes, TimePoint now, Output& out);

    // Puts a message of ours into the output.
    void send(Ipv4 destination, wire::dvmrp::Body body, Output& out, std::uint8_t ttl = 1);
    // Where prunes, grafts and tables for this neighbour go (section 3.7).
    Ipv4 destination_for(Ipv4 neighbor) const;

    // A token for a message of this neighbour; false: it sends too many.
    static bool admit(Neighbor& neighbor, TimePoint now);
    // The same for a probe; those who are not known have one bucket together.
    bool admit_probe(Ipv4 source, TimePoint now);
    // The same for answers to whoever asks for our neighbours.
    bool admit_question(TimePoint now);
    // And to who traces a way.
    bool admit_trace(TimePoint now);
    // A line for the log; one in ten seconds for each limit.
    void note_limit(LimitReached::Which which, TimePoint now, Output& out);

private:
    Neighbor* make_room(Ipv4 source, bool lists_us, TimePoint now, News& news, Output& out);
    void act_on(Neighbor& neighbor, ProbeStep const& step, TimePoint now, News& news, Output& out);
    void move_to(Neighbor& neighbor, NeighborState next, TimePoint now, News& news);
    void leave_two_way(Neighbor& neighbor, News& news);
    std::size_t void_words(bool of_routes, News& news);
    void drop(std::map<Ipv4, Neighbor>::iterator at, News& news, Output& out);
    void tell(Neighbor const& neighbor, bool gone, TimePoint now, Output& out);
    std::optional<LimitReached::Which> limit_reached(bool lists_us) const;
    void trigger_probe(TimePoint now, Output& out);
    void send_probe(Output& out);
    std::uint8_t capabilities() const;

    IfIndex index_;
    InterfaceConfig config_;
    Link link_;
    Shared shared_;
    std::map<Ipv4, Neighbor> neighbors_;
    std::size_t two_way_ = 0;
    bool querier_ = false; // of IGMP: only told
    std::uint32_t generation_ = 0;
    std::map<LimitReached::Which, TimePoint> limits_told_;
    TimePoint minute_begun_{}; // of routes heard
    std::size_t routes_in_minute_ = 0;
    Bucket questions_;
    Bucket traces_;
    Bucket strangers_; // probes of whom we do not know
    Bucket events_;
    std::optional<TimePoint> last_triggered_{};
    timer::Handle probe_timer_;
    timer::Handle triggered_timer_;
    timer::Handle assumption_timer_;
    TimePoint begun_{}; // it started, the last time
    Counters counters_{};
};

} // namespace mcast::dvmrp
