#include "bytes.h"
#include "mcast/wire/ipv4.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace mcast::wire {
namespace {

// The IP header of a general query from 192.0.2.254: 24 bytes with Router Alert, 12 of payload.
constexpr char const* k_query_header =
    "46 c0 00 24 00 00 00 00 01 02 81 14 c0 00 02 fe e0 00 00 01 94 04 00 00";

Buffer query_packet() {
    Buffer packet = hex(k_query_header);
    packet.resize(0x24);
    return packet;
}

// Changes one byte and makes the header checksum right again.
Buffer changed(std::size_t at, std::uint8_t value) {
    Buffer packet = query_packet();
    packet[at] = value;
    store_be16(&packet[10], 0);
    std::size_t const length = std::size_t{packet[0] & 0xfU} * 4;
    if (length <= packet.size()) {
        store_be16(&packet[10], internet_checksum(Bytes{packet}.first(length)));
    }
    return packet;
}

// Golden vector: IGMP-1 as far as the header shows it.
TEST(Ipv4, QueryHeader) {
    Buffer const packet = query_packet();
    auto const header = decode_ipv4(packet);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->tos, k_tos_internetwork_control);
    EXPECT_EQ(header->total_length, 36);
    EXPECT_EQ(header->id, 0);
    EXPECT_EQ(header->ttl, 1);
    EXPECT_EQ(header->protocol, k_protocol_igmp);
    EXPECT_EQ(header->source, Ipv4::of(192, 0, 2, 254));
    EXPECT_EQ(header->destination, Ipv4::of(224, 0, 0, 1));
    EXPECT_EQ(header->header_length, 24);
    EXPECT_EQ(header->payload_length(), 12U);
    EXPECT_FALSE(header->is_fragment());
    EXPECT_TRUE(has_router_alert(header->options));
    EXPECT_FALSE(is_source_routed(header->options));
    EXPECT_EQ(encoded(*header), hex(k_query_header));
}

// F1, IGMP-144: each defect under its own name.
TEST(Ipv4, DefectsAreNamed) {
    Buffer bad_sum = query_packet();
    bad_sum[10] ^= 1;
    Buffer flipped = query_packet();
    flipped[15] ^= 0x10;
    struct Row {
        char const* what;
        Buffer packet;
        Ipv4Error expected;
    };
    Row const rows[] = {
        {"nothing", {}, Ipv4Error::short_packet},
        {"19 bytes", Buffer(19, 0x45), Ipv4Error::short_packet},
        {"version 6", changed(0, 0x66), Ipv4Error::bad_version},
        {"version 0", changed(0, 0x06), Ipv4Error::bad_version},
        {"IHL 4", changed(0, 0x44), Ipv4Error::bad_header_length},
        {"IHL 0", changed(0, 0x40), Ipv4Error::bad_header_length},
        {"IHL past the end", changed(0, 0x4f), Ipv4Error::bad_header_length},
        {"total below header", changed(3, 23), Ipv4Error::bad_total_length},
        {"total 0", changed(3, 0), Ipv4Error::bad_total_length},
        {"total past the end", changed(3, 37), Ipv4Error::bad_total_length},
        {"checksum wrong", bad_sum, Ipv4Error::bad_header_checksum},
        {"source flipped", flipped, Ipv4Error::bad_header_checksum},
    };
    for (Row const& row : rows) {
        auto const header = decode_ipv4(row.packet);
        ASSERT_FALSE(header) << row.what;
        EXPECT_EQ(header.error(), row.expected) << row.what << ": " << name_of(header.error());
    }
}

TEST(Ipv4, HeaderWithoutPayloadIsFine) {
    EXPECT_TRUE(decode_ipv4(changed(3, 24)));
}

// A packet in pieces: only the first needs to hold the header.
TEST(Ipv4, TotalLengthCountsAllPieces) {
    Buffer const header = hex(k_query_header);
    EXPECT_EQ(decode_ipv4(header).error(), Ipv4Error::bad_total_length);
    EXPECT_TRUE(decode_ipv4(header, 36));
    EXPECT_EQ(decode_ipv4(Bytes{header}.first(20), 36).error(), Ipv4Error::bad_header_length);
}

TEST(Ipv4, Fragments) {
    Ipv4Header header;
    header.total_length = 1500;
    header.more_fragments = true;
    header.fragment_offset = 65528;
    header.dont_fragment = true;
    Buffer packet = encoded(header);
    packet.resize(1500);
    auto const decoded = decode_ipv4(packet);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, header);
    EXPECT_TRUE(decoded->is_fragment());
    EXPECT_EQ(load_be16(&packet[6]), 0x7fff);
}

TEST(Ipv4, RefusesToWriteWhatHasNoForm) {
    Buffer const options(41);
    Ipv4Header long_options;
    long_options.total_length = 100;
    long_options.options = options;
    Ipv4Header odd_offset;
    odd_offset.total_length = 100;
    odd_offset.fragment_offset = 12;
    Ipv4Header short_total;
    short_total.total_length = 19;
    for (auto const& header : {long_options, odd_offset, short_total}) {
        EXPECT_TRUE(encoded(header).empty());
    }
}

// IGMP-150: Router Alert is found wherever it stands; nothing malformed is walked past.
TEST(Ipv4, OptionWalk) {
    struct Row {
        char const* options;
        bool alert;
        bool routed;
    };
    for (Row const& row : {
             Row{"", false, false},
             Row{"94 04 00 00", true, false},
             Row{"94 04 00 01", true, false},                      // its value is not judged
             Row{"01 01 94 04 00 00 00 00", true, false},          // NOP, NOP, RA
             Row{"07 07 04 00 00 00 00 94 04 00 00", true, false}, // behind Record Route
             Row{"00 94 04 00 00", false, false},                  // behind End of List
             Row{"00 02 94 04 00 00 00 00", false, false}, // not even if an option would fit
             Row{"94 03 00 00", false, false},             // not its length
             Row{"94 04 00", false, false},                // cut
             Row{"94", false, false},
             Row{"44 00 94 04 00 00", false, false}, // length 0 would loop
             Row{"44 01 94 04 00 00", false, false},
             Row{"44 28 94 04 00 00", false, false}, // past the end
             Row{"83 07 04 0a 00 00 01 00", false, true},
             Row{"01 89 07 04 0a 00 00 01", false, true},
             Row{"94 04 00 00 83 03 04 00", true, true},
             Row{"83 07 04 0a", false, false},
         }) {
        Buffer const options = hex(row.options);
        EXPECT_EQ(has_router_alert(options), row.alert) << row.options;
        EXPECT_EQ(is_source_routed(options), row.routed) << row.options;
    }
}

TEST(Ipv4, RoundTrip) {
    ASSERT_TRUE(
        rc::check("header round trip", [](std::uint8_t tos, std::uint16_t id, bool dont, bool more,
                                          std::uint8_t ttl, std::uint8_t protocol,
                                          std::uint32_t source, std::uint32_t destination) {
            auto const options = *rc::gen::resize(40, rc::gen::arbitrary<Buffer>());
            RC_PRE(options.size() <= 40);
            Ipv4Header header;
            header.tos = tos;
            header.id = id;
            header.dont_fragment = dont;
            header.more_fragments = more;
            header.fragment_offset =
                static_cast<std::uint16_t>(*rc::gen::inRange<unsigned>(0, 8192) * 8);
            header.ttl = ttl;
            header.protocol = protocol;
            header.source = {source};
            header.destination = {destination};
            Buffer padded = options;
            padded.resize((options.size() + 3) / 4 * 4);
            header.options = options;
            header.header_length = static_cast<std::uint8_t>(20 + padded.size());
            header.total_length = *rc::gen::inRange<std::uint16_t>(header.header_length, 2000);
            Buffer packet = encoded(header);
            packet.resize(header.total_length);
            auto const decoded = decode_ipv4(packet);
            RC_ASSERT(decoded.has_value());
            header.options = padded;
            RC_ASSERT(*decoded == header);
        }));
}

} // namespace
} // namespace mcast::wire
