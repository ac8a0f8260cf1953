// What is refused, and by which name.
#include "bytes.h"
#include "mcast/wire/datagram.h"
#include "mcast/wire/dvmrp.h"

#include <gtest/gtest.h>

#include <set>

namespace mcast::wire::dvmrp {
namespace {

std::string_view verdict(Buffer const& bytes) {
    auto const message = decode_dvmrp(bytes);
    return message ? name_of(message->body) : name_of(message.error());
}

// A message with these bytes behind the header.
Buffer with_body(std::uint8_t code, std::string_view body) {
    Buffer bytes = hex("13000000 000eff03");
    bytes[1] = code;
    auto const rest = hex(body);
    bytes.insert(bytes.end(), rest.begin(), rest.end());
    return with_checksum(bytes);
}

// DVMRP-10: seven bytes are no header.
TEST(DvmrpDecode, TooShort) {
    for (std::size_t n = 0; n < k_header_size; ++n) {
        EXPECT_EQ(verdict(Buffer(n, 0x13)), "too_short") << n;
    }
}

TEST(DvmrpDecode, OtherTypes) {
    EXPECT_EQ(verdict(with_checksum("11010000 000eff03 00000001")), "not_dvmrp");
}

// DVMRP-3, and DVMRP-2 for an odd length.
TEST(DvmrpDecode, Checksum) {
    auto bytes = hex("130236be 000fff03 ffff00 0a0a01 22 0a0a17 81");
    EXPECT_EQ(verdict(bytes), "report");
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] ^= 0x40;
        EXPECT_EQ(verdict(bytes), i == 0 ? "not_dvmrp" : "bad_checksum") << i;
        bytes[i] ^= 0x40;
    }
    EXPECT_EQ(verdict(hex("1301b8be 000eff03 00000001")), "bad_checksum");
}

// DVMRP-39: versions before 3 share the type and not the format.
TEST(DvmrpDecode, OldVersions) {
    for (std::string const major : {"00", "01", "02"}) {
        EXPECT_EQ(verdict(with_checksum("13010000 000eff" + major + " 00000001")), "old_version");
    }
}

// DVMRP-9: codes nobody knows. DVMRP-130: codes that are known and have no answer.
TEST(DvmrpDecode, Codes) {
    for (std::uint8_t const code : {0, 12, 13, 127, 255}) {
        EXPECT_EQ(verdict(with_body(code, "0a000001 e1010203 00000001")), "unknown_code");
    }
    EXPECT_EQ(verdict(with_body(3, "")), "obsolete_code");
    EXPECT_EQ(verdict(with_body(4, "0a000001 01010100")), "obsolete_code");
    EXPECT_EQ(verdict(with_body(10, "01000000")), "vendor_code");
    EXPECT_EQ(verdict(with_body(11, "01000000")), "vendor_code");
}

struct Case {
    char const* name;
    std::uint8_t code;
    char const* body;
    char const* verdict;
};

// DVMRP-32, DVMRP-33: a probe is a generation ID and whole addresses. DVMRP-48 to DVMRP-50: a
// report is taken whole or not. DVMRP-54: it may be empty. DVMRP-108, DVMRP-118: the bytes that a
// prune, graft or acknowledgement must have. DVMRP-109: a lifetime.
TEST(DvmrpDecode, Bodies) {
    Case const cases[] = {
        {"probe without generation", 1, "", "bad_length"},
        {"probe of 3 bytes", 1, "010203", "bad_length"},
        {"probe of 4 + 6 bytes", 1, "00000001 0a000001 0a00", "bad_length"},
        {"probe of 4 + 8 bytes", 1, "00000001 0a000001 0a000002", "probe"},
        {"empty report", 2, "", "report"},
        {"two bytes of mask", 2, "ffff", "bad_route"},
        {"a mask alone", 2, "ffff00", "unclosed_routes"},
        {"route without metric", 2, "ffff00 0a0a01", "bad_route"},
        {"route cut short", 2, "ffff00 0a0a01 01 0a0a", "bad_route"},
        {"no last route", 2, "ffff00 0a0a01 01", "unclosed_routes"},
        {"one byte behind the last", 2, "ffff00 0a0a01 81 ff", "bad_route"},
        {"two bytes behind the last", 2, "ffff00 0a0a01 81 ffff", "bad_route"},
        {"mask with a hole", 2, "00ff00 0a000a 81", "bad_mask"},
        {"mask from the wrong end", 2, "ff7f00 0a0a01 81", "bad_mask"},
        {"hole behind a good list", 2, "ffff00 0a0a01 81 f0f000 0a0a01 81", "bad_mask"},
        {"any metric has a form", 2, "ffff00 0a0a01 00 0a0a02 ff", "report"},
        {"question", 5, "", "neighbors question"},
        {"question and more", 5, "0102", "neighbors question"},
        {"empty answer", 6, "", "neighbors answer"},
        {"answer cut in a record", 6, "0a000001 010100", "bad_length"},
        {"answer cut in its list", 6, "0a000001 01010002 0a000002", "bad_length"},
        {"prune of 19", 7, "0a000001 e1010203 000001", "bad_length"},
        {"prune of 20", 7, "0a000001 e1010203 00000001", "prune"},
        {"prune of 23", 7, "0a000001 e1010203 00000001 ffffff", "prune"},
        {"prune of 24", 7, "0a000001 e1010203 00000001 ffffff00", "prune"},
        {"prune for no time", 7, "0a000001 e1010203 00000000", "bad_lifetime"},
        {"prune for ever", 7, "0a000001 e1010203 ffffffff", "prune"},
        {"prune of the default route", 7, "00000000 e1010203 00000001", "prune"},
        {"prune of network zero", 7, "00010000 e1010203 00000001", "bad_source"},
        {"prune of loopback", 7, "7f000001 e1010203 00000001", "bad_source"},
        {"prune of a group", 7, "e1000001 e1010203 00000001", "bad_source"},
        {"prune of class E", 7, "f0000001 e1010203 00000001", "bad_source"},
        {"prune for a host", 7, "0a000001 0a010203 00000001", "bad_group"},
        {"prune for 224.0.0.x", 7, "0a000001 e00000fb 00000001", "bad_group"},
        {"prune for 224.0.1.0", 7, "0a000001 e0000100 00000001", "prune"},
        {"graft of 15", 8, "0a000001 e10102", "bad_length"},
        {"graft of 16", 8, "0a000001 e1010203", "graft"},
        {"graft of 20", 8, "0a000001 e1010203 ffffff00", "graft"},
        {"graft for a host", 8, "0a000001 0a010203", "bad_group"},
        {"answer of 15", 9, "0a000001 e10102", "bad_length"},
        {"answer of 16", 9, "0a000001 e1010203", "graft acknowledgement"},
        {"answer of 20", 9, "0a000001 e1010203 ffffff00", "graft acknowledgement"},
    };
    for (auto const& [name, code, body, expected] : cases) {
        EXPECT_EQ(verdict(with_body(code, body)), expected) << name;
    }
}

// DVMRP-108: 24 bytes have a mask, 23 have none and three bytes too many.
TEST(DvmrpDecode, MaskOfPrune) {
    auto const prune = [](char const* body) {
        return std::get<Prune>(decode_dvmrp(with_body(7, body))->body);
    };
    auto const with = prune("0a000001 e1010203 00000001 ffffff00");
    EXPECT_EQ(with.mask, Ipv4::of(255, 255, 255, 0));
    EXPECT_EQ(with.trailing_bytes, 0U);
    auto const without = prune("0a000001 e1010203 00000001 ffffff");
    EXPECT_EQ(without.mask, std::nullopt);
    EXPECT_EQ(without.trailing_bytes, 3U);
    EXPECT_EQ(prune("0a000001 e1010203 00000001 ffffff00 01").trailing_bytes, 1U);
}

// Versions without generation ID have nothing to read in a probe, whatever its length.
TEST(DvmrpDecode, ProbesByVersion) {
    auto const probe = [](std::string_view version) {
        return decode_dvmrp(
            with_checksum("13010000 000e" + std::string{version} + "00000001 0a000001"));
    };
    for (char const* version : {"ff03", "0303", "0004", "ff09"}) {
        auto const read = std::get<Probe>(probe(version)->body);
        EXPECT_EQ(read.generation, 1U) << version;
        EXPECT_EQ(read.neighbors.size(), 1U) << version;
    }
    for (char const* version : {"0003", "0203", "000a", "040c"}) {
        auto const unread = std::get<Probe>(probe(version)->body);
        EXPECT_EQ(unread.generation, std::nullopt) << version;
        EXPECT_EQ(unread.unread_bytes, 8U) << version;
    }
    EXPECT_EQ(verdict(with_checksum("13010000 000e040c 01")), "probe");
}

TEST(DvmrpDecode, Classes) {
    auto const of = [](std::uint8_t major, std::uint8_t minor) {
        return class_of({.major = major, .minor = minor});
    };
    EXPECT_EQ(of(2, 255), VersionClass::old);
    EXPECT_EQ(of(3, 0), VersionClass::v3_0);
    EXPECT_EQ(of(3, 2), VersionClass::v3_0);
    EXPECT_EQ(of(3, 3), VersionClass::v3_3);
    EXPECT_EQ(of(3, 254), VersionClass::v3_3);
    EXPECT_EQ(of(3, 255), VersionClass::spec);
    EXPECT_EQ(of(4, 0), VersionClass::spec);
    EXPECT_EQ(of(9, 255), VersionClass::spec);
    EXPECT_EQ(of(10, 0), VersionClass::vendor);
    EXPECT_EQ(of(255, 255), VersionClass::vendor);
}

// DVMRP-4: with Router Alert the IPv4 header has 24 bytes, and the message is where it ends.
TEST(DvmrpDecode, BehindRouterAlert) {
    auto const payload = hex("1301b6e5 000eff03 37070000");
    for (Bytes const options : {Bytes{}, Bytes{k_router_alert}}) {
        Ipv4Header const ip{.ttl = 1,
                            .protocol = k_protocol_igmp,
                            .source = Ipv4::of(10, 0, 0, 1),
                            .destination = k_all_routers,
                            .options = options};
        auto const frame = written_by([&](Writer& out) { build_ipv4_frame({}, ip, payload, out); });
        auto const datagram = decode_datagram(frame);
        ASSERT_TRUE(datagram.has_value());
        EXPECT_EQ(datagram->ip.header_length, 20 + options.size());
        auto const message = decode_dvmrp(datagram->payload);
        ASSERT_TRUE(message.has_value());
        EXPECT_EQ(std::get<Probe>(message->body).generation, 0x37070000U);
    }
}

// DVMRP-34: bits that nobody has defined change nothing.
TEST(DvmrpDecode, UnknownCapabilities) {
    auto const message = decode_dvmrp(with_checksum("13010000 00ceff03 00000001"));
    ASSERT_TRUE(message.has_value());
    EXPECT_EQ(message->capabilities, 0xce);
    EXPECT_TRUE(has(message->capabilities, Capability::prune));
    EXPECT_FALSE(has(message->capabilities, Capability::netmask));
}

// DVMRP-38: as many addresses as a packet has, and not one more.
TEST(DvmrpDecode, LongProbe) {
    Probe probe{.generation = 1, .neighbors = std::vector<Ipv4>(350)};
    probe.neighbors.back() = Ipv4::of(10, 0, 0, 1);
    auto const message = decode_dvmrp(encoded(Message{.body = probe}));
    ASSERT_TRUE(message.has_value());
    EXPECT_EQ(std::get<Probe>(message->body), probe);
}

TEST(DvmrpDecode, EveryErrorHasItsName) {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < k_errors; ++i) {
        names.insert(name_of(Error{static_cast<std::uint8_t>(i)}));
    }
    EXPECT_EQ(names.size(), k_errors);
    EXPECT_FALSE(names.contains("unknown"));
    EXPECT_EQ(name_of(Error::count_), "unknown");
}

} // namespace
} // namespace mcast::wire::dvmrp
