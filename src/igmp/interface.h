// One interface: its querier machine, its groups, its counters. Owned by the Engine; it does what
// both machines ask for: formats queries, keeps timers armed, reports changed wishes.
//
// interface.cpp has life cycle and timers, interface_hosts.cpp what hosts say, interface_limits.cpp
// how much of it, interface_tracking.cpp which of them, interface_routers.cpp what routers say and
// what we send, interface_memory.cpp what follows when memory runs out.
#pragma once

#include "accept.h"
#include "claim.h"
#include "discovery.h"
#include "group.h"
#include "querier.h"
#include "rate.h"
#include "schedule.h"

#include "mcast/igmp/engine.h"
#include "mcast/timer/handle.h"
#include "mcast/timer/wheel.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <new>
#include <optional>
#include <unordered_map>
#include <vector>

namespace mcast::igmp {

// What has been warned of: it is above its mark.
struct Marks {
    bool entries = false;
    bool bytes = false;
};

// What all interfaces of an engine have in common.
struct Shared {
    Config const& config;
    timer::Wheel& wheel;
    Footprint& used;
    Marks& marks;
    std::size_t const& interfaces; // how many there are
    std::uint64_t seed;            // of random delays
};

// Timer keys: bit 48 tells a group's timer from an interface's, then interface and group.
constexpr timer::Key key_of(IfIndex interface) {
    return timer::Key{interface.value} << 32;
}
constexpr timer::Key key_of(IfIndex interface, Ipv4 group) {
    return timer::Key{1} << 48 | key_of(interface) | group.value;
}
constexpr bool is_group_key(timer::Key key) {
    return (key >> 48) != 0;
}
constexpr IfIndex interface_of(timer::Key key) {
    return {static_cast<std::uint16_t>(key >> 32)};
}
constexpr Ipv4 group_of(timer::Key key) {
    return {static_cast<std::uint32_t>(key)};
}

// Lets one event pass, or a few, then none for a while.
class Throttle {
public:
    constexpr Throttle() = default;
    explicit constexpr Throttle(Duration pause, unsigned most = 1) : pause_(pause), most_(most) {}
    bool pass(TimePoint now) {
        if (!first_ || now - *first_ >= pause_) {
            first_ = now;
            passed_ = 0;
        }
        return passed_++ < most_;
    }

private:
    Duration pause_{std::chrono::seconds{10}};
    unsigned most_ = 1;
    unsigned passed_ = 0; // since first_
    std::optional<TimePoint> first_{};
};

class Interface {
public:
    Interface(IfIndex index, InterfaceConfig const& config, Link link, Shared shared);

    bool enabled() const { return link_.up && !link_.address.address.is_unspecified(); }
    Ipv4 address() const { return link_.address.address; }

    void start(TimePoint now, Output& out);
    void stop(Output& out);
    // Before the interface goes while the link is there: switches need not find out by waiting.
    void farewell(Output& out);
    void set_link(bool up, TimePoint now, Output& out);
    void set_address(Ipv4Prefix address, TimePoint now, Output& out);
    void set_boundaries(std::vector<Ipv4Prefix> boundaries, Output& out);
    void reconfigure(InterfaceConfig const& config, TimePoint now, Output& out);
    void clear(std::optional<Ipv4> group, Output& out);
    void restart(TimePoint now, Output& out);
    void elect_again(TimePoint now, Output& out);
    void clear_statistics(TimePoint now);
    bool query_now(Output& out);
    bool query_now(Ipv4 group, Output& out);

    // Reports were refused before they came here, up to this moment.
    void overrun(TimePoint now) { overrun_ = now; }

    // Both return the work done, see Engine::receive().
    std::size_t receive(Received const& received, bool own_source, std::size_t allowance,
                        TimePoint now, Output& out);
    std::size_t resume(std::size_t allowance, TimePoint now, Output& out);
    bool interrupted() const { return rest_.has_value(); }
    // An allocation failed in one of these: what hosts said may not have been heard.
    void out_of_memory(TimePoint now);
    void querier_due(TimePoint now, Output& out);
    // Returns how many sources it looked at.
    std::size_t group_due(Ipv4 group, TimePoint now, Output& out);

    Group const* find(Ipv4 group) const;
    std::vector<Ipv4> groups() const;
    std::optional<Ipv4> next_group(std::optional<Ipv4> after) const;
    InterfaceView view() const;
    Counters const& counters() const { return counters_; }
    Statistics statistics() const { return {since(counters_, cleared_), cleared_at_}; }

private:
    using Groups = std::map<Ipv4, Group>;
    // The part of a report that was not heard yet.
    struct Rest {
        wire::ReportV3 report{};
        Ipv4 reporter{};
        std::size_t next = 0;
    };

    void refuse(Counter why, Received const& received, TimePoint now, Output& out);
    // These two note what they can: a change for which there is no memory is in out.unnoted.
    void changed(Ipv4 group, Output& out) noexcept;
    static void note(Event const& event, Output& out) noexcept;
    // Does something to a group, and settles it; also when memory runs out half-way.
    template <class F>
    void with_group(Groups::iterator at, TimePoint now, Output& out, F&& f) {
        Footprint const before = at->second.footprint();
        try {
            f(at->second);
        } catch (std::bad_alloc const&) {
            settle_half_done(at, before, now, out);
            throw;
        }
        settle(at, before, out);
    }
    void settle_half_done(Groups::iterator at, Footprint before, TimePoint now, Output& out);
    Groups::iterator make_group(Ipv4 group, TimePoint now);
    // Counts the group's entries, drops it when nothing is left of it, else keeps its timer armed.
    void settle(Groups::iterator at, Footprint before, Output& out);
    void account(Footprint before, Footprint after);
    Groups::iterator drop(Groups::iterator at, Output& out);
    void arm(timer::Handle& handle, std::optional<TimePoint> due, timer::Key key);
    void arm_querier();

    void hear(wire::GroupRecord const& record, Ipv4 reporter, TimePoint now, Output& out);
    void hear(Claim claim, Ipv4 reporter, TimePoint now, Output& out);
    std::uint64_t share_left(std::uint64_t limit, std::uint64_t all, std::uint64_t here) const;
    Footprint room() const;
    void refuse(LimitReached::Which which, std::size_t times, Ipv4 group, TimePoint now,
                Output& out);
    bool in_time(Ipv4 group, Ipv4 reporter, TimePoint now, Output& out);
    bool has_room_for_group(Ipv4 group, TimePoint now, Output& out);
    bool may_say(Claim& claim, Ipv4 reporter);
    void apply_access(Output& out);
    bool admit(Claim& claim, Group const* known, Ipv4 reporter, TimePoint now, Output& out);
    void limit_sources(Claim& claim, SourceSet const& present, bool new_group, TimePoint now,
                       Output& out);
    void watch(Output& out);
    void act_on(Claim const& claim, Group& group, Ipv4 reporter, TimePoint now, Output& out);
    void count_compatibility(Group& group, bool is_new, TimePoint now);
    void check_members(Group& group, Check const& check, bool was_member, TimePoint now,
                       Output& out);
    void begin_tracking(TimePoint now);
    bool has_too_many_groups(Claim const& claim, Group const* known, Ipv4 reporter) const;
    bool can_track(Members const& members, Claim const& claim, Ipv4 reporter) const;
    bool track(Group& group, Claim const& claim, Ipv4 reporter, TimePoint now);
    void forget_host(Ipv4 host);
    void forget_members(Group& group);
    void expire_members(Group& group, TimePoint now);
    bool knows_all_members(Group const& group, TimePoint now);
    Check without_wanted(Check const& check, Members const& members, TimePoint now);
    bool is_silence(bool checking, TimePoint deadline, bool can_ask, TimePoint now) const;
    void doubt(Group& group, TimePoint now, Output& out);
    void expire_group(Group& group, TimePoint now, Output& out);
    void run(Group& group, TimePoint now, Output& out);

    void hear(wire::Query const& query, Ipv4 source, TimePoint now, Output& out);
    void lower(wire::Query const& query, Ipv4 source, TimePoint now, Output& out);
    void carry_out(QuerierStep const& step, TimePoint now, Output& out);
    void follow_discovery(TimePoint now);
    void advertise(Output& out);
    bool send_general(Output& out);
    // Sends what the group owes now, or puts it off when too much has been sent lately.
    void send_owed(Group& group, TimePoint now, Output& out);
    void send(Group const& group, std::vector<SpecificQuery> const& queries, TimePoint now,
              Output& out);

    IfIndex index_;
    Link link_;
    Shared shared_;
    Querier querier_;
    Discovery discovery_;
    Groups groups_;
    Footprint used_{};                                       // by all groups
    std::unordered_map<Ipv4, std::uint32_t> groups_of_host_; // of tracked hosts
    // From when on all members of the link can have been heard; absent: not known yet.
    std::optional<TimePoint> complete_at_{};
    Counters counters_{};
    Counters cleared_{}; // counters_ when statistics began
    TimePoint cleared_at_{};
    TimePoint enabled_since_{};
    Bucket queries_;
    Bucket new_state_;
    HostBuckets new_state_by_host_;
    std::size_t work_ = 0; // in looks at a record or a source; goes round
    std::optional<Rest> rest_{};
    bool many_groups_ = false;           // above the mark for a warning
    std::optional<TimePoint> overrun_{}; // the latest
    timer::Handle querier_timer_;
    Throttle version_warning_{std::chrono::seconds{60}};
    Throttle duplicate_alarm_{std::chrono::seconds{10}};
    // A host that counts down from a high address would be a new querier with each query.
    Throttle querier_news_{std::chrono::seconds{10}, 8};
    // Each limit by itself: one that is reached all the time hides no other.
    std::array<Throttle, LimitReached::k_limits> limit_warnings_{};
};

} // namespace mcast::igmp
