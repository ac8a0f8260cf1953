// The verbs of ownership: what follows at once when somebody comes to an interface or leaves it.
// The rest is the turn's (turn.cpp).
#include "core.h"

#include "mcast/base/log.h"

#include <new>
#include <utility>

namespace mcast::mgm {

namespace {

// Memberships that go within the call by which their owner leaves.
constexpr std::size_t k_at_once = 256;

} // namespace

std::unexpected<Failure> Core::out_of_memory() {
    ++counters.out_of_memory;
    refused("out_of_memory");
    return failure(MgmError::no_memory, "out of memory"); // short: needs none itself
}

Result<std::uint64_t> Core::take(ClientSerial client, InterfaceRef ref) {
    if (auto free = not_from_question(); !free) {
        return std::unexpected(free.error());
    }
    if (clients.find(client) == nullptr) {
        return failure(MgmError::invalid_parameter, "not registered");
    }
    if (ref.index.index() >= k_max_interfaces) {
        return failure(MgmError::invalid_parameter, "there is no interface with this number");
    }
    try {
        news.make_room(1);
        builder.make_room(1);
        auto const change = ownership.take(client, clients.is_igmp(client), ref, now);
        if (!change) {
            return std::unexpected(change.error());
        }
        reporter.report(
            {.kind = EventKind::taken, .component = clients.id_of(client), .interface = ref});
        if (change->gate_closed) {
            report_gate_closed(ref);
            news.push({ownership.find(ref)->igmp.client,
                       NewsItem::Kind::gate_closed,
                       {},
                       ref,
                       {},
                       {},
                       0});
        }
        hearer_changes(ref);
        // IGMP beside an owner changes nothing for entries: it has no memberships yet.
        if (ownership.accountant(ref) == client) {
            if (!clients.is_igmp(client)) {
                owner_changes(ref);
            }
            builder.interface_taken(ref.index);
        }
        return change->lease;
    } catch (std::bad_alloc const&) {
        return out_of_memory();
    }
}

void Core::report_gate_closed(InterfaceRef ref) const {
    reporter.report({.kind = EventKind::gate_closed,
                     .component = clients.id_of(ownership.find(ref)->igmp.client),
                     .interface = ref});
}

// What IGMP wants there stays in force through the change; the gate's opening sets its deadline.
// Links of a point-to-multipoint interface have no memberships.
void Core::owner_changes(InterfaceRef ref) {
    if (ref.next_hop.is_unspecified()) {
        membership.owner_changes(ref.index);
        stale_.erase(ref.index);
    }
}

Result<> Core::release(ClientSerial client, InterfaceRef ref, std::optional<std::uint64_t> lease) {
    if (auto free = not_from_question(); !free) {
        return free;
    }
    if (clients.find(client) == nullptr) {
        return failure(MgmError::invalid_parameter, "not registered");
    }
    try {
        news.make_room(1);
        builder.make_room(1);
        auto const left = ownership.release(client, ref, lease, now);
        if (!left) {
            return std::unexpected(left.error());
        }
        reporter.report(
            {.kind = EventKind::released, .component = clients.id_of(client), .interface = ref});
        if (left->was_igmp) {
            igmp_left(client, ref);
        } else {
            owner_left(client, ref, left->gate_closed);
        }
        hearer_changes(ref);
    } catch (std::bad_alloc const&) {
        return out_of_memory();
    }
    return {};
}

void Core::owner_left(ClientSerial client, InterfaceRef ref, bool gate_closed) {
    news.forget_ready(ref);
    news.forget_local(ref);
    InterfaceRecord const* record = ownership.find(ref);
    if (gate_closed) {
        report_gate_closed(ref);
        news.push({record->igmp.client, NewsItem::Kind::gate_closed, {}, ref, {}, {}, 0});
    }
    owner_changes(ref);
    bool const has_members = ref.next_hop.is_unspecified();
    if (has_members) {
        membership.owner_left(ref.index);
    }
    builder.interface_released(ref.index, client); // what the owner wanted is void by now
    if (has_members) {
        at_once([&] { sweep_own(ref.index, k_at_once); });
    }
}

void Core::igmp_left(ClientSerial client, InterfaceRef ref) {
    news.forget_gate(ref);
    bool const has_members = ref.next_hop.is_unspecified();
    if (has_members) {
        membership.igmp_left(ref.index);
        stale_.erase(ref.index);
    }
    InterfaceRecord const* const record = ownership.find(ref);
    if (record != nullptr && record->owner.taken()) {
        builder.igmp_left_owner(ref.index, client);
    } else {
        builder.interface_released(ref.index, client);
    }
    if (has_members) {
        at_once([&] { sweep_igmp(ref.index, k_at_once); });
    }
}

Result<> Core::deregister(ClientSerial client) {
    if (auto free = not_from_question(); !free) {
        return free;
    }
    if (clients.find(client) == nullptr) {
        return failure(MgmError::invalid_parameter, "not registered");
    }
    if (ownership.holds_any(client)) {
        return failure(MgmError::cannot_complete, "the component still owns interfaces");
    }
    // What IGMP wanted while this component owned the interface counts for it until IGMP adds it
    // again or it is swept: nobody is told meanwhile, since nothing has changed for anybody.
    clients.remove(client);
    return {};
}

void Core::drop_lease(ClientSerial client, InterfaceRef ref, std::uint64_t lease) {
    if (!seated(client, ref, lease)) {
        return;
    }
    counters.reentrant_refused += clients.busy() ? 1 : 0;
    if (clients.busy() || !release(client, ref, lease)) {
        ownership.abandon(client, ref); // for the turn
    }
}

void Core::drop_registration(ClientSerial client) {
    if (clients.find(client) == nullptr) {
        return;
    }
    std::size_t const held = ownership.abandon_all(client);
    counters.reentrant_refused += clients.busy() ? 1 : 0;
    at_once([&] {
        if (held != 0) {
            log::line(log::Level::warning, "mgm", "{} went away with {} interfaces; releasing them",
                      to_string(*clients.id_of(client)), held);
        }
    });
    clients.silence(client); // its listener may be gone before the next turn
    if (!clients.busy()) {
        at_once([&] { release_abandoned(); });
    }
}

void Core::release_abandoned() {
    for (auto const& [ref, client] : ownership.abandoned()) {
        (void)release(client, ref, std::nullopt);
    }
    clients.remove_silent([&](ClientSerial client) { return !ownership.holds_any(client); });
}

void Core::interface_gone(IfIndex index) {
    if (!not_from_question() || index.index() >= k_max_interfaces) {
        return;
    }
    membership.owner_left(index);
    membership.igmp_left(index);
    stale_.erase(index);
    ownership.drop(index, [&](InterfaceRef ref) {
        news.forget_gate(ref);
        news.forget_ready(ref);
        news.forget_local(ref);
    });
    hearer_changes({index, {}});
    facts.forget(index);
    builder.interface_gone(index);
    at_once([&] {
        sweep_own(index, k_at_once);
        sweep_igmp(index, k_at_once);
    });
}

} // namespace mcast::mgm
