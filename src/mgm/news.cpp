#include "news.h"

#include <algorithm>

namespace mcast::mgm {

namespace {

bool about_gate(NewsItem const& item) {
    return item.kind == NewsItem::Kind::gate_closed || item.kind == NewsItem::Kind::gate_opened;
}

} // namespace

AlertKind kind_of(NewsItem const& item) {
    bool const by_entry = item.cause == AlertCause::entry;
    switch (item.kind) {
    case NewsItem::Kind::join:
        return by_entry ? AlertKind::join_by_entry : AlertKind::join_by_membership;
    case NewsItem::Kind::prune:
        return by_entry ? AlertKind::prune_by_entry : AlertKind::prune_by_membership;
    case NewsItem::Kind::local_join:
        return AlertKind::local_join;
    case NewsItem::Kind::local_leave:
        return AlertKind::local_leave;
    case NewsItem::Kind::gate_closed:
        return AlertKind::gate_closed;
    case NewsItem::Kind::gate_opened:
        return AlertKind::gate_opened;
    case NewsItem::Kind::wrong_interface:
        return AlertKind::wrong_interface;
    case NewsItem::Kind::interface_ready:
        break;
    }
    return AlertKind::interface_ready;
}

void News::make_room(std::size_t items) {
    constexpr std::size_t k_least = 64;
    if (queue_.reserve() < items) {
        queue_.set_capacity(std::max({k_least, queue_.capacity() * 2, queue_.size() + items}));
    }
}

template <class F>
void News::forget(F about) {
    queue_.erase(std::remove_if(queue_.begin(), queue_.end(), about), queue_.end());
}

void News::forget_gate(InterfaceRef interface) {
    forget([&](NewsItem const& item) { return about_gate(item) && item.interface == interface; });
}

void News::forget_ready(InterfaceRef interface) {
    forget([&](NewsItem const& item) {
        return item.kind == NewsItem::Kind::interface_ready && item.interface == interface;
    });
}

void News::forget_wrong_interface(InterfaceRef interface, ClientSerial except) {
    forget([&](NewsItem const& item) {
        return item.kind == NewsItem::Kind::wrong_interface && item.interface == interface &&
               item.to != except;
    });
}

void News::forget_local(InterfaceRef interface) {
    forget([&](NewsItem const& item) {
        return (item.kind == NewsItem::Kind::local_join ||
                item.kind == NewsItem::Kind::local_leave) &&
               item.interface == interface;
    });
}

std::chrono::seconds News::tell(NewsItem const& item, Clients& clients) {
    auto lifetime = k_prune_lifetime;
    if (about_gate(item)) {
        // Under the guard: re-adding belongs after the call, not inside it.
        clients.call_guarded(item.to, kind_of(item), [&](ProtocolListener&, IgmpListener* igmp) {
            if (item.kind == NewsItem::Kind::gate_closed) {
                igmp->on_igmp_gate_closed(item.interface);
            } else {
                igmp->on_igmp_gate_opened(item.interface, item.epoch);
            }
        });
        return lifetime;
    }
    clients.call(item.to, kind_of(item), [&](ProtocolListener& listener, IgmpListener*) {
        switch (item.kind) {
        case NewsItem::Kind::join:
            listener.on_join(item.key, item.cause);
            break;
        case NewsItem::Kind::prune:
            listener.on_prune(item.key, item.interface, item.cause, lifetime);
            break;
        case NewsItem::Kind::local_join:
            listener.on_local_join(item.key, item.interface);
            break;
        case NewsItem::Kind::local_leave:
            listener.on_local_leave(item.key, item.interface);
            break;
        case NewsItem::Kind::interface_ready:
            listener.on_interface_ready(item.interface);
            break;
        case NewsItem::Kind::wrong_interface:
            listener.on_wrong_interface({*item.key.source, *item.key.group}, item.interface,
                                        *item.packet);
            break;
        case NewsItem::Kind::gate_closed:
        case NewsItem::Kind::gate_opened:
            break; // above
        }
    });
    return lifetime;
}

} // namespace mcast::mgm
