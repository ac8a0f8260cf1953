#include "claim.h"

#include <algorithm>
#include <utility>

namespace mcast::igmp {

namespace {

using wire::RecordType;
using Judged = std::expected<Claim, Counter>;

constexpr Ipv4 k_reserved_ssm = Ipv4::of(232, 0, 0, 0);           // RFC 4607 section 9
constexpr Ipv4Prefix k_local_scope{Ipv4::of(239, 255, 0, 0), 16}; // RFC 2365 section 6.1

bool excludes(RecordType type) {
    return type == RecordType::is_ex || type == RecordType::to_ex;
}

// An interface of version 1 or 2 knows members and leaves only (section 3.7.5 of the design).
Judged without_sources(Claim claim, bool ssm) {
    bool const leaves = claim.type == RecordType::to_in && claim.sources.empty();
    if (leaves) {
        return claim;
    }
    bool const wants_some = claim.type != RecordType::block && !claim.sources.empty();
    if (excludes(claim.type) || (wants_some && !ssm)) {
        claim.type = RecordType::is_ex;
        claim.sources = {};
        return claim;
    }
    return std::unexpected(&Counters::compatibility_ignored);
}

// Older hosts cannot name sources, and those of version 1 cannot leave.
Judged for_older_hosts(Claim claim, std::uint8_t compatibility) {
    bool const forbidden =
        claim.type == RecordType::block || (claim.type == RecordType::to_in && compatibility == 1);
    if (forbidden) {
        return std::unexpected(&Counters::compatibility_ignored);
    }
    if (excludes(claim.type)) {
        claim.sources = {};
    }
    return claim;
}

// A host of version 1 or 2 cannot name sources; the operator did so for it. Its membership is as if
// a host of version 3 had said it, or the group would fall back to an older version.
Claim with_mapped(Claim const& claim, SourceSet const& mapped) {
    bool const leaves = claim.type == RecordType::to_in;
    return {.version = 3,
            .type = leaves ? RecordType::block : RecordType::is_in,
            .group = claim.group,
            .sources = mapped};
}

} // namespace

Claim claim_of(wire::ReportV1 const& report) {
    return {.version = 1, .type = RecordType::is_ex, .group = report.group};
}

Claim claim_of(wire::ReportV2 const& report) {
    return {.version = 2, .type = RecordType::is_ex, .group = report.group};
}

Claim claim_of(wire::Leave const& leave) {
    return {.version = 2, .type = RecordType::to_in, .group = leave.group};
}

std::expected<Claim, Counter> claim_of(wire::GroupRecord const& record, Ipv4Prefix const& link) {
    if (!wire::is_known(record.type)) {
        return std::unexpected(&Counters::record_unknown_type);
    }
    std::vector<Ipv4> usable = record.sources;
    std::erase_if(usable, [&](Ipv4 source) { return !is_host_address(source, link); });
    // IGMP-148: a list of nothing but nonsense must not turn into an empty one, a leave.
    if (usable.empty() && !record.sources.empty() && !excludes(record.type)) {
        return std::unexpected(&Counters::record_bad_sources);
    }
    return Claim{.type = record.type, .group = record.group, .sources = SourceSet(usable)};
}

bool in_ranges(Ipv4 group, std::vector<Ipv4Prefix> const& ranges) {
    return std::ranges::any_of(ranges, [&](Ipv4Prefix range) { return range.contains(group); });
}

std::optional<Counter> judge_group(Ipv4 group, Link const& link) {
    if (group.is_link_local_multicast()) {
        return &Counters::link_local_group;
    }
    if (!group.is_multicast() || group == k_reserved_ssm) {
        return &Counters::record_bad_group;
    }
    bool const local = !link.boundaries.empty() && k_local_scope.contains(group);
    if (local || in_ranges(group, link.boundaries)) {
        return &Counters::boundary;
    }
    return std::nullopt;
}

SourceSet mapped_sources(Ipv4 group, std::vector<SsmMapping> const& map) {
    SourceSet all;
    for (SsmMapping const& mapping : map) {
        if (mapping.groups.contains(group)) {
            all = all + SourceSet(mapping.sources);
        }
    }
    return all;
}

std::expected<Claim, Counter> on_terms(Claim claim, Terms const& terms) {
    if (terms.ssm && claim.version < 3) {
        // Without version 3 there would be no query for one source, and so no way to leave.
        if (terms.mapped.empty() || terms.interface_version < 3) {
            return std::unexpected(&Counters::old_version_in_ssm);
        }
        claim = with_mapped(claim, terms.mapped);
    }
    if (terms.ssm && excludes(claim.type)) {
        return std::unexpected(&Counters::ssm_mode_mismatch);
    }
    if (terms.interface_version < 3) {
        auto simple = without_sources(std::move(claim), terms.ssm);
        if (!simple) {
            return simple;
        }
        claim = std::move(*simple);
    }
    auto const compatibility = std::min(terms.compatibility, terms.interface_version);
    return compatibility < 3 ? for_older_hosts(std::move(claim), compatibility) : Judged(claim);
}

bool excludes(Claim const& claim) {
    return excludes(claim.type);
}

bool joins(Claim const& claim) {
    return excludes(claim.type) || (claim.type != RecordType::block && !claim.sources.empty());
}

std::size_t limit_new_sources(Claim& claim, SourceSet const& known, std::size_t room) {
    SourceSet const fresh = claim.sources - known;
    if (fresh.size() <= room) {
        return 0;
    }
    std::vector<Ipv4> kept(fresh.begin(), fresh.begin() + static_cast<std::ptrdiff_t>(room));
    claim.sources = claim.sources * known + SourceSet(std::move(kept));
    return fresh.size() - room;
}

} // namespace mcast::igmp
