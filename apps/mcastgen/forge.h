// Forged IGMP, for attacks on a router of one's own: well-formed messages of hosts and routers that
// do not exist, and every kind of malformed one. The same seed gives the same frames.
//
// Groups and sources are random; every fourth message means one of the victims, groups that
// somebody really watches, so that forged leaves and lists hit what must not be hit. Victims with
// an even address are never joined: forged joins would keep them alive.
#pragma once

#include "mcast/base/ipv4.h"
#include "mcast/base/random.h"
#include "mcast/wire/cursor.h"
#include "mcast/wire/igmp.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace mcast::gen {

enum class Forgery : std::uint8_t {
    // well-formed
    report_v1,
    report_v2,
    leave,
    report_v3,    // one to three records
    many_records, // as many as one frame holds
    many_sources,
    general_query, // of all versions, from addresses of the link
    specific_query,
    // not
    bad_checksum,
    cut_short,  // with a checksum that is right
    too_much,   // claims more records, sources or auxiliary data than are there
    bad_group,  // no group, or one of the link
    bad_ttl,    // from further away
    bad_source, // 0.0.0.0, another network, a group, the router itself ...
    bad_destination,
    unknown_type,
    odd_query,  // of no version
    bad_header, // of IPv4
    count_
};
inline constexpr std::size_t k_forgeries = static_cast<std::size_t>(Forgery::count_);
std::string_view name_of(Forgery forgery);

struct ForgeryPlan {
    Ipv4Prefix router{};                            // its address, with the link's prefix length
    Ipv4Prefix groups{Ipv4::of(239, 128, 0, 0), 9}; // that random messages speak of
    Ipv4Prefix victims{};                           // 0.0.0.0/0: none
    Ipv4 victims_source{};                          // who sends to them
    std::uint64_t seed = 1;
};

class Forger {
public:
    explicit Forger(ForgeryPlan const& plan) : plan_(plan), random_(plan.seed) {}

    struct Forged {
        Forgery kind{};
        wire::Bytes frame{}; // until the next call
    };
    Forged next();

private:
    using Payload = std::vector<std::uint8_t>;
    struct Envelope {
        Ipv4 source{};
        Ipv4 destination{};
        std::uint8_t ttl = 1;
    };

    Forgery pick();
    Ipv4 host();
    Ipv4 group();
    Ipv4 joined_group();
    bool is_victim(Ipv4 group) const;
    Ipv4 source();
    Ipv4 within(Ipv4Prefix const& prefix);
    wire::GroupRecord record(std::size_t most_sources);
    wire::ReportV3 report(std::size_t records, std::size_t most_sources);
    wire::Query query(bool general);
    wire::Igmp message(Forgery kind);
    Payload payload_of(wire::Igmp const& message) const;
    Payload odd_query();
    void spoil(Forgery kind, Payload& payload, Envelope& envelope);
    void claim_too_much(Payload& payload);
    Ipv4 impossible_host();
    void build(Envelope const& envelope, Payload const& payload);

    ForgeryPlan plan_;
    Random random_;
    std::vector<std::uint8_t> frame_;
};

} // namespace mcast::gen
