#include "forge.h"

#include "mcast/wire/datagram.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace mcast::gen {
namespace {

constexpr ForgeryPlan k_plan{.router = {Ipv4::of(10, 2, 0, 1), 24},
                             .victims = {Ipv4::of(239, 9, 0, 0), 25},
                             .victims_source = Ipv4::of(10, 1, 0, 10),
                             .seed = 7};
constexpr int k_many = 20'000;

struct Opened {
    Forgery kind{};
    std::optional<wire::Ipv4Header> ip{};
    std::expected<wire::Igmp, wire::IgmpError> igmp = std::unexpected(wire::IgmpError::malformed);
};

Opened open(Forger::Forged const& forged) {
    Opened opened{.kind = forged.kind};
    if (auto const datagram = wire::decode_datagram(forged.frame)) {
        opened.ip = datagram->ip;
        opened.igmp = wire::decode_igmp(datagram->payload);
    }
    return opened;
}

TEST(Forge, SameSeedSameFrames) {
    Forger one(k_plan);
    Forger other(k_plan);
    for (int n = 0; n < 1000; ++n) {
        auto const a = one.next();
        auto const b = other.next();
        ASSERT_EQ(a.kind, b.kind);
        ASSERT_TRUE(std::ranges::equal(a.frame, b.frame));
        ASSERT_LE(a.frame.size(), 1514U);
    }
}

TEST(Forge, EveryKindComesAndIsWhatItsNameSays) {
    std::map<Forgery, int> seen;
    Forger forger(k_plan);
    for (int n = 0; n < k_many; ++n) {
        auto const it = open(forger.next());
        ++seen[it.kind];
        SCOPED_TRACE(name_of(it.kind));
        switch (it.kind) {
        case Forgery::bad_header:
            ASSERT_FALSE(it.ip);
            break;
        case Forgery::bad_checksum:
            ASSERT_EQ(it.igmp.error(), wire::IgmpError::bad_checksum);
            break;
        case Forgery::cut_short:
        case Forgery::too_much:
        case Forgery::odd_query:
            ASSERT_TRUE(it.ip);
            ASSERT_FALSE(it.igmp);
            ASSERT_NE(it.igmp.error(), wire::IgmpError::bad_checksum);
            break;
        case Forgery::bad_ttl:
            ASSERT_NE(it.ip->ttl, 1);
            break;
        case Forgery::unknown_type:
            ASSERT_TRUE(std::holds_alternative<wire::Other>(*it.igmp));
            break;
        case Forgery::bad_group:
        case Forgery::bad_source:
        case Forgery::bad_destination:
            ASSERT_TRUE(it.ip);
            break;
        default:
            ASSERT_TRUE(it.igmp);
            ASSERT_EQ(it.ip->ttl, 1);
            ASSERT_TRUE(k_plan.router.contains(it.ip->source));
            ASSERT_NE(it.ip->source, k_plan.router.address);
            break;
        }
    }
    EXPECT_EQ(seen.size(), k_forgeries);
}

TEST(Forge, VictimsAreMeant) {
    std::set<Ipv4> left;
    Forger forger(k_plan);
    for (int n = 0; n < k_many; ++n) {
        auto const it = open(forger.next());
        if (it.kind == Forgery::leave) {
            left.insert(std::get<wire::Leave>(*it.igmp).group);
        }
    }
    for (std::uint8_t n = 0; n < 128; ++n) {
        EXPECT_TRUE(left.contains(Ipv4::of(239, 9, 0, n))) << int{n};
    }
}

} // namespace
} // namespace mcast::gen
