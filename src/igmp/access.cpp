#include "access.h"

#include <algorithm>

namespace mcast::igmp {

namespace {

bool fits(std::optional<Ipv4Prefix> const& prefix, Ipv4 address) {
    return !prefix || prefix->contains(address);
}

bool fits_source(std::optional<Ipv4Prefix> const& prefix, std::optional<Ipv4> source) {
    return source ? fits(prefix, *source) : !prefix || prefix->length == 0;
}

// Whether the host may have any flow of the group: the first rule that decides all of them ends it.
bool permits_something(AccessList const& rules, Ipv4 host, Ipv4 group) {
    for (AccessRule const& rule : rules) {
        if (!fits(rule.hosts, host) || !fits(rule.groups, group)) {
            continue;
        }
        if (rule.permit || fits_source(rule.sources, std::nullopt)) {
            return rule.permit;
        }
    }
    return true;
}

// Whether there may be a host that may.
bool permits_some_host(AccessList const& rules, Ipv4 group, std::optional<Ipv4> source) {
    for (AccessRule const& rule : rules) {
        if (!fits(rule.groups, group) || !fits_source(rule.sources, source)) {
            continue;
        }
        if (rule.permit || !rule.hosts || rule.hosts->length == 0) {
            return rule.permit;
        }
    }
    return true;
}

bool covers(std::optional<Ipv4Prefix> const& wide, std::optional<Ipv4Prefix> const& narrow) {
    return !wide || (narrow && wide->length <= narrow->length && wide->contains(narrow->address));
}

} // namespace

std::optional<std::size_t> covered_by(AccessList const& list, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
        if (covers(list[i].hosts, list[n].hosts) && covers(list[i].groups, list[n].groups) &&
            covers(list[i].sources, list[n].sources)) {
            return i;
        }
    }
    return std::nullopt;
}

bool permits(AccessList const& rules, Ipv4 host, Ipv4 group, std::optional<Ipv4> source) {
    auto const rule = std::ranges::find_if(rules, [&](AccessRule const& it) {
        return fits(it.hosts, host) && fits(it.groups, group) && fits_source(it.sources, source);
    });
    return rule == rules.end() || rule->permit;
}

Judgement judge(AccessList const& rules, Claim& claim, Ipv4 host) {
    if (rules.empty()) {
        return {};
    }
    if (excludes(claim)) {
        return {.heard = permits(rules, host, claim.group, std::nullopt)};
    }
    if (claim.sources.empty()) {
        return {.heard = permits_something(rules, host, claim.group)};
    }
    SourceSet permitted;
    for (Ipv4 const source : claim.sources) {
        if (permits(rules, host, claim.group, source)) {
            permitted.append(source);
        }
    }
    Judgement const result{.heard = !permitted.empty(),
                           .sources_cut = claim.sources.size() - permitted.size()};
    claim.sources = std::move(permitted);
    return result;
}

bool withdraw(AccessList const& rules, Group& group) {
    bool changed = false;
    if (group.mode == FilterMode::exclude && !permits_some_host(rules, group.address, {})) {
        end_exclude_mode(group);
        changed = true;
    }
    auto const denied = [&](Source const& source) {
        return source.running && !permits_some_host(rules, group.address, source.address);
    };
    if (group.mode == FilterMode::include) {
        changed = std::erase_if(group.sources, denied) > 0 || changed;
    }
    return changed;
}

} // namespace mcast::igmp
