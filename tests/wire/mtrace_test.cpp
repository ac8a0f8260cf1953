#include "bytes.h"
#include "mcast/wire/mtrace.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace mcast::wire {
namespace {

Mtrace query() {
    return {.hops = 32,
            .group = Ipv4::of(239, 1, 2, 3),
            .source = Ipv4::of(10, 1, 0, 5),
            .destination = Ipv4::of(10, 9, 0, 7),
            .response_address = Ipv4::of(10, 9, 0, 7),
            .response_ttl = 64,
            .query_id = 0x010203};
}

TraceBlock block() {
    return {.arrival = 0x11223344,
            .incoming = Ipv4::of(10, 1, 0, 1),
            .outgoing = Ipv4::of(10, 9, 0, 1),
            .previous_hop = Ipv4::of(10, 1, 0, 2),
            .input_packets = 5,
            .output_packets = 4,
            .flow_packets = k_trace_count_unknown,
            .needed_ttl = 1,
            .source_counted = true,
            .mask_length = 24,
            .code = TraceCode::prune_sent};
}

TEST(Mtrace, KnownBytes) {
    auto trace = query();
    auto const plain = with_checksum("1f200000 ef010203 0a010005 0a090007 0a090007 40010203");
    EXPECT_EQ(encoded(trace), plain);
    EXPECT_EQ(decode_mtrace(plain), trace);
    EXPECT_TRUE(trace.is_query());
    trace.response = true;
    trace.blocks = {block()};
    auto const answer =
        with_checksum("1e200000 ef010203 0a010005 0a090007 0a090007 40010203"
                      "11223344 0a010001 0a090001 0a010002 00000005 00000004 ffffffff 01015802");
    EXPECT_EQ(encoded(trace), answer);
    EXPECT_EQ(decode_mtrace(answer), trace);
    EXPECT_FALSE(trace.is_query());
}

TEST(Mtrace, Refusals) {
    auto const verdict = [](Buffer const& bytes) { return name_of(decode_mtrace(bytes).error()); };
    auto const good = encoded(query());
    EXPECT_EQ(verdict(Buffer(good.begin(), good.end() - 1)), "too_short");
    EXPECT_EQ(verdict({}), "too_short");
    auto bytes = good;
    bytes[0] = 0x13;
    EXPECT_EQ(verdict(with_checksum(bytes)), "not_mtrace");
    bytes = good;
    bytes[9] ^= 1;
    EXPECT_EQ(verdict(bytes), "bad_checksum");
    for (std::size_t const more : {1, 31, 33, 63}) {
        bytes = good;
        bytes.resize(good.size() + more);
        EXPECT_EQ(verdict(with_checksum(bytes)), "bad_length") << more;
    }
}

TEST(Mtrace, WithoutForm) {
    auto trace = query();
    trace.query_id = 0x1000000;
    EXPECT_TRUE(encoded(trace).empty());
    trace = query();
    trace.blocks = {block()};
    trace.blocks.front().mask_length = 64;
    EXPECT_TRUE(encoded(trace).empty());
}

TEST(Mtrace, Names) {
    EXPECT_EQ(name_of(TraceCode::no_error), "no_error");
    EXPECT_EQ(name_of(TraceCode::prohibited), "prohibited");
    EXPECT_EQ(name_of(TraceCode{0x42}), "unknown");
    for (std::size_t i = 0; i < k_mtrace_errors; ++i) {
        EXPECT_NE(name_of(MtraceError{static_cast<std::uint8_t>(i)}), "unknown");
    }
}

TEST(Mtrace, RoundTrip) {
    ASSERT_TRUE(rc::check("every trace survives the wire", [] {
        Mtrace trace = query();
        trace.response = *rc::gen::arbitrary<bool>();
        trace.query_id = *rc::gen::inRange<std::uint32_t>(0, 0x1000000);
        trace.blocks.resize(static_cast<std::size_t>(*rc::gen::inRange(0, 40)), block());
        for (TraceBlock& it : trace.blocks) {
            it.arrival = *rc::gen::arbitrary<std::uint32_t>();
            it.source_counted = *rc::gen::arbitrary<bool>();
            it.mask_length = *rc::gen::inRange<std::uint8_t>(0, 64);
            it.code = TraceCode{*rc::gen::arbitrary<std::uint8_t>()};
        }
        RC_ASSERT((decode_mtrace(encoded(trace)) == trace));
    }));
}

} // namespace
} // namespace mcast::wire
