#include "tracking.h"

#include <algorithm>
#include <utility>

namespace mcast::igmp {

namespace {

using Sources = std::vector<TrackedSource>;

Sources listed(SourceSet const& sources, TimePoint until) {
    Sources result;
    result.reserve(sources.size());
    for (Ipv4 const source : sources) {
        result.push_back({source, until});
    }
    return result;
}

bool has(Sources const& sources, Ipv4 address) {
    return std::ranges::binary_search(sources, address, {}, &TrackedSource::address);
}

void add(Sources& sources, SourceSet const& more, TimePoint until) {
    Sources result;
    result.reserve(sources.size() + more.size());
    std::ranges::set_union(listed(more, until), sources, std::back_inserter(result), {},
                           &TrackedSource::address, &TrackedSource::address);
    sources = std::move(result);
}

void remove(Sources& sources, SourceSet const& fewer) {
    std::erase_if(sources, [&](TrackedSource const& it) { return fewer.contains(it.address); });
}

void say(TrackedHost& host, Claim const& claim, TimePoint until) {
    using enum wire::RecordType;
    bool const include = host.mode == FilterMode::include;
    switch (claim.type) {
    case is_ex:
    case to_ex:
        host.mode = FilterMode::exclude;
        host.until = until;
        host.sources = listed(claim.sources, until);
        break;
    case to_in:
        host.mode = FilterMode::include;
        host.sources = listed(claim.sources, until);
        break;
    // In exclude mode IS_IN answers a query about sources: they are not among the unwanted ones.
    case is_in:
    case allow:
        include ? add(host.sources, claim.sources, until) : remove(host.sources, claim.sources);
        break;
    case block:
        include ? remove(host.sources, claim.sources) : add(host.sources, claim.sources, until);
        break;
    }
}

} // namespace

TimePoint TrackedHost::end() const {
    if (mode == FilterMode::exclude || sources.empty()) {
        return until;
    }
    return std::ranges::max(sources, {}, &TrackedSource::until).until;
}

TrackedHost const* Members::find(Ipv4 host) const {
    auto const at = std::ranges::lower_bound(hosts, host, {}, &TrackedHost::address);
    return at != hosts.end() && at->address == host ? &*at : nullptr;
}

bool Members::want_any(TimePoint now) const {
    return std::ranges::any_of(hosts, [&](TrackedHost const& host) {
        return host.mode == FilterMode::exclude && host.until > now;
    });
}

bool Members::want(Ipv4 source, TimePoint now) const {
    return std::ranges::any_of(hosts, [&](TrackedHost const& host) {
        if (host.mode == FilterMode::exclude) {
            return host.until > now && !has(host.sources, source);
        }
        auto const at = std::ranges::lower_bound(host.sources, source, {}, &TrackedSource::address);
        return at != host.sources.end() && at->address == source && at->until > now;
    });
}

void Members::note(Claim const& claim, Ipv4 address, TimePoint until, TimePoint now) {
    auto at = std::ranges::lower_bound(hosts, address, {}, &TrackedHost::address);
    bool const known = at != hosts.end() && at->address == address;
    TrackedHost next = known ? *at : TrackedHost{.address = address};
    say(next, claim, until);
    if (next.mode == FilterMode::include) {
        std::erase_if(next.sources, [&](TrackedSource const& it) { return it.until <= now; });
    }
    std::size_t const before = known ? at->sources.size() : 0;
    if (next.gone()) {
        sources -= before;
        hosts.erase(at, at + (known ? 1 : 0));
        return;
    }
    TimePoint const end = next.end();
    std::size_t const after = next.sources.size();
    if (known) {
        *at = std::move(next);
    } else {
        hosts.insert(at, std::move(next));
    }
    sources = sources - before + after;
    due = hosts.size() == 1 ? end : std::min(due, end);
}

std::vector<Ipv4> Members::expire(TimePoint now) {
    std::vector<Ipv4> ended;
    ended.reserve(hosts.size()); // memory may run out here, and not half-way
    std::erase_if(hosts, [&](TrackedHost const& host) {
        if (host.end() > now) {
            return false;
        }
        sources -= host.sources.size();
        ended.push_back(host.address);
        return true;
    });
    if (!hosts.empty()) {
        due = std::ranges::min(hosts, {}, &TrackedHost::end).end();
    }
    return ended;
}

std::vector<MemberView> hosts_of(Members const& members, TimePoint now) {
    std::vector<MemberView> result;
    result.reserve(members.hosts.size());
    for (TrackedHost const& host : members.hosts) {
        MemberView view{.host = host.address, .mode = host.mode, .expires = host.end()};
        for (TrackedSource const& source : host.sources) {
            if (host.mode == FilterMode::exclude || source.until > now) {
                view.sources.push_back(source.address);
            }
        }
        result.push_back(std::move(view));
    }
    return result;
}

} // namespace mcast::igmp
