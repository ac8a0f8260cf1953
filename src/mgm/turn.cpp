// The manager's turn: what calls have left to do, a bounded part of it.
#include "core.h"

#include <algorithm>
#include <new>
#include <utility>

namespace mcast::mgm {

namespace {

// How often the end of a grace period is asked for while an interface changes hands, and while
// nothing but the freeing of retired entries waits for it.
constexpr Duration k_grace_poll = std::chrono::milliseconds{1};
constexpr Duration k_reclaim_poll = std::chrono::milliseconds{10};

} // namespace

std::size_t Core::step(TimePoint at, std::size_t limit) {
    if (stepping_ || !not_from_question()) {
        return 0;
    }
    stepping_ = true;
    now = at;
    std::size_t done = 0;
    try {
        if (ownership.any_abandoned() || clients.any_silent()) {
            release_abandoned();
            ++done;
        }
        builder.begin_turn();
        done += builder.work(limit);
        done += alerts.work(limit);
        done += sweep(limit);
        done += complete_changes();
        done += store.expire(now, limit, counters.entries_expired);
        done += publisher.reclaim(limit);
        done += deliver(limit);
    } catch (std::bad_alloc const&) {
        ++counters.out_of_memory; // the next turn begins with what this one did not finish
    }
    stepping_ = false;
    return done;
}

std::size_t Core::deliver(std::size_t limit) {
    auto const delivered = news.deliver(
        limit, clients, [&](NewsItem const& item) { report_news(item); },
        [&](NewsItem const& item, std::chrono::seconds lifetime) {
            store.set_lifetime({*item.key.source, *item.key.group}, item.entry_serial, lifetime);
        });
    counters.news_delivered += delivered;
    return delivered;
}

// Gates and readiness were reported when they changed.
void Core::report_news(NewsItem const& item) const {
    EventKind kind{};
    switch (item.kind) {
    case NewsItem::Kind::join:
        kind = EventKind::join;
        break;
    case NewsItem::Kind::prune:
        kind = EventKind::prune;
        break;
    case NewsItem::Kind::local_join:
        kind = EventKind::local_join;
        break;
    case NewsItem::Kind::local_leave:
        kind = EventKind::local_leave;
        break;
    case NewsItem::Kind::wrong_interface:
        kind = EventKind::wrong_interface;
        break;
    case NewsItem::Kind::gate_closed:
    case NewsItem::Kind::gate_opened:
    case NewsItem::Kind::interface_ready:
        return;
    }
    bool const somewhere = item.kind != NewsItem::Kind::join;
    reporter.report({.kind = kind,
                     .component = clients.id_of(item.to),
                     .interface = somewhere ? item.interface : InterfaceRef{k_no_interface, {}},
                     .key = item.key,
                     .cause = item.cause});
}

std::size_t Core::complete_changes() {
    std::uint64_t const before = ownership.completed();
    ownership.for_each_transition(
        [&](InterfaceRef ref, InterfaceRecord& record) { complete(ref, record); });
    return ownership.completed() - before;
}

// First whoever has left must be forgotten, then the entries must have followed, then no worker may
// see the entries from before.
void Core::complete(InterfaceRef ref, InterfaceRecord& record) {
    Transition& change = *record.transition;
    if (!change.ticket) {
        if (membership.own_leaving().contains(ref.index)) {
            return;
        }
        change.ticket = builder.ticket();
    }
    if (!change.token) {
        if (!builder.done(*change.ticket)) {
            return;
        }
        change.token = grace.start();
        change.published = now;
    }
    if (!grace.passed(*change.token)) {
        return;
    }
    news.make_room(2);
    bool const gate_opens = change.gate_closed;
    bool const releasing = change.releasing;
    ownership.complete(record, now);
    reporter.report({.kind = EventKind::ready,
                     .component = clients.id_of(record.owner.client),
                     .interface = ref,
                     .change = *record.last});
    if (gate_opens) {
        if (ref.next_hop.is_unspecified()) {
            stale_.insert(ref.index);
            stale_until_[ref.index.index()] = now + limits.stale_hold;
        }
        reporter.report({.kind = EventKind::gate_opened,
                         .component = clients.id_of(record.igmp.client),
                         .interface = ref,
                         .epoch = record.epoch});
        news.push({record.igmp.client, NewsItem::Kind::gate_opened, {}, ref, {}, record.epoch, 0});
    }
    if (!releasing) {
        news.push({record.owner.client, NewsItem::Kind::interface_ready, {}, ref, {}, {}, 0});
    }
}

std::size_t Core::sweep(std::size_t limit) {
    std::size_t done = 0;
    (membership.own_leaving() | membership.igmp_leaving() | stale_).for_each([&](IfIndex index) {
        if (membership.own_leaving().contains(index)) {
            done += sweep_own(index, limit - std::min(done, limit));
        }
        if (membership.igmp_leaving().contains(index)) {
            done += sweep_igmp(index, limit - std::min(done, limit));
        }
        if (stale_.contains(index) && stale_until_[index.index()] <= now) {
            done += sweep_stale(index, limit - std::min(done, limit));
        }
    });
    return done;
}

std::size_t Core::sweep_own(IfIndex index, std::size_t limit) {
    InterfaceRef const ref{index, {}};
    for (std::size_t done = 0; done < limit; ++done) {
        auto const key = membership.void_own_on(index);
        if (!key) {
            return done;
        }
        builder.make_room(1);
        alerts.around(*key, ref, [&] { return membership.remove_own(*key, index); });
        builder.membership_removed(*key, index);
    }
    return limit;
}

std::size_t Core::sweep_igmp(IfIndex index, std::size_t limit) {
    InterfaceRef const ref{index, {}};
    for (std::size_t done = 0; done < limit; ++done) {
        auto const key = membership.void_igmp_on(index);
        if (!key) {
            return done;
        }
        builder.make_room(1);
        auto const removed =
            alerts.around(*key, ref, [&] { return membership.remove_igmp(*key, index); });
        InterfaceRecord const* record = ownership.find(ref);
        if (record != nullptr && record->owner.taken() && removed == Membership::Removed::live) {
            news.push({record->owner.client,
                       NewsItem::Kind::local_leave,
                       *key,
                       ref,
                       AlertCause::membership,
                       {},
                       0});
        }
        builder.membership_removed(*key, index);
    }
    return limit;
}

std::size_t Core::sweep_stale(IfIndex index, std::size_t limit) {
    InterfaceRef const ref{index, {}};
    for (std::size_t done = 0; done < limit; ++done) {
        auto const key = membership.stale_on(index);
        if (!key) {
            stale_.erase(index);
            return done;
        }
        builder.make_room(1);
        alerts.around(*key, ref, [&] { return membership.remove_igmp(*key, index); });
        builder.membership_removed(*key, index);
        ++counters.stale_swept;
        reporter.report({.kind = EventKind::stale_swept, .interface = ref, .key = *key});
    }
    return limit;
}

std::optional<TimePoint> Core::next_due() const {
    bool const at_once = !news.empty() || !builder.idle() || !alerts.idle() ||
                         ownership.any_abandoned() || clients.any_silent() ||
                         !(membership.own_leaving() | membership.igmp_leaving()).empty();
    if (at_once) {
        return now;
    }
    std::optional<TimePoint> due = store.next_due();
    auto const consider = [&](TimePoint candidate) {
        due = due ? std::min(*due, candidate) : candidate;
    };
    stale_.for_each([&](IfIndex index) { consider(stale_until_[index.index()]); });
    if (ownership.in_transition()) {
        consider(now + k_grace_poll);
    }
    if (publisher.retired() != 0) {
        consider(now + k_reclaim_poll);
    }
    return due;
}

} // namespace mcast::mgm
