// Channels: flows of groups that are not flooded (Config::explicit_groups, RFC 4607). Routers below
// get one only after a graft for that very source, and we ask upstream by a graft as soon as
// anybody below wants it, whether we had pruned it or not. Owned by the Trees, which know who wants
// a channel and whom to ask (trees_channels.cpp); here is what was said about it, and what follows.
//
// A graft holds until a prune for the same source, or until its sender has forgotten (a restart).
// It costs memory, so it counts against limits; one that is refused is not acknowledged, and comes
// again. Sources are hosts here, whatever mask a message has.
#pragma once

#include "graft.h"
#include "prune.h"
#include "upstream.h"

#include "mcast/base/flow.h"
#include "mcast/base/if_set.h"
#include "mcast/dvmrp/output.h"
#include "mcast/timer/wheel.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mcast::dvmrp {

// Somebody below wants it.
struct HeldGraft {
    IfIndex interface{};
    Ipv4 neighbor{};
    Span memory = 0; // of the neighbour
};

struct Channel {
    FlowKey flow{};
    std::uint32_t number = 0;
    std::vector<HeldGraft> grafts{};
    IfSet members{}; // interfaces with hosts that want it, ours or not
    std::optional<SentGraft> asked{};
    bool answered = false; // by an acknowledgement
    std::optional<SentPrune> pruned{};
    timer::Handle timer{};

    bool is_idle() const { return grafts.empty() && members.empty() && !asked && !pruned; }
};

class Channels {
public:
    Channels(Config const& config, timer::Wheel& wheel, Spans const& spans, Random& random)
        : config_(config), wheel_(wheel), spans_(spans), random_(random) {}

    Channel* find(FlowKey flow);
    Channel const* find(FlowKey flow) const;
    Channel* find(std::uint32_t number);
    // nullptr: max_flows are there.
    Channel* obtain(FlowKey flow);
    // In the order of sources; nullptr: none.
    Channel const* next(std::optional<FlowKey> after) const;
    Channel const* next_within(Ipv4Prefix prefix, std::optional<FlowKey> after) const;
    void erase_if_idle(Channel& channel);

    // Whether a graft of the neighbour is in force.
    bool holds(FlowKey flow, IfIndex interface, Ipv4 neighbor) const;
    // The limit that is in the way, if one is.
    std::optional<LimitReached::Which> hold(FlowKey flow, HeldGraft const& graft);
    // False: there was none.
    bool drop(Channel& channel, IfIndex interface, Ipv4 neighbor);

    // Who wants it, or whom to ask, may have changed; or a packet came that nobody wanted.
    // May erase the channel.
    void settle(Channel& channel, bool wanted, bool packet, std::optional<Upstream> const& upstream,
                TimePoint now, Output& out);
    // Its timer; also settles.
    void due(Channel& channel, bool wanted, std::optional<Upstream> const& upstream, TimePoint now,
             Output& out);
    bool hear_ack(FlowKey flow, Neighbor const& from);

    std::size_t size() const { return channels_.size(); }
    bool empty() const { return channels_.empty(); }

private:
    using Place = std::pair<Ipv4, Ipv4>; // source, group

    void drop_void(Channel& channel, std::optional<Upstream> const& upstream, TimePoint now);
    void say_graft(Channel const& channel, Upstream const& upstream, Output& out) const;
    void say_prune(Channel& channel, Upstream const& upstream, TimePoint now, Output& out);
    void prune(Channel& channel, Upstream const& upstream, TimePoint now, Output& out);
    void ask_again_for_siblings(Channel const& channel, Ipv4Prefix network, TimePoint now);
    void arm(Channel& channel);

    Config const& config_;
    timer::Wheel& wheel_;
    Spans const& spans_;
    Random& random_;
    std::map<Place, Channel> channels_;
    std::set<Place> by_group_; // group, source
    std::unordered_map<std::uint32_t, Channel*> by_number_;
    std::uint32_t last_number_ = 0;
    Ledger ledger_; // of grafts
};

} // namespace mcast::dvmrp
