#include "igmp_component.h"

#include "igmp_events.h"
#include "igmp_received.h"

#include "mcast/base/log.h"
#include "mcast/wire/datagram.h"

#include <algorithm>
#include <iterator>
#include <new>
#include <utility>

namespace mcast::control {

namespace {

constexpr mgm::MembershipFlags k_join = mgm::MembershipFlags::join_state;

std::vector<mgm::MembershipKey> memberships_of(igmp::Wish const& wish, Ipv4 group) {
    std::vector<mgm::MembershipKey> keys;
    if (wish.any_source) {
        keys.push_back(mgm::MembershipKey::of(group));
    }
    for (Ipv4 source : wish.include) { // sorted already
        keys.push_back(mgm::MembershipKey::of(FlowKey{source, group}));
    }
    return keys;
}

} // namespace

IgmpComponent::IgmpComponent(Config const& config, Interfaces const& interfaces,
                             mgm::GroupManager& manager, Injector& injector, Counters& counters,
                             std::uint64_t seed)
    : config_(config), interfaces_(interfaces), manager_(manager), injector_(injector),
      counters_(counters), engine_(config.igmp, seed) {}

void IgmpComponent::start(TimePoint now) {
    auto registration = manager_.register_component({mgm::k_igmp_protocol, 0}, *this);
    if (!registration) {
        log::line(log::Level::error, "igmp", "not registered: {}", registration.error().reason);
        return;
    }
    registration_ = std::move(*registration);
    interfaces_.for_each([&](IfIndex i) {
        InterfaceConfig const& interface = config_.interfaces[i.index()];
        if (!interface.igmp_enabled) {
            return;
        }
        if (auto const taken = take(i, now); !taken) {
            log::line(log::Level::error, "igmp", "{}: {}", interface.name, taken.error().reason);
        }
    });
}

mgm::Result<> IgmpComponent::take(IfIndex interface, TimePoint now) {
    auto lease = registration_.take({interface, {}});
    if (!lease) {
        return std::unexpected(lease.error());
    }
    seats_[interface].lease = std::move(*lease);
    InterfaceConfig const& config = config_.interfaces[interface.index()];
    igmp::Link link{.address = config.address,
                    .mac = interfaces_.mac(interface),
                    .mtu = interfaces_.mtu(interface),
                    .up = interfaces_.up(interface),
                    .boundaries = interfaces_.boundaries(interface)};
    engine_.add_interface(interface, config.igmp, link, now, output_);
    carry_out(output_);
    return {};
}

// The lease goes first: should that be refused, nothing has happened.
mgm::Result<> IgmpComponent::release(IfIndex interface) {
    auto released = registration_.release({interface, {}});
    if (!released) {
        return released;
    }
    seats_.erase(interface);
    reopened_.erase(interface);
    engine_.remove_interface(interface, output_);
    carry_out(output_);
    return {};
}

void IgmpComponent::farewell() {
    for (auto const& [interface, seat] : seats_) {
        engine_.farewell(interface, output_);
    }
    carry_out(output_);
}

void IgmpComponent::stop() {
    for (auto const& [interface, seat] : seats_) {
        engine_.remove_interface(interface, output_);
    }
    carry_out(output_);
    for (igmp::Change const& change : std::exchange(pending_, {})) {
        try_to_tell(change.interface, change.group);
    }
    seats_.clear();
    registration_ = {};
}

std::size_t IgmpComponent::resume(TimePoint now) {
    std::size_t const done = engine_.resume(now, output_, allowance_);
    allowance_ -= std::min(allowance_, done);
    carry_out(output_);
    return done == 0 ? 0 : 1;
}

Fate IgmpComponent::receive(IfIndex interface, IgmpFrame const& frame, TimePoint now) {
    std::size_t const done = engine_.receive(received(interface, frame), now, output_, allowance_);
    allowance_ -= std::min(allowance_, done);
    carry_out(output_);
    return Fate::igmp_handled;
}

std::size_t IgmpComponent::expire(TimePoint now, std::size_t limit) {
    std::size_t const done = engine_.expire(now, limit, output_);
    carry_out(output_);
    return done;
}

std::size_t IgmpComponent::tell_changes(std::size_t limit) {
    tell_all_again();
    std::size_t done = 0;
    for (auto it = reopened_.begin(); it != reopened_.end() && done < limit;) {
        done += readd(it->first, it->second, limit - done);
        bool const complete = it->second.groups && it->second.next == it->second.groups->size();
        it = complete ? reopened_.erase(it) : std::next(it);
    }
    while (done < limit && !pending_.empty()) {
        igmp::Change const change = pending_.extract(pending_.begin()).value();
        done += std::max<std::size_t>(try_to_tell(change.interface, change.group), 1);
    }
    return done;
}

void IgmpComponent::set_link(IfIndex interface, bool up, TimePoint now) {
    engine_.set_link(interface, up, now, output_);
    carry_out(output_);
}

void IgmpComponent::clear_groups(IfIndex interface, std::optional<Ipv4> group) {
    engine_.clear(interface, group, output_);
    engine_.query_now(interface, output_);
    carry_out(output_);
}

void IgmpComponent::restart(IfIndex interface, TimePoint now) {
    engine_.restart(interface, now, output_);
    carry_out(output_);
}

void IgmpComponent::elect_again(IfIndex interface, TimePoint now) {
    engine_.elect_again(interface, now, output_);
    carry_out(output_);
}

void IgmpComponent::clear_statistics(IfIndex interface, TimePoint now) {
    engine_.clear_statistics(interface, now);
}

bool IgmpComponent::query(IfIndex interface, std::optional<Ipv4> group) {
    bool const asked = group ? engine_.query_now(interface, *group, output_)
                             : engine_.query_now(interface, output_);
    carry_out(output_);
    return asked;
}

bool IgmpComponent::is_querier(IfIndex interface) const {
    auto const view = engine_.view(interface);
    return view && view->enabled && view->querier;
}

void IgmpComponent::carry_out(igmp::Output const& output) {
    for (igmp::QueryToSend const& query : output.queries) {
        try {
            send(query);
            if (keep_asked_.contains(query.interface)) {
                asked_.push_back(query);
            }
        } catch (std::bad_alloc const&) {
            counters_.add(Deed::igmp_queries_unsent, query.interface);
        }
    }
    for (igmp::DiscoveryToSend const& discovery : output.discovery) {
        send(discovery);
    }
    untold_ = untold_ | output.unnoted;
    for (igmp::Change const& change : output.changes) {
        try {
            pending_.insert(change);
        } catch (std::bad_alloc const&) {
            untold_.insert(change.interface);
        }
    }
    for (igmp::Event const& event : output.events) {
        try {
            log_event(interfaces_, event);
        } catch (std::bad_alloc const&) {
            break; // there are counters beside
        }
    }
    output_.clear();
}

// Into the work that is bounded by turns.
void IgmpComponent::tell_all_again() {
    untold_.for_each([&](IfIndex i) {
        try {
            Readd& work = reopened_[i];
            work.groups.reset();
            work.next = 0;
            untold_.erase(i);
        } catch (std::bad_alloc const&) {
            return; // at the next turn
        }
    });
}

std::size_t IgmpComponent::try_to_tell(IfIndex interface, Ipv4 group, Readd const* again) {
    try {
        return tell(interface, group, again);
    } catch (std::bad_alloc const&) {
        untold_.insert(interface);
        return 1;
    }
}

bool IgmpComponent::transmit(IfIndex interface, Ipv4 source, Ipv4 destination,
                             wire::Igmp const& message) {
    wire::Origin const origin{interfaces_.mac(interface), source, {}};
    return injector_.transmit(interface, [&](wire::Writer& out) {
        bool const built = wire::build_igmp_frame(origin, destination, message, out);
        wire::pad(out);
        return built && out.ok();
    });
}

void IgmpComponent::send(igmp::QueryToSend const& query) {
    bool const sent = transmit(query.interface, query.source, query.destination, query.query);
    counters_.add(sent ? Deed::igmp_queries_sent : Deed::igmp_queries_unsent, query.interface);
}

void IgmpComponent::send(igmp::DiscoveryToSend const& discovery) {
    bool const sent = transmit(discovery.interface, discovery.source,
                               wire::usual_destination(discovery.message), discovery.message);
    counters_.add(sent ? Deed::discovery_sent : Deed::discovery_unsent, discovery.interface);
}

// What joins or leaves from here on is a change of its own, told as such.
std::size_t IgmpComponent::readd(IfIndex interface, Readd& work, std::size_t limit) {
    if (!work.groups) {
        try {
            work.groups = groups_to_readd(interface);
        } catch (std::bad_alloc const&) {
            return 1; // at the next turn
        }
    }
    std::size_t done = 0;
    while (done < limit && work.next != work.groups->size()) {
        Ipv4 const group = (*work.groups)[work.next++];
        done += std::max<std::size_t>(try_to_tell(interface, group, &work), 1);
    }
    return std::max<std::size_t>(done, 1);
}

// What left while the gate was closed is among them: it is taken back at once, while the manager
// would find it stale only after a while.
std::vector<Ipv4> IgmpComponent::groups_to_readd(IfIndex interface) const {
    std::vector<Ipv4> told;
    if (auto const seat = seats_.find(interface); seat != seats_.end()) {
        for (auto const& [group, what] : seat->second.told) {
            told.push_back(group);
        }
    }
    auto const known = engine_.groups(interface);
    std::vector<Ipv4> all;
    all.reserve(told.size() + known.size());
    std::ranges::set_union(told, known, std::back_inserter(all));
    return all;
}

bool IgmpComponent::add(Seat& seat, mgm::MembershipKey const& key,
                        std::optional<mgm::Epoch> epoch) {
    auto const added = seat.lease.add(key, k_join, epoch);
    if (!added && added.error().code == mgm::MgmError::no_memory) {
        untold_.insert(seat.lease.interface().index);
        return true; // that is, not refused: it will be told again, or taken back
    }
    if (!added) {
        counters_.add(Deed::memberships_refused, seat.lease.interface().index);
        log::line(log::Level::info, "igmp", "{} on {} refused: {}", to_string(key),
                  interfaces_.name(seat.lease.interface().index), added.error().reason);
    }
    return added.has_value();
}

// Memory may run out before the manager is called, or after all is recorded.
std::size_t IgmpComponent::tell(IfIndex interface, Ipv4 group, Readd const* again) {
    auto const found = seats_.find(interface);
    if (found == seats_.end() || !found->second.lease.gate_open()) {
        return 0; // everything is told again when the gate opens
    }
    Seat& seat = found->second;
    igmp::Wish const wish = engine_.wish(interface, group);
    Told now{memberships_of(wish, group), wish.exclude};
    auto const place = seat.told.try_emplace(group).first;
    now.keys.reserve(now.keys.size() + place->second.keys.size());
    Told const& before = place->second;
    bool const exclude_changed = now.exclude != before.exclude;
    auto const epoch = again != nullptr ? again->epoch : std::nullopt;
    std::size_t calls = 0;
    // Adding comes before removing: a wish that only changes its form never interrupts a stream.
    std::erase_if(now.keys, [&](mgm::MembershipKey const& key) {
        bool const known = std::ranges::binary_search(before.keys, key);
        calls += !known || again != nullptr ? 1 : 0;
        return (!known || again != nullptr) && !add(seat, key, epoch);
    });
    for (mgm::MembershipKey const& key : before.keys) {
        if (!std::ranges::binary_search(now.keys, key)) {
            ++calls;
            take_back(seat, key, now);
        }
    }
    if (now.keys.empty()) {
        seat.told.erase(place);
    } else {
        place->second = std::move(now);
    }
    if (wish.any_source && (exclude_changed || (again != nullptr && !again->epoch))) {
        manager_.reevaluate(group, {interface, {}});
        refiltered_.insert({interface, group});
    }
    return calls;
}

// What the manager could not take back for want of memory is still told. Room for it was made.
void IgmpComponent::take_back(Seat& seat, mgm::MembershipKey const& key, Told& told) {
    auto const removed = seat.lease.remove(key, k_join);
    if (!removed && removed.error().code == mgm::MgmError::no_memory) {
        told.keys.insert(std::ranges::upper_bound(told.keys, key), key);
        untold_.insert(seat.lease.interface().index);
    }
}

void IgmpComponent::on_entry_created(FlowKey key, mgm::InterfaceRef /*arrival*/,
                                     std::span<mgm::OutInterface> mine) {
    for (mgm::OutInterface& out : mine) {
        out.forward = engine_.wanted(out.ref.index, key);
    }
}

void IgmpComponent::on_prune(mgm::MembershipKey const& /*key*/, mgm::InterfaceRef /*interface*/,
                             mgm::AlertCause cause, std::chrono::seconds& entry_lifetime) {
    if (cause == mgm::AlertCause::entry) {
        entry_lifetime = std::chrono::ceil<std::chrono::seconds>(config_.limits.negative_lifetime);
    }
}

void IgmpComponent::on_igmp_gate_closed(mgm::InterfaceRef interface) {
    reopened_.erase(interface.index); // a change on top of a change: the next opening counts
}

void IgmpComponent::on_igmp_gate_opened(mgm::InterfaceRef interface, mgm::Epoch epoch) {
    try {
        reopened_[interface.index] = {.epoch = epoch};
    } catch (std::bad_alloc const&) {
        untold_.insert(interface.index);
    }
}

} // namespace mcast::control
