#include "igmp_link.h"

#include "sums.h"

namespace mcast::control {

IgmpLinkCounts igmp_link_counts(Counters const& counters, handoff::Shared const& shared,
                                IfIndex interface) {
    using handoff::Drop;
    Sums const sums = sums_of_interface(shared, interface);
    auto const dropped = [&](Drop reason) { return sums.drops[static_cast<std::size_t>(reason)]; };
    auto const fate = [&](Fate which) { return counters.of(which, interface); };
    IgmpLinkCounts counts{};
    auto const set = [&](IgmpLinkCount which, std::uint64_t value) {
        counts[static_cast<std::size_t>(which)] = value;
    };
    set(IgmpLinkCount::fragment, fate(Fate::igmp_fragment));
    set(IgmpLinkCount::bad_ttl, fate(Fate::bad_ttl));
    set(IgmpLinkCount::not_enabled, fate(Fate::igmp_not_enabled));
    set(IgmpLinkCount::dvmrp, fate(Fate::dvmrp_not_running) + dropped(Drop::dvmrp_not_running));
    set(IgmpLinkCount::bad_ip, fate(Fate::bad_version) + fate(Fate::bad_header_length) +
                                   fate(Fate::bad_total_length) + fate(Fate::bad_header_checksum));
    set(IgmpLinkCount::punt_policed, dropped(Drop::igmp_policed) + dropped(Drop::query_policed));
    set(IgmpLinkCount::punt_full, dropped(Drop::igmp_full) + dropped(Drop::query_full));
    set(IgmpLinkCount::queries_sent, counters.of(Deed::igmp_queries_sent, interface));
    set(IgmpLinkCount::queries_unsent, counters.of(Deed::igmp_queries_unsent, interface));
    set(IgmpLinkCount::reports_sent, counters.of(Deed::join_reports_sent, interface) +
                                         counters.of(Deed::proxy_reports_sent, interface));
    set(IgmpLinkCount::reports_unsent, counters.of(Deed::join_reports_unsent, interface) +
                                           counters.of(Deed::proxy_reports_unsent, interface));
    set(IgmpLinkCount::discovery_unsent, counters.of(Deed::discovery_unsent, interface));
    set(IgmpLinkCount::memberships_refused, counters.of(Deed::memberships_refused, interface));
    return counts;
}

void IgmpLinkBaselines::clear(IfIndex interface, IgmpLinkCounts const& counts, TimePoint now) {
    baselines_[interface] = {counts, now};
}

IgmpLinkCounts IgmpLinkBaselines::since(IfIndex interface, IgmpLinkCounts counts) const {
    if (auto const at = baselines_.find(interface); at != baselines_.end()) {
        for (std::size_t i = 0; i < counts.size(); ++i) {
            counts[i] -= at->second.counts[i];
        }
    }
    return counts;
}

std::optional<TimePoint> IgmpLinkBaselines::cleared(IfIndex interface) const {
    auto const at = baselines_.find(interface);
    return at != baselines_.end() ? std::optional{at->second.at} : std::nullopt;
}

} // namespace mcast::control
