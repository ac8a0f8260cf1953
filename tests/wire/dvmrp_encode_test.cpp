// What has no form on the wire, and the round trip of everything else.
#include "bytes.h"
#include "mcast/wire/dvmrp.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

namespace mcast::wire::dvmrp {
namespace {

bool has_form(Message const& message) {
    return !encoded(message).empty();
}

bool has_form(Route const& route) {
    return has_form(Message{.body = Report{{route}}});
}

TEST(DvmrpEncode, RoutesWithoutForm) {
    EXPECT_TRUE(has_form(Route{{Ipv4::of(10, 0, 0, 0), 8}, 127}));
    EXPECT_FALSE(has_form(Route{{Ipv4::of(10, 0, 0, 0), 8}, 128}));
    EXPECT_TRUE(has_form(Route{{{}, 0}, 1}));
    EXPECT_FALSE(has_form(Route{{Ipv4::of(10, 0, 0, 0), 0}, 1}));
    EXPECT_FALSE(has_form(Route{{{}, 8}, 1})); // would be read as the default route
    for (std::uint8_t length = 1; length < 8; ++length) {
        EXPECT_FALSE(has_form(Route{{Ipv4::of(128, 0, 0, 0), length}, 1})) << int{length};
    }
    EXPECT_FALSE(has_form(Route{{Ipv4::of(10, 1, 0, 0), 8}, 1}));
    EXPECT_TRUE(has_form(Route{{Ipv4::of(172, 17, 0, 0), 12}, 1})); // host bits, but room for them
    EXPECT_FALSE(has_form(Route{{Ipv4::of(172, 17, 1, 0), 12}, 1}));
    EXPECT_FALSE(has_form(Route{{Ipv4::of(10, 0, 0, 0), 33}, 1}));
}

TEST(DvmrpEncode, OthersWithoutForm) {
    Message old{.version = {.major = 2, .minor = 1}, .body = AskNeighbors2{}};
    EXPECT_FALSE(has_form(old));
    EXPECT_FALSE(has_form(Message{.body = Probe{}}));
    EXPECT_FALSE(has_form(Message{.version = {.major = 12}, .body = Probe{.generation = 1}}));
    EXPECT_FALSE(has_form(
        Message{.body = Neighbors2{{NeighborRecord{.neighbors = std::vector<Ipv4>(256)}}}}));
    EXPECT_TRUE(has_form(
        Message{.body = Neighbors2{{NeighborRecord{.neighbors = std::vector<Ipv4>(255)}}}}));
    EXPECT_FALSE(has_form(Message{.body = Graft{.trailing_bytes = 4}})); // would be a mask
}

TEST(DvmrpEncode, OneByteTooFew) {
    Message const message{.body = Probe{.generation = 1}};
    Buffer room(11);
    Writer out(room);
    EXPECT_FALSE(encode(message, out));
    EXPECT_FALSE(out.ok());
}

Ipv4 any_address() {
    return {*rc::gen::arbitrary<std::uint32_t>()};
}

std::vector<Ipv4> any_addresses(int most) {
    std::vector<Ipv4> result(static_cast<std::size_t>(*rc::gen::inRange(0, most)));
    std::ranges::generate(result, any_address);
    return result;
}

Route any_route() {
    auto const metric = *rc::gen::inRange<std::uint8_t>(0, 128);
    auto const length = *rc::gen::inRange<std::uint8_t>(7, 33);
    if (length == 7) {
        return {{}, metric};
    }
    Ipv4Prefix const prefix{any_address(), length};
    bool const is_zero = length == 8 && prefix.network().is_unspecified();
    return {is_zero ? Ipv4Prefix{} : Ipv4Prefix{prefix.network(), length}, metric};
}

Report any_report() {
    Report report;
    report.routes.resize(static_cast<std::size_t>(*rc::gen::inRange(0, 40)));
    std::ranges::generate(report.routes, any_route);
    if (*rc::gen::arbitrary<bool>()) { // lists of more than one route
        std::ranges::sort(report.routes, {}, [](Route const& r) { return r.prefix.length; });
    }
    return report;
}

Neighbors2 any_neighbors() {
    Neighbors2 result;
    result.records.resize(static_cast<std::size_t>(*rc::gen::inRange(0, 6)));
    for (NeighborRecord& record : result.records) {
        record = {.local = any_address(),
                  .metric = *rc::gen::arbitrary<std::uint8_t>(),
                  .threshold = *rc::gen::arbitrary<std::uint8_t>(),
                  .flags = *rc::gen::arbitrary<std::uint8_t>(),
                  .neighbors = any_addresses(256)};
    }
    return result;
}

Ipv4 any_source() {
    return *rc::gen::arbitrary<bool>()
               ? Ipv4{}
               : Ipv4{*rc::gen::inRange<std::uint32_t>(1U << 24, 127U << 24)};
}

Ipv4 any_group() {
    return {0xe0000100 + *rc::gen::inRange<std::uint32_t>(0, 0x0ffffeff)};
}

template <class Grafting>
Grafting any_graft() {
    Grafting graft{.source = any_source(), .group = any_group()};
    if (*rc::gen::arbitrary<bool>()) {
        graft.mask = any_address();
        graft.trailing_bytes = *rc::gen::inRange<std::size_t>(0, 9);
    } else {
        graft.trailing_bytes = *rc::gen::inRange<std::size_t>(0, 4);
    }
    return graft;
}

Body any_body(Version version) {
    switch (*rc::gen::inRange(0, 7)) {
    case 0:
        return has_generation(version)
                   ? Probe{.generation = *rc::gen::arbitrary<std::uint32_t>(),
                           .neighbors = any_addresses(80)}
                   : Probe{.unread_bytes = *rc::gen::inRange<std::size_t>(0, 20)};
    case 1:
        return any_report();
    case 2:
        return AskNeighbors2{};
    case 3:
        return any_neighbors();
    case 4: {
        auto const graft = any_graft<Graft>();
        return Prune{graft.source, graft.group, *rc::gen::inRange<std::uint32_t>(1, 0xffffffff),
                     graft.mask, graft.trailing_bytes};
    }
    case 5:
        return any_graft<Graft>();
    default:
        return any_graft<GraftAck>();
    }
}

TEST(DvmrpEncode, RoundTrip) {
    ASSERT_TRUE(rc::check("every message survives the wire", [] {
        Message message;
        message.capabilities = *rc::gen::arbitrary<std::uint8_t>();
        message.version = {.major = *rc::gen::inRange<std::uint8_t>(3, 13),
                           .minor = *rc::gen::arbitrary<std::uint8_t>()};
        message.body = any_body(message.version);
        auto const bytes = encoded(message);
        RC_ASSERT(!bytes.empty());
        RC_ASSERT(internet_checksum(bytes) == 0);
        auto const decoded = decode_dvmrp(bytes);
        RC_ASSERT(decoded.has_value());
        RC_ASSERT(*decoded == message);
        RC_ASSERT(encoded(*decoded) == bytes);
    }));
}

// Any bytes under any code: refused by name or decoded to what encodes to an equal value.
TEST(DvmrpEncode, ArbitraryBytesDecodeOrAreRefused) {
    ASSERT_TRUE(rc::check("arbitrary bytes", [](Buffer bytes) {
        RC_PRE(bytes.size() >= k_header_size);
        bytes[0] = 0x13;
        bytes[1] = *rc::gen::inRange<std::uint8_t>(0, 12);
        bytes[7] = *rc::gen::inRange<std::uint8_t>(3, 12);
        auto const decoded = decode_dvmrp(with_checksum(bytes));
        if (decoded) {
            RC_ASSERT((decode_dvmrp(encoded(*decoded)) == decoded));
        } else {
            RC_ASSERT(decoded.error() != Error::bad_checksum);
        }
    }));
}

} // namespace
} // namespace mcast::wire::dvmrp
