// The verbs of ownership: what follows when somebody comes to an interface or leaves it, and the
// manager's turn, in which changes complete.
#include "core.h"

#include "mcast/base/log.h"

#include <algorithm>

namespace mcast::mgm {

namespace {

// How often the end of a grace period is asked for while an interface changes hands, and while
// nothing but the freeing of retired entries waits for it.
constexpr Duration k_grace_poll = std::chrono::milliseconds{1};
constexpr Duration k_reclaim_poll = std::chrono::milliseconds{10};

} // namespace

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
    bool const is_igmp = clients.is_igmp(client);
    auto const change = ownership.take(client, is_igmp, ref, now);
    if (!change) {
        return std::unexpected(change.error());
    }
    if (change->gate_closed) {
        news.push(
            {ownership.find(ref)->igmp.client, NewsItem::Kind::gate_closed, {}, ref, {}, {}, 0});
        hold_memberships(ref);
    }
    // IGMP beside an owner changes nothing for entries: it has no memberships yet.
    if (ownership.accountant(ref) == client) {
        builder.interface_taken(ref.index);
    }
    return change->lease;
}

// IGMP's memberships stay in force through the change; the gate's opening sets their deadline.
// Links of a point-to-multipoint interface have none.
void Core::hold_memberships(InterfaceRef ref) {
    if (ref.next_hop.is_unspecified()) {
        membership.mark_igmp_stale(ref.index);
        sweeps_.erase(ref.index);
    }
}

Result<> Core::release(ClientSerial client, InterfaceRef ref, std::optional<std::uint64_t> lease) {
    if (auto free = not_from_question(); !free) {
        return free;
    }
    if (clients.find(client) == nullptr) {
        return failure(MgmError::invalid_parameter, "not registered");
    }
    auto const left = ownership.release(client, ref, lease, now);
    if (!left) {
        return std::unexpected(left.error());
    }
    if (left->was_igmp) {
        igmp_left(client, ref);
    } else {
        owner_left(client, ref, left->gate_closed);
    }
    return {};
}

void Core::owner_left(ClientSerial client, InterfaceRef ref, bool gate_closed) {
    news.forget_ready(ref);
    InterfaceRecord const* record = ownership.find(ref);
    if (gate_closed) {
        news.push({record->igmp.client, NewsItem::Kind::gate_closed, {}, ref, {}, {}, 0});
    }
    if (record != nullptr && record->igmp.taken()) {
        hold_memberships(ref);
    }
    if (ref.next_hop.is_unspecified()) {
        for (MembershipKey const& key : membership.keys_on(ref.index)) {
            bool const removed = alerts.around(
                key, ref, [&] { return membership.remove_own(client, key, ref.index); });
            if (removed) {
                builder.membership_removed(key, ref.index);
            }
        }
    }
    builder.interface_released(ref.index, client);
}

void Core::igmp_left(ClientSerial client, InterfaceRef ref) {
    news.forget_gate(ref);
    if (!ref.next_hop.is_unspecified()) {
        builder.interface_released(ref.index, client);
        return;
    }
    sweeps_.erase(ref.index);
    ClientSerial const owner = ownership.accountant(ref);
    for (MembershipKey const& key : membership.keys_on(ref.index)) {
        auto const removed =
            alerts.around(key, ref, [&] { return membership.remove_igmp(key, ref.index); });
        if (removed == Membership::Removed::nothing) {
            continue;
        }
        if (owner != k_nobody && removed == Membership::Removed::live) {
            news.push(
                {owner, NewsItem::Kind::local_leave, key, ref, AlertCause::membership, {}, 0});
        }
        builder.membership_removed(key, ref.index);
    }
    builder.interface_released(ref.index, client);
}

Result<> Core::deregister(ClientSerial client) {
    if (auto free = not_from_question(); !free) {
        return free;
    }
    if (clients.find(client) == nullptr) {
        return failure(MgmError::invalid_parameter, "not registered");
    }
    if (!ownership.held_by(client).empty()) {
        return failure(MgmError::cannot_complete, "the component still owns interfaces");
    }
    move_accounts_of(client);
    clients.remove(client);
    return {};
}

// What IGMP wanted while this component owned the interface may still count for it.
void Core::move_accounts_of(ClientSerial client) {
    std::vector<std::pair<MembershipKey, IfSet>> counted;
    for (auto const& [key, interest] : membership.all()) {
        for (Account const& account : interest.accounts) {
            if (account.client == client) {
                counted.emplace_back(key, account.on);
            }
        }
    }
    std::ranges::sort(counted, {}, &std::pair<MembershipKey, IfSet>::first);
    for (auto const& one : counted) {
        MembershipKey const key = one.first;
        one.second.for_each([&](IfIndex index) {
            InterfaceRef const ref{index, {}};
            alerts.around(key, ref, [&] {
                membership.move_igmp(ownership.accountant(ref), key, index);
                return true;
            });
        });
    }
}

void Core::drop_lease(ClientSerial client, InterfaceRef ref, std::uint64_t lease) {
    if (clients.busy()) {
        ++counters.reentrant_refused;
        deferred_.push_back([this, client, ref, lease] { drop_lease(client, ref, lease); });
        return;
    }
    if (seated(client, ref, lease)) {
        (void)release(client, ref, lease);
    }
}

void Core::drop_registration(ClientSerial client) {
    if (clients.busy()) {
        ++counters.reentrant_refused;
        clients.silence(client); // its listener may be gone before the next step
        deferred_.push_back([this, client] { drop_registration(client); });
        return;
    }
    auto const id = clients.id_of(client);
    if (!id) {
        return;
    }
    auto const held = ownership.held_by(client);
    if (!held.empty()) {
        log::line(log::Level::warning, "mgm", "{} went away with {} interfaces; releasing them",
                  to_string(*id), held.size());
    }
    clients.silence(client);
    for (InterfaceRef ref : held) {
        (void)release(client, ref, std::nullopt);
    }
    (void)deregister(client);
}

void Core::interface_gone(IfIndex index) {
    if (!not_from_question() || index.index() >= k_max_interfaces) {
        return;
    }
    sweeps_.erase(index);
    for (MembershipKey const& key : membership.keys_on(index)) {
        InterfaceRef const ref{index, {}};
        alerts.around(key, ref, [&] {
            (void)membership.remove_igmp(key, index);
            for (Wish const& wish : membership.wishes(key)) {
                (void)membership.remove_own(wish.client, key, index);
            }
            return true;
        });
    }
    for (InterfaceRef ref : ownership.drop(index)) {
        news.forget_gate(ref);
        news.forget_ready(ref);
    }
    facts.forget(index);
    builder.interface_gone(index);
}

std::size_t Core::step(TimePoint at, std::size_t limit) {
    if (stepping_ || !not_from_question()) {
        return 0;
    }
    stepping_ = true;
    now = at;
    auto const deferred = std::exchange(deferred_, {});
    for (auto const& call : deferred) {
        call();
    }
    std::size_t done = deferred.size();
    done += builder.work(limit);
    done += complete_changes();
    done += sweep(limit);
    done += store.expire(now, limit, counters.entries_expired);
    done += publisher.reclaim(limit);
    auto const delivered =
        news.deliver(limit, clients, [&](NewsItem const& item, std::chrono::seconds lifetime) {
            store.set_lifetime({*item.key.source, *item.key.group}, item.entry_serial, lifetime);
        });
    counters.news_delivered += delivered;
    stepping_ = false;
    return done + delivered;
}

// The grace period of a change starts when the entries that it touches are published.
std::size_t Core::complete_changes() {
    if (!ownership.in_transition()) {
        return 0;
    }
    if (builder.idle()) {
        ownership.start_grace(grace, now);
    }
    auto const completed = ownership.complete(grace, now);
    for (auto const& [ref, releasing, gate_opened] : completed) {
        InterfaceRecord const& record = *ownership.find(ref);
        if (gate_opened) {
            if (ref.next_hop.is_unspecified()) {
                sweeps_[ref.index] = now + limits.stale_hold;
            }
            news.push(
                {record.igmp.client, NewsItem::Kind::gate_opened, {}, ref, {}, record.epoch, 0});
        }
        if (!releasing) {
            news.push({record.owner.client, NewsItem::Kind::interface_ready, {}, ref, {}, {}, 0});
        }
    }
    return completed.size();
}

std::size_t Core::sweep(std::size_t limit) {
    std::size_t done = 0;
    for (auto it = sweeps_.begin(); it != sweeps_.end() && done < limit;) {
        auto const [index, due] = *it;
        if (due > now) {
            ++it;
            continue;
        }
        auto const stale = membership.stale_on(index, limit - done);
        for (MembershipKey const& key : stale) {
            alerts.around(key, {index, {}}, [&] { return membership.remove_igmp(key, index); });
            builder.membership_removed(key, index);
        }
        done += stale.size();
        counters.stale_swept += stale.size();
        it = done < limit ? sweeps_.erase(it) : std::next(it);
    }
    return done;
}

std::optional<TimePoint> Core::next_due() const {
    if (!news.empty() || !builder.idle() || !deferred_.empty()) {
        return now;
    }
    std::optional<TimePoint> due = store.next_due();
    auto const consider = [&](TimePoint candidate) {
        due = due ? std::min(*due, candidate) : candidate;
    };
    for (auto const& [index, at] : sweeps_) {
        consider(at);
    }
    if (ownership.in_transition()) {
        consider(now + k_grace_poll);
    }
    if (publisher.retired() != 0) {
        consider(now + k_reclaim_poll);
    }
    return due;
}

} // namespace mcast::mgm
