// Multicast traceroute: the way from a source to a receiver, hop by hop. n is upstream on i, m
// depends on us on j, hosts are on k.
#include "accept.h"
#include "rig.h"

#include "mcast/wire/mtrace.h"

namespace mcast::dvmrp::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;
using wire::Mtrace;
using wire::TraceBlock;
using wire::TraceCode;

constexpr Ipv4 k_host = Ipv4::of(10, 2, 0, 77); // on k
constexpr Ipv4 k_to_routers = Ipv4::of(224, 0, 0, 2);
constexpr std::uint32_t k_arrival = 0x12345678;

Mtrace query(std::uint32_t id = 7) {
    return {.hops = 32,
            .group = k_g,
            .source = k_source,
            .destination = k_host,
            .response_address = k_host,
            .response_ttl = 64,
            .query_id = id};
}

// That m passed on: it serves a receiver behind it.
Mtrace request(std::size_t blocks = 1) {
    Mtrace trace = query();
    trace.destination = Ipv4::of(192, 168, 9, 9);
    trace.response_address = k_m;
    trace.blocks.assign(blocks, TraceBlock{.incoming = k_m, .previous_hop = k_us_j});
    return trace;
}

Config answering(std::vector<Ipv4Prefix> to = {}) {
    Config config;
    config.answer_traces = true;
    config.answer_traces_to = std::move(to);
    return config;
}

struct Tracing : Rig {
    explicit Tracing(Config const& config = answering(), InterfaceConfig const& each = {})
        : Rig(config, each) {
        with_route_and_dependent();
        open();
        forget();
    }
    void ask_bytes(IfIndex on, Ipv4 from, std::vector<std::uint8_t> const& bytes, Ipv4 to) {
        traces.clear();
        engine.trace(
            {.interface = on, .source = from, .destination = to, .ttl = 9, .payload = bytes},
            k_arrival, now, out);
        traces = out.traces;
        settle();
    }
    void ask(IfIndex on, Ipv4 from, Mtrace const& trace, Ipv4 to) {
        std::vector<std::uint8_t> bytes(9000);
        wire::Writer writer(bytes);
        ASSERT_TRUE(wire::encode(trace, writer));
        bytes.resize(writer.size());
        ask_bytes(on, from, bytes, to);
    }
    // A host of k asks.
    void ask(Mtrace const& trace, Ipv4 to = k_us_k) { ask(k_k, k_host, trace, to); }
    // m passes a request on.
    void pass(Mtrace const& trace) { ask(k_j, k_m, trace, k_us_j); }
    TraceCode code() const {
        return traces.empty() || traces.back().trace.blocks.empty()
                   ? TraceCode::old_router
                   : traces.back().trace.blocks.back().code;
    }
    std::vector<TraceToSend> traces{};
};

TEST(DvmrpTrace, AQueryGoesTowardTheSource) {
    InterfaceConfig each;
    each.threshold = 5;
    Tracing rig(answering(), each);
    rig.member(k_k, true);
    rig.ask(query());
    ASSERT_THAT(rig.traces, SizeIs(1));
    TraceToSend const& it = rig.traces.front();
    EXPECT_EQ(it.interface, k_i);
    EXPECT_EQ(it.source, k_us_i);
    EXPECT_EQ(it.destination, k_n) << "the previous hop";
    EXPECT_EQ(it.next_hop, k_n);
    EXPECT_EQ(it.ttl, 1);
    EXPECT_FALSE(it.trace.response);
    Mtrace expected = query();
    expected.blocks.push_back({.arrival = k_arrival,
                               .incoming = k_us_i,
                               .outgoing = k_us_k,
                               .previous_hop = k_n,
                               .routing_protocol = wire::k_trace_routing_dvmrp,
                               .needed_ttl = 5,
                               .mask_length = 24,
                               .code = TraceCode::no_error});
    EXPECT_EQ(it.trace, expected);
    EXPECT_EQ(it.counts, (TraceToSend::Counts{k_i, k_k, k_flow}));
    EXPECT_EQ(rig.counters(k_k).trace_queries, 1U);
    EXPECT_EQ(rig.counters(k_i).sent_trace_requests, 1U);
}

TEST(DvmrpTrace, ARequestGoesOn) {
    Tracing rig;
    rig.pass(request());
    ASSERT_THAT(rig.traces, SizeIs(1));
    TraceToSend const& it = rig.traces.front();
    EXPECT_EQ(it.destination, k_n);
    ASSERT_THAT(it.trace.blocks, SizeIs(2));
    EXPECT_EQ(it.trace.blocks[0], request().blocks[0]) << "others' words stay";
    EXPECT_EQ(it.trace.blocks[1].outgoing, k_us_j);
    EXPECT_EQ(it.trace.blocks[1].code, TraceCode::no_error);
    EXPECT_EQ(rig.counters(k_j).trace_requests, 1U);
}

// The source is on our link: there is nobody further.
TEST(DvmrpTrace, TheFirstHopAnswers) {
    Tracing rig;
    Mtrace trace = query();
    trace.source = Ipv4::of(10, 0, 0, 77);
    rig.member(k_k, true);
    rig.ask(trace);
    ASSERT_THAT(rig.traces, SizeIs(1));
    TraceToSend const& it = rig.traces.front();
    EXPECT_TRUE(it.trace.response);
    EXPECT_EQ(it.interface, k_k);
    EXPECT_EQ(it.source, k_us_k);
    EXPECT_EQ(it.destination, k_host);
    EXPECT_EQ(it.next_hop, k_host);
    EXPECT_EQ(it.ttl, 64);
    ASSERT_THAT(it.trace.blocks, SizeIs(1));
    EXPECT_EQ(it.trace.blocks[0].previous_hop, Ipv4{});
    EXPECT_EQ(it.trace.blocks[0].incoming, k_us_i);
    EXPECT_EQ(it.trace.query_id, 7U);
    EXPECT_EQ(rig.counters(k_k).sent_trace_responses, 1U);
}

TEST(DvmrpTrace, AsManyHopsAsAreWanted) {
    Tracing rig;
    Mtrace trace = query();
    trace.hops = 1;
    rig.ask(trace);
    ASSERT_THAT(rig.traces, SizeIs(1));
    EXPECT_TRUE(rig.traces.front().trace.response);
    trace = request(3);
    trace.hops = 4;
    rig.pass(trace);
    ASSERT_THAT(rig.traces, SizeIs(1));
    EXPECT_TRUE(rig.traces.front().trace.response);
    EXPECT_THAT(rig.traces.front().trace.blocks, SizeIs(4));
    trace.hops = 3; // whoever filled the third should have answered
    rig.pass(trace);
    EXPECT_THAT(rig.traces, IsEmpty());
    trace = query(8);
    trace.hops = 0;
    rig.ask(trace);
    EXPECT_THAT(rig.traces, IsEmpty());
    EXPECT_EQ(rig.counters(k_j).malformed, 1U);
    EXPECT_EQ(rig.counters(k_k).malformed, 1U);
}

// More than a packet holds: the asker gets what there is, and the trace goes on with ours.
TEST(DvmrpTrace, NoSpace) {
    Tracing rig;
    Mtrace trace = request(45);
    trace.hops = 100;
    rig.pass(trace);
    ASSERT_THAT(rig.traces, SizeIs(2));
    Mtrace const& answer = rig.traces[0].trace;
    EXPECT_TRUE(answer.response);
    ASSERT_THAT(answer.blocks, SizeIs(45));
    EXPECT_EQ(answer.blocks.back().code, TraceCode::no_space);
    EXPECT_EQ(answer.blocks.front().code, TraceCode::no_error);
    EXPECT_FALSE(rig.traces[0].counts);
    Mtrace const& rest = rig.traces[1].trace;
    EXPECT_FALSE(rest.response);
    EXPECT_EQ(rest.hops, 55);
    ASSERT_THAT(rest.blocks, SizeIs(1));
    EXPECT_EQ(rest.blocks[0].outgoing, k_us_j);
}

TEST(DvmrpTrace, WhereAnswersGo) {
    Config const config = answering({{Ipv4::of(0, 0, 0, 0), 0}});
    Mtrace trace = query();
    trace.hops = 1;
    { // as sources there would come in
        Tracing rig(config);
        rig.report(k_i, k_n, said("192.168.0.0/16", 3).prefix, 3);
        trace.response_address = Ipv4::of(192, 168, 1, 1);
        rig.ask(trace);
        ASSERT_THAT(rig.traces, SizeIs(1));
        EXPECT_EQ(rig.traces[0].interface, k_i);
        EXPECT_EQ(rig.traces[0].source, k_us_i);
        EXPECT_EQ(rig.traces[0].destination, trace.response_address);
        EXPECT_EQ(rig.traces[0].next_hop, k_n);
    }
    { // back to whoever passed it on
        Tracing rig(config);
        rig.ask(trace);
        ASSERT_THAT(rig.traces, SizeIs(1));
        EXPECT_EQ(rig.traces[0].interface, k_k);
        EXPECT_EQ(rig.traces[0].destination, trace.response_address);
        EXPECT_EQ(rig.traces[0].next_hop, Ipv4{});
    }
}

// --- what is told

TEST(DvmrpTrace, NoRoute) {
    Tracing rig;
    Mtrace trace = query();
    trace.source = Ipv4::of(192, 0, 2, 1);
    rig.ask(trace, k_to_routers);
    ASSERT_THAT(rig.traces, SizeIs(1));
    EXPECT_TRUE(rig.traces[0].trace.response);
    TraceBlock const& block = rig.traces[0].trace.blocks.at(0);
    EXPECT_EQ(block.code, TraceCode::no_route);
    EXPECT_EQ(block.outgoing, k_us_k);
    EXPECT_EQ(block.incoming, Ipv4{});
    EXPECT_EQ(block.previous_hop, Ipv4{});
    EXPECT_EQ(rig.traces[0].counts->incoming, k_no_interface);
    EXPECT_FALSE(rig.traces[0].counts->flow);
}

// Asked of all of the link, another router answers; asked of us alone, we say that it should be.
TEST(DvmrpTrace, AnotherServesTheReceiver) {
    Tracing rig;
    rig.probe(k_k, k_r);
    rig.report(k_k, k_r, k_p, 1); // and the source comes by r now
    rig.report(k_i, k_n, k_p, 2);
    rig.ask(query(), k_to_routers);
    EXPECT_THAT(rig.traces, IsEmpty());
    EXPECT_EQ(rig.counters(k_k).trace_not_last_hop, 1U);
    rig.ask(query(8));
    EXPECT_EQ(rig.code(), TraceCode::wrong_last_hop);
    Mtrace trace = query(9);
    trace.destination = Ipv4::of(192, 0, 2, 200); // on no link of ours
    rig.ask(trace, k_g);
    EXPECT_THAT(rig.traces, IsEmpty());
    rig.ask(trace);
    ASSERT_EQ(rig.code(), TraceCode::wrong_last_hop);
    EXPECT_EQ(rig.traces[0].trace.blocks[0].outgoing, Ipv4{});
    EXPECT_EQ(rig.traces[0].counts->outgoing, k_no_interface);
}

TEST(DvmrpTrace, WantedOrNot) {
    Tracing rig;
    rig.ask(query());
    EXPECT_EQ(rig.code(), TraceCode::not_forwarding) << "no host there wants it";
    rig.member(k_k, true);
    rig.ask(query(8));
    EXPECT_EQ(rig.code(), TraceCode::no_error);
    rig.pass(request());
    EXPECT_EQ(rig.code(), TraceCode::no_error);
    rig.hear(k_j, k_m, Prune{k_source, k_g, 300});
    rig.pass(request());
    EXPECT_EQ(rig.code(), TraceCode::pruned);
    rig.member(k_k, false);
    rig.pass(request());
    EXPECT_EQ(rig.code(), TraceCode::prune_sent) << "and all is pruned upstream";
    Mtrace trace = request();
    trace.group = {};
    rig.pass(trace);
    EXPECT_EQ(rig.code(), TraceCode::no_error) << "the way alone";
    EXPECT_FALSE(rig.traces[0].counts->flow);
}

TEST(DvmrpTrace, FromWhereItWouldNotGo) {
    Tracing rig;
    rig.ask(k_i, k_n, request(), k_us_i); // whence the source comes
    EXPECT_EQ(rig.code(), TraceCode::rpf_interface);
    rig.probe(k_j, k_m1);
    rig.report(k_j, k_m1, k_p, 2); // m1 offers better than we do on j
    rig.pass(request());
    EXPECT_EQ(rig.code(), TraceCode::wrong_interface);
}

TEST(DvmrpTrace, Scoped) {
    Tracing rig;
    rig.member(k_k, true);
    rig.engine.change_link(
        k_k, {.address = {k_us_k, 24}, .other_subnets = {}, .boundaries = {{k_g, 32}}}, rig.now,
        rig.out);
    rig.settle();
    rig.ask(query());
    EXPECT_EQ(rig.code(), TraceCode::scoped);
}

// --- who is answered

TEST(DvmrpTrace, Refusals) {
    struct Row {
        Counter counter;
        void (*ask)(Tracing& rig);
    };
    Row const table[] = {
        {&Counters::too_short,
         [](Tracing& rig) { rig.ask_bytes(k_k, k_host, {0x1f, 1, 0, 0}, k_us_k); }},
        {&Counters::bad_checksum,
         [](Tracing& rig) {
             std::vector<std::uint8_t> bytes(24, 0x1f);
             rig.ask_bytes(k_k, k_host, bytes, k_us_k);
         }},
        {&Counters::malformed,
         [](Tracing& rig) {
             std::vector<std::uint8_t> bytes(25);
             bytes[0] = 0x1f;
             bytes[2] = 0xe0;
             bytes[3] = 0xff;
             rig.ask_bytes(k_k, k_host, bytes, k_us_k);
         }},
        {&Counters::bad_destination, [](Tracing& rig) { rig.ask(k_k, k_host, query(), k_us_i); }},
        {&Counters::bad_destination,
         [](Tracing& rig) { rig.ask(query(), Ipv4::of(239, 9, 9, 9)); }},
        {&Counters::own, [](Tracing& rig) { rig.ask(k_k, k_us_i, query(), k_us_k); }},
        {&Counters::bad_source,
         [](Tracing& rig) { rig.ask(k_k, Ipv4::of(10, 2, 0, 255), query(), k_us_k); }},
        {&Counters::unasked,
         [](Tracing& rig) {
             Mtrace trace = request();
             trace.response = true;
             rig.ask(trace);
         }},
        {&Counters::trace_bad_address,
         [](Tracing& rig) {
             Mtrace trace = query();
             trace.response_address = k_g; // one packet in, many out
             rig.ask(trace);
         }},
        {&Counters::trace_bad_address,
         [](Tracing& rig) {
             Mtrace trace = query();
             trace.group = k_all;
             rig.ask(trace);
         }},
        {&Counters::trace_bad_address,
         [](Tracing& rig) {
             Mtrace trace = query();
             trace.source = {};
             rig.ask(trace);
         }},
        {&Counters::trace_not_answered, // S18: answers would go to somebody else
         [](Tracing& rig) {
             Mtrace trace = query();
             trace.response_address = Ipv4::of(192, 0, 2, 1);
             rig.ask(trace);
         }},
        {&Counters::trace_not_answered,
         [](Tracing& rig) { rig.ask(k_k, Ipv4::of(192, 0, 2, 1), query(), k_us_k); }},
        {&Counters::unknown_neighbor, [](Tracing& rig) { rig.ask(request()); }},
        {&Counters::one_way_neighbor,
         [](Tracing& rig) {
             rig.lonely_probe(k_k, k_host);
             rig.ask(request());
         }},
    };
    int row = 0;
    for (Row const& it : table) {
        Tracing rig;
        auto const received = rig.counters(k_k).received;
        auto const refused = rig.refusals(k_k);
        it.ask(rig);
        EXPECT_THAT(rig.traces, IsEmpty()) << "row " << row;
        EXPECT_EQ(rig.counters(k_k).*it.counter, 1U) << "row " << row;
        EXPECT_EQ(rig.refusals(k_k), refused + 1) << "row " << row;
        EXPECT_GT(rig.counters(k_k).received, received) << "row " << row;
        ++row;
    }
}

TEST(DvmrpTrace, OnlyWhereItIsAllowed) {
    Tracing off(Config{});
    off.ask(query());
    EXPECT_THAT(off.traces, IsEmpty());
    EXPECT_EQ(off.counters(k_k).trace_not_answered, 1U);
    // A list names who may ask, and where answers go; from afar as well.
    Ipv4 const admin = Ipv4::of(192, 0, 2, 1);
    Tracing rig(answering({{Ipv4::of(192, 0, 2, 0), 24}}));
    rig.ask(query());
    EXPECT_THAT(rig.traces, IsEmpty());
    Mtrace trace = query(8);
    rig.ask(k_k, admin, trace, k_us_k);
    EXPECT_THAT(rig.traces, IsEmpty()) << "its answer would go to a host";
    trace.response_address = admin;
    rig.ask(k_k, admin, trace, k_us_k);
    EXPECT_THAT(rig.traces, SizeIs(1));
    rig.pass(request());
    EXPECT_THAT(rig.traces, IsEmpty());
    Mtrace passed = request();
    passed.response_address = admin;
    rig.pass(passed);
    EXPECT_THAT(rig.traces, SizeIs(1));
}

TEST(DvmrpTrace, TheSameQueryOnce) {
    Tracing rig;
    rig.ask(query());
    EXPECT_THAT(rig.traces, SizeIs(1));
    rig.ask(query(), k_to_routers);
    EXPECT_THAT(rig.traces, IsEmpty());
    EXPECT_EQ(rig.counters(k_k).trace_twice, 1U);
    rig.ask(k_k, Ipv4::of(10, 2, 0, 78), query(), k_us_k);
    EXPECT_THAT(rig.traces, SizeIs(1)) << "another asker's number";
    rig.live_for(11s);
    rig.ask(query());
    EXPECT_THAT(rig.traces, SizeIs(1)) << "numbers are used again";
}

// S18.
TEST(DvmrpTrace, NotTooFast) {
    Tracing rig;
    std::size_t answered = 0;
    for (std::uint32_t id = 0; id < 100; ++id) {
        rig.ask(query(id));
        answered += rig.traces.size();
    }
    EXPECT_EQ(answered, 10U);
    EXPECT_EQ(rig.counters(k_k).trace_not_answered, 90U);
    rig.run_for(1s);
    rig.ask(query(1000));
    EXPECT_THAT(rig.traces, SizeIs(1));
}

TEST(DvmrpTrace, WhereDvmrpDoesNotRun) {
    Tracing rig;
    rig.ask(IfIndex{77}, k_host, query(), k_us_k);
    EXPECT_EQ(rig.engine.not_enabled(), 1U);
    rig.engine.set_link(k_k, false, rig.now, rig.out);
    rig.settle();
    rig.ask(query());
    EXPECT_THAT(rig.traces, IsEmpty());
    EXPECT_EQ(rig.counters(k_k).not_enabled, 1U);
}

} // namespace
} // namespace mcast::dvmrp::test
