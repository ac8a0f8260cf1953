// Random calls on a small router, and what must hold after each of them.
#include "mcast/handoff/publisher.h"
#include "mcast/handoff/table.h"
#include "mcast/mgm/group_manager.h"
#include "mcast/mgm/route_table.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace mcast::mgm {
namespace {

constexpr unsigned k_interfaces = 5; // 1..5; sources are behind 1 and 2
constexpr std::size_t k_igmp = 2;    // the third component
constexpr auto k_join = MembershipFlags::join_state;
constexpr std::array k_groups{Ipv4::of(239, 1, 1, 1), Ipv4::of(239, 2, 2, 2)};
constexpr std::array k_sources{Ipv4::of(10, 1, 0, 9), Ipv4::of(10, 2, 0, 9)};

InterfaceRef ref(unsigned n) {
    return {IfIndex{static_cast<std::uint16_t>(n)}, {}};
}

struct Op {
    unsigned what, who, where, key;
};
void showValue(Op const& op, std::ostream& os) {
    os << '{' << op.what << ' ' << op.who << ' ' << op.where << ' ' << op.key << '}';
}

// Believes what it is told; IGMP refuses one source on one interface.
struct Believer : IgmpListener {
    void on_join(MembershipKey const& key, AlertCause cause) override {
        if (cause == AlertCause::membership && !key.source) {
            told.insert(key);
        }
    }
    void on_prune(MembershipKey const& key, InterfaceRef, AlertCause cause,
                  std::chrono::seconds&) override {
        if (cause != AlertCause::membership || key.source) {
            return;
        }
        if (key.group) {
            told.erase(key);
        } else {
            told.clear(); // a (*,*) prune is one for every group
        }
    }
    bool believes(Ipv4 group) const {
        return told.contains(MembershipKey::of(group)) || told.contains(MembershipKey::any());
    }
    static bool refuses(FlowKey flow, IfIndex index) {
        return flow.source == k_sources[0] && index.value == 4;
    }
    void on_entry_created(FlowKey flow, InterfaceRef, std::span<OutInterface> mine) override {
        for (OutInterface& out : mine) {
            out.forward = !is_igmp || !refuses(flow, out.ref.index);
        }
    }
    void on_igmp_gate_closed(InterfaceRef interface) override { gates[interface] = false; }
    void on_igmp_gate_opened(InterfaceRef interface, Epoch) override { gates[interface] = true; }

    bool is_igmp = false;
    std::set<MembershipKey> told;
    std::map<InterfaceRef, bool> gates;
};

class Router {
public:
    Router() {
        for (unsigned n : {1u, 2u}) {
            routes_.add({{k_sources[n - 1], 16}, ref(n).index, {}, k_connected_protocol});
        }
        for (std::size_t c = 0; c < 3; ++c) {
            listeners_[c].is_igmp = c == k_igmp;
            ComponentId const id{
                c == k_igmp ? k_igmp_protocol : ProtocolId{static_cast<std::uint32_t>(c + 1)}, 0};
            seats_[c] = std::move(*mgm_.register_component(id, listeners_[c]));
        }
    }

    void apply(Op const& op) {
        auto const c = op.who % 3;
        auto const n = op.where % k_interfaces + 1;
        InterfaceLease& lease = leases_[c][n];
        switch (op.what % 9) {
        case 0:
            take(c, n);
            break;
        case 1:
            if (lease.release()) {
                forget(c, n);
                listeners_[c].gates.erase(ref(n)); // a new lease begins with an open gate
            }
            break;
        case 2:
        case 3:
            add(c, n, key(op.key));
            break;
        case 4:
            if (lease.remove(key(op.key), k_join)) {
                wishes_.erase({n, c == k_igmp, key(op.key)});
            }
            break;
        case 5:
            mgm_.miss(flow(op.key), ref(n).index, {}, now_);
            break;
        case 6:
            grace_.end_all();
            [[fallthrough]];
        case 7:
            now_ += std::chrono::seconds{op.key};
            mgm_.step(now_, 1 + op.key);
            break;
        case 8:
            blocked_[n] = !blocked_[n];
            mgm_.set_interface(ref(n).index,
                               {.ttl_threshold = 1,
                                .boundaries = blocked_[n] ? std::vector{Ipv4Prefix{k_groups[1], 32}}
                                                          : std::vector<Ipv4Prefix>{}});
            break;
        default:
            break;
        }
    }

    void check() const {
        EntryPage const page = mgm_.page(std::nullopt, 100);
        RC_ASSERT(page.entries.size() == publisher_.size());
        for (ForwardingEntry const& entry : page.entries) {
            check_entry(entry);
        }
        for (unsigned n = 1; n <= k_interfaces; ++n) {
            check_memberships(n);
        }
        for (OwnershipView const& view : mgm_.owners()) {
            bool const changing =
                view.state == OwnershipState::taking || view.state == OwnershipState::releasing;
            if (view.igmp) {
                RC_ASSERT(leases_[k_igmp][view.interface.index.value].gate_open() == !changing);
            }
        }
    }

    // Nothing moves any more: everybody's belief is the truth.
    void settle_and_check_beliefs() {
        now_ += std::chrono::minutes{1}; // past the hold time of what is stale
        for (int turn = 0; turn < 50; ++turn) {
            grace_.end_all();
            mgm_.step(now_ += std::chrono::seconds{1});
        }
        check();
        for (std::size_t c = 0; c < 3; ++c) {
            for (Ipv4 group : k_groups) {
                RC_ASSERT(listeners_[c].believes(group) == somebody_else_wants(c, group));
            }
        }
        for (auto const& [interface, open] : listeners_[k_igmp].gates) {
            RC_ASSERT(open || !leases_[k_igmp][interface.index.value].active());
        }
    }

    void empty() {
        for (auto& mine : leases_) {
            mine = {};
        }
        for (int turn = 0; turn < 50; ++turn) {
            grace_.end_all();
            mgm_.step(now_ += std::chrono::minutes{20});
        }
        RC_ASSERT(mgm_.entries() == 0u);
        RC_ASSERT(publisher_.versions_alive() == 0u);
        RC_ASSERT(mgm_.groups(GroupListing::per_source).done());
        RC_ASSERT(mgm_.owners().empty());
    }

private:
    struct Wish {
        unsigned where;
        bool igmp;
        MembershipKey key;
        auto operator<=>(Wish const&) const = default;
    };

    static FlowKey flow(unsigned n) { return {k_sources[n % 2], k_groups[n / 2 % 2]}; }
    static MembershipKey key(unsigned n) {
        switch (n % 5) {
        case 0:
            return MembershipKey::any();
        case 1:
        case 2:
            return MembershipKey::of(k_groups[n % 2]);
        default:
            return MembershipKey::of(flow(n));
        }
    }

    void take(std::size_t c, unsigned n) {
        if (auto lease = seats_[c].take(ref(n))) {
            leases_[c][n] = std::move(*lease);
            hold(c, n);
        }
    }
    // After a change of owner, what IGMP wants there is no longer certain.
    void hold(std::size_t c, unsigned n) {
        if (c != k_igmp) {
            std::erase_if(wishes_, [&](Wish const& w) { return w.where == n && w.igmp; });
        }
    }
    void forget(std::size_t c, unsigned n) {
        std::erase_if(wishes_,
                      [&](Wish const& w) { return w.where == n && w.igmp == (c == k_igmp); });
        hold(c, n);
    }
    void add(std::size_t c, unsigned n, MembershipKey const& wanted) {
        InterfaceLease& lease = leases_[c][n];
        bool const may = lease.active() && (c != k_igmp || lease.gate_open());
        auto const added = lease.add(wanted, k_join);
        RC_ASSERT(added.has_value() == may); // a closed gate refuses, and nothing else does
        if (added) {
            wishes_.insert({n, c == k_igmp, wanted});
        }
    }

    void check_entry(ForwardingEntry const& entry) const {
        auto const* published = publisher_.current(entry.key);
        RC_ASSERT(published != nullptr);
        RC_ASSERT(published->outputs == entry.outputs);
        RC_ASSERT(published->negative == entry.negative);
        RC_ASSERT(entry.outputs.empty() == (entry.negative != handoff::Drop::none));
        RC_ASSERT(!entry.outputs.contains(entry.arrival.index));
        IfSet expected;
        bool const owned = entry.owner.has_value();
        for (unsigned n = 1; owned && n <= k_interfaces; ++n) {
            if (wanted(entry.key, n) && ref(n) != entry.arrival && !cut(entry.key, n)) {
                expected.insert(ref(n).index);
            }
        }
        if (owned && cut(entry.key, entry.arrival.index.value)) {
            expected = {};
        }
        RC_ASSERT(entry.outputs == expected);
    }
    bool cut(FlowKey key, unsigned n) const { return blocked_.at(n) && key.group == k_groups[1]; }
    bool wanted(FlowKey key, unsigned n) const {
        bool own = false;
        bool igmp = false;
        for (MembershipView const& view : mgm_.memberships(ref(n))) {
            own |= view.by_owner && view.key.matches(key);
            igmp |= view.by_igmp && view.key.matches(key);
        }
        return own || (igmp && !Believer::refuses(key, ref(n).index));
    }
    void check_memberships(unsigned n) const {
        std::set<Wish> shown;
        for (MembershipView const& view : mgm_.memberships(ref(n))) {
            RC_ASSERT(view.by_owner || view.by_igmp);
            if (view.by_owner) {
                shown.insert({n, false, view.key});
            }
            if (view.by_igmp && !view.stale) {
                shown.insert({n, true, view.key});
            }
        }
        std::set<Wish> mine;
        for (Wish const& wish : wishes_) {
            if (wish.where == n) {
                mine.insert(wish);
            }
        }
        RC_ASSERT(shown == mine);
    }
    bool somebody_else_wants(std::size_t c, Ipv4 group) const {
        for (Wish const& wish : wishes_) {
            bool const covers = !wish.key.source && (!wish.key.group || *wish.key.group == group);
            std::size_t account = k_igmp;
            for (std::size_t protocol : {0u, 1u}) {
                account = leases_[protocol][wish.where].active() ? protocol : account;
            }
            bool const mine = account == c || (wish.igmp && c == k_igmp);
            if (covers && !mine) {
                return true;
            }
        }
        return false;
    }

    RouteTable routes_;
    handoff::ManualGrace grace_;
    handoff::Table table_{64, grace_};
    handoff::Publisher publisher_{table_, grace_, 1};
    TimePoint now_{};
    GroupManager mgm_{routes_, publisher_, grace_};
    std::array<Believer, 3> listeners_;
    std::array<Registration, 3> seats_;
    std::array<std::array<InterfaceLease, k_interfaces + 1>, 3> leases_;
    std::array<bool, k_interfaces + 1> blocked_{};
    std::set<Wish> wishes_;
};

TEST(Property, InvariantsHoldUnderRandomCalls) {
    auto const number = rc::gen::inRange(0u, 60u);
    auto const op = rc::gen::construct<Op>(number, number, number, number);
    ASSERT_TRUE(rc::check("outputs follow from memberships, gates refuse, beliefs are true", [&] {
        auto const ops = *rc::gen::container<std::vector<Op>>(op);
        Router router;
        for (Op const& each : ops) {
            router.apply(each);
            router.check();
        }
        router.settle_and_check_beliefs();
        router.empty();
    }));
}

} // namespace
} // namespace mcast::mgm
