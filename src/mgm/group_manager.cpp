#include "mcast/mgm/group_manager.h"

#include "core.h"

#include <new>
#include <utility>

namespace mcast::mgm {

std::unexpected<Failure> failure(MgmError code, std::string reason) {
    return std::unexpected(Failure{code, std::move(reason)});
}

Core::Core(RouteView const& route_view, handoff::Publisher& publisher_in,
           handoff::GracePeriod& grace_in, Limits limits_in)
    : publisher(publisher_in), grace(grace_in), limits(limits_in), clients(counters.alerts),
      alerts(route_view, clients, ownership, membership, news),
      store(publisher_in, limits, reporter),
      builder(route_view, clients, ownership, membership, facts, alerts, store, limits, counters,
              reporter, now) {}

void Core::refused(std::string_view counter, std::optional<ComponentId> who, InterfaceRef where,
                   MembershipKey const& key) const {
    reporter.report({.kind = EventKind::refused,
                     .component = who,
                     .interface = where,
                     .key = key,
                     .reason = counter});
}

Result<> Core::not_from_question() {
    if (clients.busy()) {
        ++counters.reentrant_refused;
        refused("reentrant_refused");
        return failure(MgmError::cannot_complete,
                       "called from inside a question or a gate call: note it and call later");
    }
    return {};
}

bool Core::seated(ClientSerial client, InterfaceRef ref, std::optional<std::uint64_t> lease) const {
    InterfaceRecord const* record = ownership.find(ref);
    if (record == nullptr || client == k_nobody) {
        return false;
    }
    auto const mine = [&](Seat const& seat) {
        return seat.client == client && (!lease || seat.lease == *lease);
    };
    return mine(record->owner) || mine(record->igmp);
}

GroupManager::GroupManager(RouteView const& routes, handoff::Publisher& publisher,
                           handoff::GracePeriod& grace, Limits limits)
    : core_(std::make_unique<Core>(routes, publisher, grace, limits)) {}

GroupManager::~GroupManager() = default;

Result<Registration> GroupManager::register_component(ComponentId id, ProtocolListener& listener) {
    try {
        if (auto free = core_->not_from_question(); !free) {
            return std::unexpected(std::move(free).error());
        }
        auto serial = core_->clients.add(id, listener);
        if (!serial) {
            return std::unexpected(std::move(serial).error());
        }
        return Registration{*core_, *serial};
    } catch (std::bad_alloc const&) {
        return core_->out_of_memory();
    }
}

void GroupManager::set_observer(Observer* observer) {
    core_->reporter.set(observer);
}

void GroupManager::set_interface(IfIndex index, InterfaceFacts facts) {
    if (core_->not_from_question() && index.index() < k_max_interfaces &&
        core_->facts.set(index, std::move(facts))) {
        core_->builder.refresh_all();
    }
}

void GroupManager::interface_gone(IfIndex index) {
    core_->interface_gone(index);
}

void GroupManager::set_ssm_ranges(std::vector<Ipv4Prefix> ranges) {
    if (core_->not_from_question()) {
        core_->facts.set_ssm_ranges(std::move(ranges));
        core_->builder.refresh_all();
    }
}

void GroupManager::routes_changed(Ipv4Prefix prefix) {
    core_->builder.routes_changed(prefix);
}

void GroupManager::reevaluate(InterfaceRef interface) {
    if (core_->not_from_question() && interface.index.index() < k_max_interfaces) {
        core_->builder.reask_owner(interface.index);
    }
}

void GroupManager::reevaluate(Ipv4 group, InterfaceRef interface) {
    if (core_->not_from_question() && interface.index.index() < k_max_interfaces) {
        core_->builder.reask_igmp(group, interface.index);
    }
}

MissOutcome GroupManager::miss(FlowKey key, IfIndex arrived_on,
                               std::span<std::uint8_t const> ip_packet, TimePoint now) {
    if (!core_->not_from_question()) {
        return {MissResult::refused, handoff::Drop::none};
    }
    core_->now = now;
    ++core_->counters.misses;
    return core_->builder.miss(key, arrived_on, ip_packet);
}

AlertResult GroupManager::wrong_interface(FlowKey key, IfIndex arrived_on,
                                          std::span<std::uint8_t const> ip_packet, TimePoint now) {
    if (!core_->not_from_question()) {
        return AlertResult::suppressed;
    }
    core_->now = now;
    return core_->wrong_interface(key, arrived_on, ip_packet);
}

IfSet const& GroupManager::alerting() const {
    return core_->alerting;
}

std::size_t GroupManager::step(TimePoint now, std::size_t limit) {
    return core_->step(now, limit);
}

std::optional<TimePoint> GroupManager::next_due() const {
    return core_->next_due();
}

std::size_t GroupManager::queued_news() const {
    return core_->news.size();
}

Result<ComponentId> GroupManager::owner_of(InterfaceRef interface) const {
    auto const id = core_->clients.id_of(core_->ownership.accountant(interface));
    if (!id) {
        return failure(MgmError::not_found, "nobody has taken this interface");
    }
    return *id;
}

Result<ForwardingEntry> GroupManager::entry(FlowKey key) const {
    StoredEntry const* entry = std::as_const(core_->store).find(key);
    if (entry == nullptr) {
        return failure(MgmError::not_found, "there is no entry " + to_string(key));
    }
    return core_->view(*entry);
}

Result<EntryStats> GroupManager::entry_stats(FlowKey key) const {
    auto const found = entry(key);
    if (!found) {
        return std::unexpected(found.error());
    }
    return EntryStats{*found, core_->publisher.totals(key)};
}

EntryPage GroupManager::page(std::optional<FlowKey> after, std::size_t max) const {
    auto const& all = std::as_const(core_->store).all();
    auto it = after ? all.upper_bound(*after) : all.begin();
    EntryPage page;
    for (; it != all.end() && page.entries.size() < max; ++it) {
        page.entries.push_back(core_->view(it->second));
    }
    page.more = it != all.end();
    return page;
}

std::size_t GroupManager::entries() const {
    return core_->store.size();
}

std::size_t GroupManager::membership_count() const {
    return core_->membership.size();
}

GroupCursor GroupManager::groups(GroupListing listing) const {
    return core_->groups(listing);
}

std::vector<OwnershipView> GroupManager::owners() const {
    std::vector<OwnershipView> views;
    for (auto const& [ref, record] : core_->ownership.all()) {
        std::optional<Duration> waiting;
        std::optional<TimePoint> published;
        if (record.transition) {
            waiting = core_->now - record.transition->since;
            if (record.transition->token) {
                published = record.transition->published;
            }
        }
        views.push_back({ref, record.state(), core_->clients.id_of(record.owner.client),
                         core_->clients.id_of(record.igmp.client), record.epoch, waiting,
                         record.last, record.hand_overs, published});
    }
    return views;
}

std::vector<MembershipView> GroupManager::memberships(InterfaceRef interface) const {
    if (interface.index.index() >= k_max_interfaces || !interface.next_hop.is_unspecified()) {
        return {};
    }
    return core_->membership.views(interface.index, core_->clients);
}

MembershipPage GroupManager::memberships(MembershipFilter const& filter,
                                         std::optional<MembershipPlace> after,
                                         std::size_t max) const {
    constexpr std::size_t k_looked_at_for_each = 32;
    if (filter.interface && filter.interface->index() >= k_max_interfaces) {
        return {};
    }
    return core_->membership.page(filter, after, max, max * k_looked_at_for_each, core_->clients);
}

std::vector<ComponentId> GroupManager::components() const {
    std::vector<ComponentId> ids;
    for (auto const& [serial, client] : core_->clients.all()) {
        ids.push_back(client.id);
    }
    return ids;
}

std::vector<ComponentAlerts> GroupManager::alerts() const {
    std::vector<ComponentAlerts> all;
    for (auto const& [serial, client] : core_->clients.all()) {
        all.push_back({client.id, client.told});
    }
    return all;
}

Explanation GroupManager::explain(FlowKey key, IfIndex arrived_on) const {
    return core_->explain(key, arrived_on);
}

std::vector<OutputVerdict> GroupManager::wanted_outputs(FlowKey key) const {
    StoredEntry const* entry = std::as_const(core_->store).find(key);
    if (entry == nullptr) {
        return {};
    }
    Selection const selection = core_->builder.select(*entry);
    return core_->verdicts(*entry, selection, selection.wanted | entry->switched_off);
}

ManagerCounters const& GroupManager::counters() const {
    return core_->counters;
}

Limits const& GroupManager::limits() const {
    return core_->limits;
}

} // namespace mcast::mgm
