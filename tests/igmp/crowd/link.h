// One link: a router, which is the engine under test and querier, and hosts that want things. The
// link loses packets, but never so many that what the protocol promises ends: of as many tries as
// the robustness says, one comes through, whether a try is lost as a query or as its answer.
//
// What is checked is the definition and no table. Safety: what the router forwards contains, at
// every moment, what each host wants and has said once. Liveness: what nobody wants stops in time.
// The router's word is what it has announced (a Change and the wish after it), since that is all
// that the forwarding side ever hears of it.
#pragma once

#include "filter.h"
#include "host.h"

#include "mcast/igmp/engine.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mcast::igmp::crowd {

// What the application on a host does, some time after what was done before.
struct Deed {
    Duration after{};
    std::size_t host = 0;
    int group = 0;
    Filter filter{};
};

struct Story {
    std::vector<std::uint8_t> versions; // of the hosts
    bool lossy = false;
    std::uint64_t seed = 0; // of delays and losses
    std::vector<Deed> deeds;
};

std::string text_of(Story const& story);

struct Tally { // that a run was no idle one
    std::uint64_t lost = 0;
    std::uint64_t stops = 0; // of a source, while others of the group or other groups went on
    std::uint64_t specific_queries = 0;
};

class Link {
public:
    explicit Link(Story const& story);

    // The whole story, and then as long as it takes until everything must be over. The first thing
    // that was wrong, with its time.
    std::optional<std::string> run();
    Tally const& tally() const { return tally_; }

private:
    struct Member {
        Host host;
        std::array<std::array<std::uint8_t, k_debts>, k_groups> lost{}; // in a row
        std::array<Mask, k_groups> told{}; // wanted, and the router has heard so
    };
    struct State {
        bool on = false;
        TimePoint since{};
        void follow(bool now_on, TimePoint now) {
            since = on == now_on ? since : now;
            on = now_on;
        }
    };
    struct Flow {
        State wanted{};
        bool forwarded = false;
    };

    // Until `end`: whatever hosts and router have to do. False when something was wrong.
    bool pass(TimePoint end);
    void act(Deed const& deed);
    void deliver(std::size_t from, std::vector<Utterance> const& said);
    void spread(std::size_t from, wire::Igmp const& message);
    void receive(std::size_t from, wire::Igmp const& message);
    void collect();
    bool lose(Member& member, Debts const& debts);
    static void pay(Member& member, Debts const& debts);
    static Mask stated(wire::Igmp const& message, int group);
    std::optional<TimePoint> next_due() const;

    // After each moment.
    void look();
    void judge(int group);
    bool wanted(int group, int source) const;
    TimePoint must_have_stopped(int group, int source) const;
    void blame(std::string what);

    Story const& story_;
    Random random_;
    Engine engine_;
    Output out_;
    TimePoint now_{};
    std::vector<Member> members_;
    std::array<std::array<Flow, k_sources>, k_groups> flows_{};
    std::array<State, k_groups> any_wanted_{}; // any source of the group
    std::array<State, k_groups> excluding_{};  // a host is in exclude mode
    std::optional<std::string> fault_;
    Tally tally_{};
};

} // namespace mcast::igmp::crowd
