#include "joins.h"

#include "igmp_received.h"

#include "mcast/igmp/merge.h"
#include "mcast/wire/datagram.h"

#include <algorithm>
#include <vector>

namespace mcast::control {

Joins::Joins(Config const& config, Interfaces const& interfaces, StaticComponent const& owner,
             IgmpComponent& igmp, Injector& injector, Counters& counters, std::uint64_t seed)
    : config_(config), interfaces_(interfaces), owner_(owner), igmp_(igmp), injector_(injector),
      counters_(counters), seed_(seed) {
    for (GroupConfig const& group : config.groups) {
        if (auto const interface = interfaces.find(group.interface); interface && group.join) {
            configured_.insert(*interface);
        }
    }
}

void Joins::start(TimePoint now) {
    igmp_.keep_asked(configured_);
    follow(now);
}

// Sources that are excluded one by one belong to one list; all else adds up.
std::map<Ipv4, igmp::Wish> Joins::wishes(IfIndex interface) const {
    std::map<Ipv4, igmp::Wish> excluding;
    std::map<Ipv4, std::vector<igmp::Wish>> parts;
    for (GroupConfig const& group : config_.groups) {
        bool const here = group.join && interfaces_.find(group.interface) == interface;
        for (std::uint32_t n = 0; here && n < group.count; ++n) {
            Ipv4 const address = group.nth(n);
            if (group.exclude) {
                excluding[address].any_source = true;
                excluding[address].exclude.push_back(*group.source);
            } else if (group.source) {
                parts[address].push_back({.include = {*group.source}});
            } else {
                parts[address].push_back({.any_source = true});
            }
        }
    }
    for (auto& [address, wish] : excluding) {
        std::ranges::sort(wish.exclude);
        parts[address].push_back(wish);
    }
    std::map<Ipv4, igmp::Wish> all;
    for (auto const& [address, list] : parts) {
        all[address] = igmp::merge(list);
    }
    return all;
}

void Joins::begin(IfIndex interface, TimePoint now) {
    std::size_t const longest = injector_.longest() - wire::k_ethernet_size;
    igmp::Link const link{.address = interfaces_.config(interface).address,
                          .mac = interfaces_.mac(interface),
                          .mtu = static_cast<std::uint16_t>(
                              std::min<std::size_t>(interfaces_.mtu(interface), longest)),
                          .up = interfaces_.up(interface),
                          .boundaries = {}};
    auto& host = hosts_[interface];
    host = std::make_unique<igmp::Host>(igmp::HostConfig{}, link, config_.igmp.ssm_ranges, seed_++);
    for (auto const& [group, wish] : wishes(interface)) {
        host->want(group, wish, now);
    }
}

void Joins::farewell() {
    for (auto const& [interface, host] : hosts_) {
        host->farewell(output_);
        carry_out(interface);
    }
    hosts_.clear();
}

void Joins::receive(IfIndex interface, IgmpFrame const& frame, TimePoint now) {
    hosts_.at(interface)->receive(received(interface, frame), now, output_);
    carry_out(interface);
}

std::size_t Joins::follow(TimePoint now) {
    std::size_t done = 0;
    configured_.for_each([&](IfIndex i) {
        bool const held = owner_.holds(i);
        if (held == hosts_.contains(i)) {
            return;
        }
        ++done;
        if (held) {
            begin(i, now);
        } else {
            hosts_.at(i)->farewell(output_);
            carry_out(i);
            hosts_.erase(i);
        }
    });
    for (igmp::QueryToSend const& asked : igmp_.take_asked()) {
        if (auto const host = hosts_.find(asked.interface); host != hosts_.end()) {
            host->second->asked_by_us(asked.query, asked.source, now, output_);
            carry_out(asked.interface);
            ++done;
        }
    }
    return done;
}

std::size_t Joins::expire(TimePoint now, std::size_t limit) {
    std::size_t done = 0;
    for (auto const& [interface, host] : hosts_) {
        done += host->expire(now, limit - std::min(done, limit), output_);
        carry_out(interface);
    }
    return done;
}

std::optional<TimePoint> Joins::next_due() const {
    std::optional<TimePoint> first;
    for (auto const& [interface, host] : hosts_) {
        if (auto const due = host->next_due(); due && (!first || *due < *first)) {
            first = due;
        }
    }
    return first;
}

void Joins::set_link(IfIndex interface, bool up, TimePoint now) {
    if (hears(interface)) {
        hosts_.at(interface)->set_link(up, now);
    }
}

igmp::Host const* Joins::host(IfIndex interface) const {
    auto const at = hosts_.find(interface);
    return at != hosts_.end() ? at->second.get() : nullptr;
}

void Joins::carry_out(IfIndex interface) {
    for (igmp::ReportToSend const& report : output_.reports) {
        wire::Origin const origin{interfaces_.mac(interface), report.source, {}};
        bool const sent = injector_.transmit(interface, [&](wire::Writer& out) {
            bool const built =
                wire::build_igmp_frame(origin, report.destination, report.message, out);
            wire::pad(out);
            return built && out.ok();
        });
        counters_.add(sent ? Deed::join_reports_sent : Deed::join_reports_unsent, interface);
    }
    output_.clear();
}

} // namespace mcast::control
