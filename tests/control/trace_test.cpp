// Multicast traceroute at a running router: in by the queue of IGMP, out as frames with counts.
#include "dvmrp_world.h"

#include "mcast/mgm/group_manager.h"
#include "mcast/wire/mtrace.h"

#include <gtest/gtest.h>

namespace mcast::control {
namespace {

using wire::Mtrace;
using wire::TraceBlock;

constexpr Mac k_asker_mac{{0x02, 0, 0, 0, 0, 0x77}};

Config answering() {
    Config config = dvmrp_everywhere();
    config.dvmrp->answer_traces = true;
    return config;
}

struct Answer {
    IfIndex interface{};
    Mac to{};
    wire::Ipv4Header ip{};
    Mtrace trace{};
};

struct Tracing : Dvmrp {
    explicit Tracing(Config const& config = answering()) : Dvmrp(config) {
        converge();
        packet();
        sent();
    }
    // From the host of lan2, or whoever else speaks there.
    void ask(Mtrace const& trace, IfIndex on = k_lan2, std::uint8_t ttl = 1) {
        std::array<std::uint8_t, 1500> room{};
        wire::Writer out(room);
        ASSERT_TRUE(wire::build_mtrace_frame({k_asker_mac, host_of(on), {}}, ours(on), ttl, trace,
                                             out, k_router_mac));
        punt(PuntClass::igmp, on, {out.written().begin(), out.written().end()});
        settle();
    }
    std::vector<Answer> answers() {
        std::vector<Answer> all;
        for (Injected const& frame : injected()) {
            auto const datagram = wire::decode_datagram(frame.bytes);
            auto const trace = datagram ? wire::decode_mtrace(datagram->payload)
                                        : std::unexpected(wire::MtraceError::not_mtrace);
            if (trace) {
                all.push_back(
                    {frame.interface, datagram->ethernet.destination, datagram->ip, *trace});
            }
        }
        return all;
    }
};

Mtrace query(std::uint8_t hops) {
    return {.hops = hops,
            .group = k_group,
            .source = k_source,
            .destination = host_of(k_lan2),
            .response_address = host_of(k_lan2),
            .query_id = 5};
}

TEST(Trace, GoesUpWithCounts) {
    Tracing world;
    world.join(k_lan2, k_group);
    auto& worker = *world.shared.workers[0];
    auto& in = worker.counters->interfaces[k_lan0.index()];
    in.received.add(100);
    in.punted[static_cast<std::size_t>(PuntClass::dvmrp)].add(30);
    in.punted[static_cast<std::size_t>(PuntClass::miss)].add(2);
    worker.counters->interfaces[k_lan2.index()].frames_sent.add(44);
    world.entry(k_flow)->counters[0].packets.add(9);
    world.run_for(std::chrono::milliseconds{1500});
    world.injected();
    world.ask(query(32), k_lan2, 17); // from afar: no rule of IGMP's for TTLs
    auto const answers = world.answers();
    ASSERT_EQ(answers.size(), 1U);
    Answer const& it = answers.front();
    EXPECT_EQ(it.interface, k_lan0);
    EXPECT_EQ(it.to, k_host_mac);
    EXPECT_EQ(it.ip.source, ours(k_lan0));
    EXPECT_EQ(it.ip.destination, host_of(k_lan0));
    EXPECT_EQ(it.ip.ttl, 1);
    EXPECT_EQ(it.ip.tos, 0xc0);
    EXPECT_FALSE(it.trace.response);
    ASSERT_EQ(it.trace.blocks.size(), 1U);
    TraceBlock const& block = it.trace.blocks.front();
    EXPECT_EQ(block.code, wire::TraceCode::no_error);
    EXPECT_EQ(block.input_packets, 70U) << "without what was no stream's";
    EXPECT_EQ(block.output_packets, 44U);
    EXPECT_EQ(block.flow_packets, 9U);
    EXPECT_EQ(world.control.counters().of(Fate::dvmrp_handled, k_lan2), 1U);
    EXPECT_EQ(world.control.counters().of(Fate::bad_ttl), 0U);
}

TEST(Trace, AnswersWhoAsked) {
    Tracing world;
    world.ask(query(1));
    auto const answers = world.answers();
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].interface, k_lan2);
    EXPECT_EQ(answers[0].to, k_asker_mac);
    EXPECT_EQ(answers[0].ip.destination, host_of(k_lan2));
    EXPECT_EQ(answers[0].ip.ttl, 64);
    EXPECT_TRUE(answers[0].trace.response);
}

// What asks of us is remembered by nobody: back to where it came from.
TEST(Trace, AnswersByWhoPassedItOn) {
    Config config = answering();
    config.dvmrp->answer_traces_to = {{Ipv4{}, 0}};
    Tracing world(config);
    Mtrace trace = query(2);
    trace.response_address = Ipv4::of(192, 0, 2, 9);
    trace.blocks.emplace_back();
    world.ask(trace, k_lan1); // D is a neighbour
    auto const answers = world.answers();
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].interface, k_lan1);
    EXPECT_EQ(answers[0].to, k_asker_mac);
    EXPECT_EQ(answers[0].ip.destination, trace.response_address);
}

// In NTP's count from 1900; this router's wall clock was at 1970 when its turns began to count.
TEST(Trace, TellsTheTimeOfTheWall) {
    Tracing world;
    auto const since = world.now.time_since_epoch();
    world.ask(query(1));
    auto const answers = world.answers();
    ASSERT_EQ(answers.size(), 1U);
    auto const whole = std::chrono::duration_cast<seconds>(since).count();
    auto const high = static_cast<std::uint32_t>(whole + 2'208'988'800) & 0xffff;
    EXPECT_EQ(answers[0].trace.blocks.at(0).arrival >> 16, high);
}

// Where DVMRP does not run IGMP counts it, as before.
TEST(Trace, NotDvmrps) {
    Config config = answering();
    config.interfaces[2].dvmrp_enabled = false;
    Tracing world(config);
    world.ask(query(1));
    EXPECT_TRUE(world.answers().empty());
    EXPECT_EQ(world.control.counters().of(Fate::igmp_handled, k_lan2), 1U);
}

} // namespace
} // namespace mcast::control
