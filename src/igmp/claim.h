// What a host says about one group, whichever version it said it in; and what may be made of it:
// rule R15, SSM (RFC 9776 section 6.4, RFC 4604), older hosts (RFC 9776 section 7.3.2). Pure.
#pragma once

#include "accept.h"
#include "source_set.h"

#include "mcast/base/ipv4.h"
#include "mcast/igmp/engine.h"
#include "mcast/wire/igmp.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <vector>

namespace mcast::igmp {

struct Claim {
    std::uint8_t version = 3; // that it was said in
    wire::RecordType type = wire::RecordType::is_in;
    Ipv4 group{};
    SourceSet sources{};

    bool operator==(Claim const&) const = default;
};

// A report of version 1 or 2 is IS_EX({}), a leave is TO_IN({}).
Claim claim_of(wire::ReportV1 const& report);
Claim claim_of(wire::ReportV2 const& report);
Claim claim_of(wire::Leave const& leave);
// Sources that no host can have are left out. The counter says why a record cannot be used.
std::expected<Claim, Counter> claim_of(wire::GroupRecord const& record, Ipv4Prefix const& link);

// nullopt when the group may have state here.
std::optional<Counter> judge_group(Ipv4 group, Link const& link);
bool in_ranges(Ipv4 group, std::vector<Ipv4Prefix> const& ranges);

// What the map says of a group; empty where nothing fits.
SourceSet mapped_sources(Ipv4 group, std::vector<SsmMapping> const& map);

// The terms on which a claim is heard.
struct Terms {
    std::uint8_t interface_version = 3; // in which we speak
    std::uint8_t compatibility = 3;     // of the group
    bool ssm = false;
    SourceSet mapped{}; // of a source-specific group, for hosts that cannot name sources
};
// The claim to act upon, or why it is ignored.
std::expected<Claim, Counter> on_terms(Claim claim, Terms const& terms);

bool excludes(Claim const& claim);
// Whether it could create state where there is none.
bool joins(Claim const& claim);

// Leaves out new sources beyond `room`; returns how many. An excluded source that is not recorded
// is forwarded: the limit fails towards delivery (IGMP-159).
std::size_t limit_new_sources(Claim& claim, SourceSet const& known, std::size_t room);

} // namespace mcast::igmp
