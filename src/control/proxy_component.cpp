#include "proxy_component.h"

#include "igmp_received.h"

#include "mcast/base/log.h"
#include "mcast/igmp/merge.h"
#include "mcast/wire/datagram.h"
#include "mcast/wire/ethernet.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace mcast::control {

namespace {

constexpr mgm::MembershipFlags k_join = mgm::MembershipFlags::join_state;
constexpr Ipv4Prefix k_everywhere{};
// Longer than IGMP has to add again what its hosts want, after an interface has changed hands.
constexpr Duration k_linger = std::chrono::seconds{15};

mgm::Route default_route(IfIndex upstream) {
    return {k_everywhere, upstream, {}, mgm::k_proxy_protocol};
}

std::unexpected<mgm::Failure> refuse(char const* reason) {
    return std::unexpected(mgm::Failure{mgm::MgmError::cannot_complete, reason});
}

} // namespace

ProxyComponent::ProxyComponent(Config const& config, Interfaces const& interfaces,
                               mgm::GroupManager& manager, mgm::RouteTable& routes,
                               IgmpComponent& igmp, Injector& injector, Counters& counters,
                               std::uint64_t seed)
    : config_(config), interfaces_(interfaces), manager_(manager), routes_(routes), igmp_(igmp),
      injector_(injector), counters_(counters), seed_(seed) {
    if (config_.proxy) {
        upstream_ = interfaces_.find(config_.proxy->upstream).value_or(k_no_interface);
        for (std::string const& name : config_.proxy->downstream) {
            if (auto const interface = interfaces_.find(name)) {
                configured_.push_back(*interface);
            }
        }
    }
}

void ProxyComponent::start(TimePoint now) {
    if (!config_.proxy) {
        return;
    }
    auto registration = manager_.register_component({mgm::k_proxy_protocol, 0}, *this);
    if (!registration) {
        log::line(log::Level::error, "proxy", "not registered: {}", registration.error().reason);
        return;
    }
    registration_ = std::move(*registration);
    std::vector<IfIndex> all = configured_;
    all.push_back(upstream_);
    for (IfIndex interface : all) {
        if (auto const taken = take(interface, now); !taken) {
            log::line(log::Level::error, "proxy", "{}: {}", interfaces_.name(interface),
                      taken.error().reason);
        }
    }
}

void ProxyComponent::farewell() {
    if (host_) {
        host_->farewell(output_);
        carry_out(output_);
    }
}

void ProxyComponent::stop() {
    if (host_) {
        leave_upstream();
    }
    downstream_.clear();
    upstream_lease_ = {};
    registration_ = {};
    dirty_.clear();
    scan_.reset();
}

mgm::Result<> ProxyComponent::take(IfIndex interface, TimePoint now) {
    if (!config_.proxy) {
        return refuse("the configuration has no [proxy]");
    }
    if (interface == upstream_) {
        return take_upstream(now);
    }
    if (std::ranges::find(configured_, interface) == configured_.end()) {
        return refuse("[proxy] names it neither as upstream nor as downstream");
    }
    return take_downstream(interface);
}

mgm::Result<> ProxyComponent::take_upstream(TimePoint now) {
    if (igmp_.engine().knows(upstream_)) {
        return refuse("upstream a proxy is a host, and IGMP queries there; it has to release it "
                      "first");
    }
    auto lease = registration_.take({upstream_, {}});
    if (!lease) {
        return std::unexpected(lease.error());
    }
    if (auto const added = lease->add(mgm::MembershipKey::any(), k_join); !added) {
        return added; // and the lease goes
    }
    upstream_lease_ = std::move(*lease);
    std::size_t const longest = injector_.longest() - wire::k_ethernet_size;
    igmp::Link link{.address = interfaces_.config(upstream_).address,
                    .mac = interfaces_.mac(upstream_),
                    .mtu = static_cast<std::uint16_t>(
                        std::min<std::size_t>(interfaces_.mtu(upstream_), longest)),
                    .up = interfaces_.up(upstream_),
                    .boundaries = {}};
    seed_ += static_cast<std::uint64_t>(now.time_since_epoch().count());
    host_ = std::make_unique<igmp::Host>(config_.proxy->host, link, config_.igmp.ssm_ranges, seed_);
    routes_.add(default_route(upstream_));
    manager_.routes_changed(k_everywhere);
    manager_.reevaluate({upstream_, {}});
    // Of single sources we heard only while they were upstream of us.
    for (auto& [group, others] : others_) {
        others.sources.clear();
    }
    scan_ = Scan{};
    reconsider_all();
    return {};
}

mgm::Result<> ProxyComponent::take_downstream(IfIndex interface) {
    auto lease = registration_.take({interface, {}});
    if (!lease) {
        return std::unexpected(lease.error());
    }
    downstream_[interface] = {std::move(*lease), forwards(interface)};
    lingering_.erase(interface);
    manager_.reevaluate({upstream_, {}}); // what comes from there goes upstream now
    reconsider_all();
    return {};
}

mgm::Result<> ProxyComponent::release(IfIndex interface, TimePoint now) {
    auto released = registration_.release({interface, {}});
    if (!released) {
        return released;
    }
    if (interface == upstream_) {
        leave_upstream();
    } else {
        downstream_.erase(interface); // inert by now
        lingering_[interface] = now + k_linger;
        manager_.reevaluate({upstream_, {}});
    }
    return {};
}

void ProxyComponent::leave_upstream() {
    host_->farewell(output_);
    carry_out(output_);
    host_.reset();
    upstream_lease_ = {};
    scan_.reset();
    dirty_.clear();
    routes_.remove(k_everywhere, mgm::k_proxy_protocol);
    manager_.routes_changed(k_everywhere);
}

Fate ProxyComponent::receive(IgmpFrame const& frame, TimePoint now) {
    host_->receive(received(upstream_, frame), now, output_);
    carry_out(output_);
    return Fate::proxy_handled;
}

void ProxyComponent::refiltered(igmp::Change const& change) {
    if (host_ && downstream_.contains(change.interface)) {
        dirty_.insert(change.group);
    }
}

std::size_t ProxyComponent::follow(TimePoint now, std::size_t limit) {
    if (!config_.proxy) {
        return 0;
    }
    end_lingering(now);
    std::size_t done = follow_roles();
    if (!host_) {
        dirty_.clear(); // the next host asks about everything
        return done;
    }
    if (scan_) {
        scan_page();
        ++done;
    }
    for (; done < limit && !dirty_.empty(); ++done) {
        Ipv4 const group = dirty_.extract(dirty_.begin()).value();
        host_->want(group, merged(group), now);
    }
    return done;
}

std::size_t ProxyComponent::expire(TimePoint now, std::size_t limit) {
    if (!host_) {
        return 0;
    }
    std::size_t const done = host_->expire(now, limit, output_);
    carry_out(output_);
    return done;
}

std::optional<TimePoint> ProxyComponent::next_due() const {
    std::optional<TimePoint> due = host_ ? host_->next_due() : std::nullopt;
    for (auto const& [interface, until] : lingering_) {
        due = due ? std::min(*due, until) : until;
    }
    return due;
}

void ProxyComponent::set_link(IfIndex interface, bool up, TimePoint now) {
    if (hears(interface)) {
        host_->set_link(up, now);
    }
}

bool ProxyComponent::forwards(IfIndex interface) const {
    auto const view = igmp_.engine().view(interface);
    return config_.proxy->sole_forwarder || !view || view->querier;
}

// Who was elected is not news of the manager, so it is looked up: a few interfaces in each turn.
std::size_t ProxyComponent::follow_roles() {
    std::size_t changed = 0;
    for (auto& [interface, seat] : downstream_) {
        bool const forwards_now = forwards(interface);
        if (std::exchange(seat.forwards, forwards_now) != forwards_now) {
            log::line(log::Level::notice, "proxy", "{}: {}", interfaces_.name(interface),
                      forwards_now ? "forwards there, as the querier"
                                   : "does not forward there: another router is the querier");
            manager_.reevaluate({interface, {}});
            ++changed;
        }
    }
    return changed;
}

void ProxyComponent::end_lingering(TimePoint now) {
    if (std::erase_if(lingering_, [&](auto const& each) { return each.second <= now; }) != 0) {
        reconsider_all();
    }
}

void ProxyComponent::reconsider_all() {
    auto const add = [&](std::vector<Ipv4> const& groups) {
        dirty_.insert(groups.begin(), groups.end());
    };
    for (auto const& [interface, seat] : downstream_) {
        add(igmp_.engine().groups(interface));
    }
    for (auto const& [group, others] : others_) {
        dirty_.insert(group);
    }
    if (host_) {
        add(host_->addresses());
    }
}

void ProxyComponent::scan_page() {
    constexpr std::size_t k_rows = 256;
    auto const page = manager_.memberships({}, scan_->after, k_rows);
    for (mgm::MembershipView const& view : page.memberships) {
        bool const of_others = view.interface != upstream_ && !downstream_.contains(view.interface);
        if (of_others && is_told_of(view.key)) {
            note(view.key, true);
        }
    }
    scan_->after = page.next;
    if (!page.next) {
        scan_.reset();
    }
}

// Of (S,G) only the owner of the interface toward S hears, so only that can be forgotten again.
bool ProxyComponent::is_told_of(mgm::MembershipKey const& key) const {
    auto const route = key.source ? routes_.lookup(*key.source) : std::nullopt;
    return !key.source ||
           (route && (route->interface == upstream_ || downstream_.contains(route->interface)));
}

void ProxyComponent::note(mgm::MembershipKey const& key, bool wanted) {
    if (!key.group) {
        return;
    }
    Others& others = others_[*key.group];
    if (!key.source) {
        others.any = wanted;
    } else if (wanted) {
        others.sources.insert(*key.source);
    } else {
        others.sources.erase(*key.source);
    }
    if (!others.any && others.sources.empty()) {
        others_.erase(*key.group);
    }
    dirty_.insert(*key.group);
}

igmp::Wish ProxyComponent::merged(Ipv4 group) const {
    if (interfaces_.crosses_boundary(upstream_, group)) {
        return {};
    }
    std::vector<igmp::Wish> wishes;
    wishes.reserve(downstream_.size() + lingering_.size() + 1);
    for (auto const& [interface, seat] : downstream_) {
        wishes.push_back(igmp_.engine().wish(interface, group));
    }
    for (auto const& [interface, until] : lingering_) {
        wishes.push_back(igmp_.engine().wish(interface, group));
    }
    if (auto const found = others_.find(group); found != others_.end()) {
        auto const& [any, sources] = found->second;
        wishes.push_back({.any_source = any,
                          .include = any ? std::vector<Ipv4>{}
                                         : std::vector<Ipv4>(sources.begin(), sources.end()),
                          .exclude = {}});
    }
    return igmp::merge(wishes);
}

void ProxyComponent::carry_out(igmp::HostOutput const& output) {
    for (igmp::ReportToSend const& report : output.reports) {
        send(report);
    }
    for (igmp::HostVersionChanged const& event : output.events) {
        log::line(log::Level::notice, "proxy", "{}: speaks version {} now, {}",
                  interfaces_.name(upstream_), event.version,
                  event.querier.is_unspecified() ? "since the older querier is silent"
                                                 : "as the querier does");
    }
    output_.clear();
}

void ProxyComponent::send(igmp::ReportToSend const& report) {
    wire::Origin const origin{interfaces_.mac(upstream_), report.source, {}};
    bool const sent = injector_.transmit(upstream_, [&](wire::Writer& out) {
        bool const built = wire::build_igmp_frame(origin, report.destination, report.message, out);
        wire::pad(out);
        return built && out.ok();
    });
    counters_.add(sent ? Deed::proxy_reports_sent : Deed::proxy_reports_unsent, upstream_);
}

void ProxyComponent::on_entry_created(FlowKey /*key*/, mgm::InterfaceRef arrival,
                                      std::span<mgm::OutInterface> mine) {
    for (mgm::OutInterface& out : mine) {
        out.forward = out.ref.index == upstream_ ? downstream_.contains(arrival.index)
                                                 : forwards(out.ref.index);
    }
}

void ProxyComponent::on_join(mgm::MembershipKey const& key, mgm::AlertCause cause) {
    if (cause == mgm::AlertCause::membership) {
        note(key, true);
    }
}

void ProxyComponent::on_prune(mgm::MembershipKey const& key, mgm::InterfaceRef /*interface*/,
                              mgm::AlertCause cause, std::chrono::seconds& entry_lifetime) {
    if (cause == mgm::AlertCause::membership) {
        note(key, false);
    } else { // nobody upstream remembers a prune, so a refused flow may ask again soon
        entry_lifetime = std::chrono::ceil<std::chrono::seconds>(config_.limits.negative_lifetime);
    }
}

void ProxyComponent::on_local_join(mgm::MembershipKey const& key, mgm::InterfaceRef /*where*/) {
    if (key.group) {
        dirty_.insert(*key.group);
    }
}

void ProxyComponent::on_local_leave(mgm::MembershipKey const& key, mgm::InterfaceRef /*where*/) {
    if (key.group) {
        dirty_.insert(*key.group);
    }
}

} // namespace mcast::control
