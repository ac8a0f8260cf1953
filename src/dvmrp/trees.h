// The flows that are open, and for each source network and group the tree that they have in common:
// who below has pruned, and what we told the upstream neighbour. Owned by the Core.
//
// One rule makes all prunes and grafts: settle(). It works out who wants the flows of a tree now,
// tells of those that changed, and when the last goes, prunes; when somebody comes, grafts.
// trees.cpp has flows and the rule, trees_hear.cpp what neighbours say, trees_sweep.cpp how changes
// of many routes come to the trees in pieces, trees_view.cpp what is shown of them. Trees of groups
// that are not flooded have no prunes and grafts of their own: each source has, as a channel
// (trees_channels.cpp).
#pragma once

#include "channels.h"
#include "graft.h"
#include "prune.h"
#include "routing.h"
#include "upstream.h"

#include "mcast/dvmrp/view.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mcast::dvmrp {

class Trees {
public:
    Trees(Config const& config, timer::Wheel& wheel, Spans& spans, Interfaces& interfaces,
          Routing const& routing, Random& random)
        : config_(config), wheel_(wheel), spans_(spans), interfaces_(interfaces), routing_(routing),
          random_(random), channels_(config, wheel, spans, random) {}

    std::optional<Outputs> open(FlowKey key, bool elsewhere, std::optional<IfIndex> came_in,
                                TimePoint now, Output& out);
    void close(FlowKey key);
    std::optional<Outputs> outputs(FlowKey key, TimePoint now) const;
    void data(FlowKey key, TimePoint now, Output& out);
    void set_elsewhere(FlowKey key, bool wanted, TimePoint now, Output& out);
    void set_member(IfIndex interface, Ipv4 group, bool member, TimePoint now, Output& out);
    void forget_members(IfIndex interface) { members_.erase(interface); }
    void set_channel_members(FlowKey flow, IfSet const& interfaces, TimePoint now, Output& out);

    // Precondition of all three: the neighbour is two-way.
    void hear(Interface& interface, Neighbor const& from, wire::dvmrp::Prune const& prune,
              TimePoint now, Output& out);
    void hear(Interface& interface, Neighbor const& from, wire::dvmrp::Graft const& graft,
              TimePoint now, Output& out);
    void hear(Interface& interface, Neighbor const& from, wire::dvmrp::GraftAck const& ack);

    // Routes of these prefixes changed, or who depends on them. Empties the set.
    void look_again(std::set<Ipv4Prefix>& touched, TimePoint now);
    // A neighbour came, went or forgot.
    void neighbors_changed(TimePoint now);

    void tree_due(std::uint32_t number, TimePoint now, Output& out);
    void channel_due(std::uint32_t number, TimePoint now, Output& out);
    // A piece of the work, each; they return how many flows and trees were looked at.
    std::size_t flow_sweep_due(TimePoint now, Output& out);
    std::size_t tree_sweep_due(TimePoint now, Output& out);

    // What a trace tells of a flow, open or not, and of an interface that it might leave by.
    struct Look {
        bool wanted = false;      // there
        bool prune_sent = false;  // by us, upstream
        bool prune_heard = false; // from `below`, a router there
    };
    Look look(Route const& route, FlowKey key, IfIndex out, Ipv4 below, TimePoint now) const;
    PrunePage view_prunes(std::optional<PrunePlace> const& after, std::size_t limit,
                          TimePoint now) const;
    GraftPage view_grafts(std::optional<GraftPlace> const& after, std::size_t limit) const;

    std::size_t flows() const { return flows_.size(); }
    std::size_t prunes() const { return prunes_.size(); }
    Channels const& channels() const { return channels_; }

private:
    struct Tree;
    struct Flow {
        Tree* tree = nullptr; // none: no route to the source
        bool elsewhere = false;
        bool wanted = false; // counted in the tree's
        Outputs told{};
    };
    struct Tree {
        Ipv4Prefix prefix{};
        Ipv4 group{};
        std::uint32_t number = 0;
        std::map<Ipv4, Flow*> sources{};
        std::size_t wanted = 0;  // of them
        bool was_wanted = false; // when the upstream neighbour was last thought of
        ReceivedPrunes received{};
        std::optional<SentPrune> pruned{};
        std::optional<SentGraft> grafted{};
        timer::Handle timer{};

        bool is_idle() const { return sources.empty() && received.empty() && !pruned && !grafted; }
    };
    // By source, then group: the flows of a prefix stand together.
    using Place = std::pair<Ipv4, Ipv4>;

    static Place place_of(FlowKey key) { return {key.source, key.group}; }
    Interface* find(IfIndex interface) const;
    Tree* find_tree(Ipv4Prefix prefix, Ipv4 group);
    Tree const* find_tree(Ipv4Prefix prefix, Ipv4 group) const;
    Tree& tree_of(Ipv4Prefix prefix, Ipv4 group);
    void erase_if_idle(Tree& tree);
    std::optional<Upstream> upstream_of(Tree const& tree) const;
    std::optional<Upstream> upstream_of(Route const* route, Ipv4 group) const;
    std::optional<Upstream> upstream_of_channel(Channel const& channel) const;
    void view_channel_prunes(std::optional<PrunePlace> const& after, std::size_t limit,
                             TimePoint now, PrunePage& page) const;
    void view_channel_grafts(std::optional<GraftPlace> const& after, std::size_t limit,
                             GraftPage& page) const;
    std::optional<Upstream> pruned_neighbor(Tree const& tree, TimePoint now) const;
    std::vector<PruneView> prunes_of(Tree const& tree, std::optional<PrunePlace> const& after,
                                     std::size_t most, TimePoint now) const;

    bool is_member(IfIndex interface, Ipv4 group) const;
    Outputs derive(Route const& route, Tree const* tree, FlowKey key, TimePoint now) const;
    bool dependents_want(Route const& route, Interface const& interface, Tree const* tree,
                         FlowKey key, TimePoint now) const;
    void tell(FlowKey key, Flow& flow, std::optional<Outputs> const& outputs, Output& out);
    bool count_wanted(Flow& flow);
    void leave(FlowKey key, Flow& flow);
    void rehome(FlowKey key, Flow& flow, TimePoint now, Output& out);

    // Channels, trees_channels.cpp.
    bool is_explicit(Ipv4 group) const;
    bool is_served(IfIndex interface, FlowKey key) const;
    bool wants_channel(FlowKey key, TimePoint now) const;
    void settle_channel(FlowKey key, bool packet, TimePoint now, Output& out);
    void tell_channel(FlowKey key, TimePoint now, Output& out);
    void hear_channel(Interface& interface, Neighbor const& from, wire::dvmrp::Prune const& prune,
                      TimePoint now, Output& out);
    void hear_channel(Interface& interface, Neighbor const& from, wire::dvmrp::Graft const& graft,
                      TimePoint now, Output& out);
    bool sweep_channel(TimePoint now, Output& out);
    bool sweep_any_channel(TimePoint now, Output& out);

    bool sweep_flow(std::set<std::uint32_t>& trees, TimePoint now, Output& out);
    bool tell_all(Tree& tree, TimePoint now, Output& out);
    void settle(Tree& tree, TimePoint now, Output& out);
    void end_prune(Tree& tree, TimePoint now, Output& out);
    // A packet came, or the last that wanted it went: only then a prune is due.
    void settle_upstream(Tree& tree, bool wanted, bool packet, TimePoint now, Output& out);
    void send_prune(Tree& tree, Upstream const& upstream, TimePoint now, Output& out);
    static std::optional<Ipv4> mask_for(Tree const& tree, Upstream const& upstream);
    static void say_graft(Tree const& tree, Upstream const& upstream, Output& out);
    void say_prune(Tree& tree, Upstream const& upstream, TimePoint now, Output& out);
    void send_graft(Tree& tree, Upstream const& upstream, TimePoint now, Output& out);
    void arm(Tree& tree, TimePoint now);
    void arm(timer::Handle& handle, TimePoint due, timer::Key key);

    // What neighbours mean, trees_cover.cpp.
    Route const* meant(Ipv4 source, std::optional<Ipv4> mask, Interface const& interface,
                       Neighbor const& from, TimePoint now) const;
    bool relies_on_us(Route const& route, Interface const& interface, Neighbor const& from,
                      TimePoint now) const;
    std::vector<std::uint32_t> numbers_under(Ipv4Prefix prefix, Ipv4 group) const;
    bool is_open(Route const& route, Ipv4 group, std::optional<Ipv4> host) const;
    void settle_under(Ipv4Prefix prefix, Ipv4 group, std::optional<Ipv4> source, TimePoint now,
                      Output& out);
    std::optional<TimePoint> first_end_below(Tree const& tree, TimePoint now) const;
    std::optional<Counter> judge(wire::dvmrp::Prune const& prune, Route const* route,
                                 Interface const& interface, Neighbor const& from, TimePoint now);

    Config const& config_;
    timer::Wheel& wheel_;
    Spans& spans_;
    Interfaces& interfaces_;
    Routing const& routing_;
    Random& random_;

    std::map<Place, Flow> flows_;
    std::map<std::pair<Ipv4, Ipv4Prefix>, Tree> trees_; // by group, then network
    std::unordered_map<std::uint32_t, Tree*> by_number_;
    std::set<std::pair<Ipv4Prefix, std::uint32_t>> by_prefix_;
    std::uint32_t last_number_ = 0; // the first tree has 1
    Ledger prunes_;
    std::map<IfIndex, std::set<Ipv4>> members_;
    Channels channels_;

    std::set<Ipv4Prefix> touched_; // whose flows are still to be looked at
    std::optional<Ipv4Prefix> sweeping_{};
    std::optional<Place> swept_{};
    std::optional<FlowKey> channel_swept_{};    // after the flows
    std::optional<std::uint32_t> tree_swept_{}; // after the channels
    timer::Handle flow_sweep_timer_;

    std::optional<std::pair<Ipv4, Ipv4Prefix>> trees_swept_{};
    std::optional<FlowKey> channels_swept_{}; // after the trees
    bool tree_sweep_again_ = false;
    timer::Handle tree_sweep_timer_;
};

} // namespace mcast::dvmrp
