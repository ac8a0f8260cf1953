// A group manager with recording components, a real table and a grace period ended by hand.
#pragma once

#include "mcast/handoff/publisher.h"
#include "mcast/handoff/table.h"
#include "mcast/mgm/group_manager.h"
#include "mcast/mgm/route_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace mcast::mgm::test {

using namespace std::chrono_literals;
using Trace = std::vector<std::string>;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

inline constexpr auto k_join = MembershipFlags::join_state;
inline constexpr auto k_forward = MembershipFlags::forward_state;
inline constexpr Ipv4 k_g = Ipv4::of(239, 1, 1, 1);
inline constexpr Ipv4 k_h = Ipv4::of(239, 2, 2, 2);
inline constexpr Ipv4 k_s = Ipv4::of(10, 1, 0, 9);  // behind if1
inline constexpr Ipv4 k_s2 = Ipv4::of(10, 2, 0, 9); // behind if2
inline constexpr FlowKey k_flow{k_s, k_g};

inline InterfaceRef ref(unsigned n) {
    return {IfIndex{static_cast<std::uint16_t>(n)}, {}};
}
inline IfIndex index(unsigned n) {
    return ref(n).index;
}
inline std::string show(InterfaceRef r) {
    std::string const link = r.next_hop.is_unspecified() ? "" : "/" + to_string(r.next_hop);
    return "if" + std::to_string(r.index.value) + link;
}
inline std::string show(IfSet const& set) {
    std::string text;
    set.for_each([&](IfIndex i) { text += (text.empty() ? "" : " ") + show(InterfaceRef{i, {}}); });
    return text;
}
inline std::string show(AlertCause cause) {
    return cause == AlertCause::membership ? "membership" : "entry";
}

// Writes what it is told into the shared trace, and answers as its members say.
template <class Base>
class Recorder : public Base {
public:
    Recorder(std::string name, Trace& trace) : name_(std::move(name)), trace_(trace) {}

    void on_rpf(RpfQuery const& query, RpfDecision& decision) override {
        say("rpf" + to_string(query.key) + " " + show(query.interface));
        if (rpf) {
            rpf(query, decision);
        }
    }
    void on_entry_created(FlowKey key, InterfaceRef arrival,
                          std::span<OutInterface> mine) override {
        std::string list;
        for (OutInterface& out : mine) {
            list += " " + show(out.ref);
            out.forward = !refuses.contains(out.ref.index);
        }
        say("created" + to_string(key) + " from " + show(arrival) + ":" + list);
        if (created) {
            created();
        }
    }
    void on_join(MembershipKey const& key, AlertCause cause) override {
        say("join" + to_string(key) + " " + show(cause));
    }
    void on_prune(MembershipKey const& key, InterfaceRef, AlertCause cause,
                  std::chrono::seconds& lifetime) override {
        say("prune" + to_string(key) + " " + show(cause) + " " + std::to_string(lifetime.count()));
        lifetime = prune_lifetime.value_or(lifetime);
    }
    void on_local_join(MembershipKey const& key, InterfaceRef interface) override {
        say("local_join" + to_string(key) + " " + show(interface));
    }
    void on_local_leave(MembershipKey const& key, InterfaceRef interface) override {
        say("local_leave" + to_string(key) + " " + show(interface));
    }
    void on_interface_ready(InterfaceRef interface) override {
        if (says_ready) {
            say("ready " + show(interface));
        }
    }

    void on_wrong_interface(FlowKey key, InterfaceRef arrived_on,
                            std::span<std::uint8_t const> packet) override {
        say("wrong_interface" + to_string(key) + " " + show(arrived_on) + " " +
            std::to_string(packet.size()));
    }

    IfSet refuses;
    std::function<void(RpfQuery const&, RpfDecision&)> rpf;
    std::function<void()> created;
    std::optional<std::chrono::seconds> prune_lifetime;
    bool says_ready = false; // every taking ends with it: only where a test is about that

protected:
    void say(std::string const& what) { trace_.push_back(name_ + " " + what); }

private:
    std::string name_;
    Trace& trace_;
};

class Igmp : public Recorder<IgmpListener> {
public:
    using Recorder::Recorder;
    void on_igmp_gate_closed(InterfaceRef interface) override { say("closed " + show(interface)); }
    void on_igmp_gate_opened(InterfaceRef interface, Epoch at) override {
        say("opened " + show(interface));
        epoch = at;
        if (opened) {
            opened();
        }
    }
    Epoch epoch{};
    std::function<void()> opened;
};
using Protocol = Recorder<ProtocolListener>;

class World : public testing::Test {
protected:
    World() {
        for (std::uint8_t n = 1; n <= 9; ++n) {
            routes.add({{Ipv4::of(10, n, 0, 0), 16}, index(n), {}, k_connected_protocol});
        }
    }

    Registration join_in(std::uint32_t protocol, ProtocolListener& listener,
                         std::uint32_t instance = 0) {
        auto seat = mgm.register_component({{protocol}, instance}, listener);
        EXPECT_TRUE(seat) << (seat ? "" : seat.error().reason);
        return std::move(*seat);
    }
    void register_all() {
        x = join_in(1, xl);
        y = join_in(2, yl);
        z = join_in(3, zl);
    }
    void register_igmp() { j = join_in(k_igmp_protocol.value, jl); }

    static InterfaceLease take(Registration& who, InterfaceRef interface) {
        auto lease = who.take(interface);
        EXPECT_TRUE(lease) << (lease ? "" : lease.error().reason);
        return lease ? std::move(*lease) : InterfaceLease{};
    }
    static InterfaceLease take(Registration& who, unsigned n) { return take(who, ref(n)); }

    MissOutcome miss(FlowKey key = k_flow, unsigned arrived_on = 1) {
        return mgm.miss(key, index(arrived_on), {}, now);
    }
    void step(Duration later = {}) {
        now += later;
        mgm.step(now);
    }
    // Until nothing is left to do at this moment; workers see every change.
    void settle() {
        for (int turn = 0; turn < 100; ++turn) {
            grace.end_all();
            if (mgm.step(now) == 0 && grace.open() == 0) {
                return;
            }
        }
        FAIL() << "the manager does not come to rest";
    }
    // What was said since the last call, after everything queued is delivered.
    Trace told() {
        settle();
        return std::exchange(trace, {});
    }
    handoff::Entry const* published(FlowKey key = k_flow) const { return publisher.current(key); }
    std::string outputs(FlowKey key = k_flow) const {
        auto const* entry = published(key);
        return entry == nullptr    ? "no entry"
               : entry->forwards() ? show(entry->outputs)
                                   : std::string{handoff::name_of(entry->negative)};
    }

    Trace trace;
    RouteTable routes;
    handoff::ManualGrace grace;
    handoff::Table table{64, grace};
    handoff::Publisher publisher{table, grace, 1};
    TimePoint now{};
    GroupManager mgm{routes, publisher, grace, Limits{.entries = 8}};
    Protocol xl{"X", trace}, yl{"Y", trace}, zl{"Z", trace};
    Igmp jl{"J", trace};
    Registration x, y, z, j;
};

inline MgmError code(auto const& result) {
    return result.error().code;
}

} // namespace mcast::mgm::test
