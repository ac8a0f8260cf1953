// Malformed and hostile input, SSM, boundaries and limits: sections 7.6 and 7.9 of the behaviours.
#include "lan.h"

#include "mcast/base/random.h"

#include <gmock/gmock.h>

#include <functional>
#include <set>
#include <string_view>

namespace mcast::igmp::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Received raw(std::span<std::uint8_t const> payload, Ipv4 destination = wire::k_all_igmpv3_routers) {
    return {.interface = k_lan,
            .source = k_host1,
            .destination = destination,
            .ttl = 1,
            .router_alert = true,
            .source_mac = k_other_mac,
            .payload = payload};
}

std::uint64_t sum(Counters const& counters, CounterClass kind) {
    std::uint64_t result = 0;
    for (CounterName const& it : k_counters) {
        result += it.kind == kind ? counters.*it.member : 0;
    }
    return result;
}

// Every message is in exactly one counter of kind or refusal.
void expect_balance(Lan const& lan) {
    EXPECT_EQ(lan.counters().received, sum(lan.counters(), CounterClass::message) +
                                           sum(lan.counters(), CounterClass::refusal));
}

struct Refused {
    char const* name;
    std::function<void(Received&, std::vector<std::uint8_t>&)> spoil;
    std::uint64_t Counters::* counter;
};

class Hostile : public testing::TestWithParam<Refused> {};

TEST_P(Hostile, IsRefusedByName) {
    InterfaceConfig config;
    config.require_router_alert = true;
    config.ignore_v1 = true;
    Lan lan(config);
    lan.forget();
    std::vector<std::uint8_t> bytes =
        bytes_of(wire::ReportV3{.records = {record(RecordType::is_ex, k_g, "y")}});
    Received received = raw({});
    GetParam().spoil(received, bytes);
    received.payload = bytes;
    lan.receive(received);
    EXPECT_EQ(lan.counters().*GetParam().counter, 1U);
    EXPECT_EQ(lan.interface().groups, 0U);
    EXPECT_TRUE(lan.interface().querier);
    EXPECT_THAT(lan.queries(), IsEmpty());
    EXPECT_TRUE(lan.all_events.empty());
    expect_balance(lan);
}

using Bytes = std::vector<std::uint8_t>;

INSTANTIATE_TEST_SUITE_P(
    Messages, Hostile,
    testing::Values(
        // IGMP-145
        Refused{"Ttl2", [](Received& r, Bytes&) { r.ttl = 2; }, &Counters::bad_ttl},
        Refused{"Ttl255", [](Received& r, Bytes&) { r.ttl = 255; }, &Counters::bad_ttl},
        // IGMP-135
        Refused{"FlippedBit", [](Received&, Bytes& b) { b[9] ^= 1; }, &Counters::bad_checksum},
        // IGMP-136
        Refused{"Short4", [](Received&, Bytes& b) { b.resize(4); }, &Counters::bad_length},
        Refused{"Short7", [](Received&, Bytes& b) { b.resize(7); }, &Counters::bad_length},
        Refused{"Empty", [](Received&, Bytes& b) { b.clear(); }, &Counters::bad_length},
        Refused{"GroupSource", [](Received& r, Bytes&) { r.source = k_g; }, &Counters::bad_source},
        Refused{"Loopback", [](Received& r, Bytes&) { r.source = Ipv4::of(127, 0, 0, 1); },
                &Counters::bad_source},
        Refused{"SubnetBroadcast", [](Received& r, Bytes&) { r.source = Ipv4::of(192, 0, 2, 255); },
                &Counters::bad_source},
        Refused{"OffSubnet", [](Received& r, Bytes&) { r.source = Ipv4::of(192, 0, 3, 1); },
                &Counters::off_subnet},
        Refused{"NoAlert", [](Received& r, Bytes&) { r.router_alert = false; },
                &Counters::no_router_alert},
        Refused{"Destination", [](Received& r, Bytes&) { r.destination = k_g; },
                &Counters::bad_destination},
        // IGMP-57
        Refused{"Version1",
                [](Received& r, Bytes& b) {
                    b = bytes_of(wire::ReportV1{k_g});
                    r.destination = k_g;
                },
                &Counters::version_filtered},
        // IGMP-61
        Refused{"OtherGroup",
                [](Received& r, Bytes& b) {
                    b = bytes_of(wire::ReportV2{k_g});
                    r.destination = k_g2;
                },
                &Counters::bad_destination},
        // IGMP-146
        Refused{"UnicastGroup",
                [](Received& r, Bytes& b) {
                    b = bytes_of(wire::ReportV2{Ipv4::of(192, 0, 2, 99)});
                    r.destination = Ipv4::of(192, 0, 2, 99);
                },
                &Counters::bad_group},
        // IGMP-152: a version 1 query for a group (golden vector V3 with a group).
        Refused{"Version1Group",
                [](Received&, Bytes& b) { b = {0x11, 0, 0xfd, 0xfa, 0xef, 1, 2, 3}; },
                &Counters::malformed},
        Refused{"LinkLocalQuery",
                [](Received& r, Bytes& b) {
                    b = bytes_of(specific(Ipv4::of(224, 0, 0, 251)));
                    r.destination = Ipv4::of(224, 0, 0, 251);
                },
                &Counters::bad_group},
        // IGMP-151, and others that share the protocol number
        Refused{"Unknown", [](Received&, Bytes& b) { b = {0x99, 0, 0x66, 0xff, 0, 0, 0, 0}; },
                &Counters::unknown_type},
        Refused{"Dvmrp", [](Received&, Bytes& b) { b = {0x13, 1, 0xec, 0xfe, 0, 0, 0, 0}; },
                &Counters::dvmrp}),
    [](auto const& it) { return it.param.name; });

TEST(HostileReport, OwnUnicastAddressIsADestination) {
    // IGMP-60
    Lan lan;
    auto const bytes = bytes_of(wire::ReportV2{k_g});
    lan.receive(raw(bytes, k_router));
    EXPECT_EQ(lan.state(), "EXC{}/{}");
}

TEST(HostileReport, AuxiliaryDataIsSkippedInWords) {
    // IGMP-141, golden vector V12
    Bytes const v12 = {0x22, 0x00, 0x16, 0x94, 0x00, 0x00, 0x00, 0x02, 0x02, 0x02, 0x00, 0x00,
                       0xef, 0x01, 0x02, 0x03, 0xde, 0xad, 0xbe, 0xef, 0xca, 0xfe, 0xba, 0xbe,
                       0x05, 0x00, 0x00, 0x01, 0xe8, 0x01, 0x02, 0x03, 0xc0, 0x00, 0x02, 0x01};
    Lan lan;
    lan.receive(raw(v12));
    EXPECT_EQ(lan.state(k_g), "EXC{}/{}");
    EXPECT_EQ(lan.state(k_channel), "INC{192.0.2.1}");
    EXPECT_EQ(lan.counters().aux_data, 1U);
}

TEST(HostileReport, OverclaimingReportIsDroppedWhole) {
    // IGMP-139, IGMP-140: one good record, then nothing where another was promised.
    Lan lan;
    wire::ReportV3 const report{.records = {record(RecordType::is_ex, k_g)}};
    auto bytes = bytes_of(report);
    bytes[7] = 2;  // M
    bytes[3] -= 1; // keeps the checksum right
    lan.receive(raw(bytes));
    EXPECT_EQ(lan.state(), "-");
    EXPECT_EQ(lan.counters().malformed, 1U);
}

TEST(HostileReport, LinkLocalGroupsAreSilentlyIgnored) {
    // IGMP-147
    Lan lan;
    lan.forget();
    lan.hear(k_host1,
             wire::ReportV3{.records = {record(RecordType::is_ex, Ipv4::of(224, 0, 0, 251)),
                                        record(RecordType::is_ex, k_g)}});
    EXPECT_THAT(lan.engine.groups(k_lan), ElementsAre(k_g));
    EXPECT_EQ(lan.counters().link_local_group, 1U);
    EXPECT_TRUE(lan.all_events.empty());
    lan.v2(Ipv4::of(224, 0, 0, 251));
    EXPECT_EQ(lan.counters().link_local_group, 2U);
    // S6: read from the wrong end, these would be link-local, and source-specific.
    lan.v2(Ipv4::of(239, 0, 0, 224));
    lan.v2(Ipv4::of(239, 0, 0, 232));
    EXPECT_EQ(lan.engine.groups(k_lan).size(), 3U);
}

TEST(HostileReport, RecordsOfNoGroup) {
    // IGMP-146
    Lan lan;
    for (Ipv4 const group : {Ipv4::of(192, 0, 2, 99), Ipv4{}, Ipv4{0xffffffff}}) {
        lan.report(RecordType::is_ex, group);
    }
    EXPECT_EQ(lan.counters().record_bad_group, 3U);
    EXPECT_EQ(lan.interface().groups, 0U);
}

TEST(HostileReport, ImpossibleSourcesAreLeftOut) {
    // IGMP-148
    Lan lan;
    std::vector<Ipv4> const nonsense = {Ipv4{}, Ipv4::of(224, 1, 1, 1), Ipv4::of(127, 0, 0, 1),
                                        Ipv4::of(240, 0, 0, 1), Ipv4::of(192, 0, 2, 255)};
    wire::GroupRecord mixed{.type = RecordType::allow, .group = k_g, .sources = nonsense};
    mixed.sources.push_back(source('a'));
    mixed.sources.push_back(source('a'));
    lan.hear(k_host1, wire::ReportV3{.records = {mixed}});
    EXPECT_EQ(lan.state(), "INC{a}");
    lan.forget();
    for (RecordType const type : {RecordType::allow, RecordType::is_in, RecordType::to_in}) {
        lan.hear(k_host1,
                 wire::ReportV3{.records = {{.type = type, .group = k_g, .sources = nonsense}}});
    }
    EXPECT_EQ(lan.state(), "INC{a}");
    EXPECT_THAT(lan.queries(), IsEmpty()); // no leave either
    EXPECT_EQ(lan.counters().record_bad_sources, 3U);
    lan.hear(k_host1,
             wire::ReportV3{
                 .records = {{.type = RecordType::is_ex, .group = k_g2, .sources = nonsense}}});
    EXPECT_EQ(lan.state(k_g2), "EXC{}/{}");
}

TEST(Ssm, ExcludeRecordsAreIgnoredAndOthersProcessed) {
    // IGMP-102
    Lan lan;
    lan.report(RecordType::is_in, k_channel, "a");
    lan.hear(k_host1, wire::ReportV3{.records = {record(RecordType::to_ex, k_channel),
                                                 record(RecordType::is_ex, k_channel),
                                                 record(RecordType::is_ex, k_g)}});
    EXPECT_EQ(lan.state(k_channel), "INC{a}");
    EXPECT_EQ(lan.state(k_g), "EXC{}/{}");
    EXPECT_EQ(lan.counters().ssm_mode_mismatch, 2U);
}

TEST(Ssm, OlderVersionsHaveNoSayInIt) {
    // IGMP-103, IGMP-104, IGMP-121
    Lan lan;
    lan.report(RecordType::is_in, k_channel, "a");
    lan.forget();
    lan.v1(k_channel);
    lan.v2(k_channel);
    lan.leave(k_channel);
    EXPECT_EQ(lan.state(k_channel), "INC{a}");
    EXPECT_EQ(lan.group(k_channel).compatibility, 3);
    EXPECT_THAT(lan.queries(), IsEmpty());
    EXPECT_EQ(lan.counters().old_version_in_ssm, 3U);
}

TEST(Ssm, ChannelIsCheckedAndRemoved) {
    // IGMP-105, IGMP-106
    Lan lan;
    lan.report(RecordType::is_in, k_channel, "a");
    EXPECT_TRUE(lan.wanted('a', k_channel));
    EXPECT_FALSE(lan.wanted('y', k_channel));
    lan.forget();
    lan.report(RecordType::block, k_channel, "a");
    EXPECT_THAT(lan.queries(), ElementsAre("Q(C,{a}) S=0"));
    lan.advance(2s);
    EXPECT_EQ(lan.state(k_channel), "-");
}

TEST(Ssm, ReservedFirstGroup) {
    // IGMP-109
    Lan lan;
    lan.report(RecordType::allow, Ipv4::of(232, 0, 0, 0), "a");
    lan.report(RecordType::allow, Ipv4::of(232, 0, 1, 1), "a");
    EXPECT_THAT(lan.engine.groups(k_lan), ElementsAre(Ipv4::of(232, 0, 1, 1)));
}

TEST(Ssm, RangeIsConfigured) {
    Lan lan({}, {.ssm_ranges = {{Ipv4::of(239, 1, 0, 0), 16}}});
    lan.v2(k_g);
    EXPECT_EQ(lan.state(), "-");
    lan.v2(k_channel);
    EXPECT_EQ(lan.state(k_channel), "EXC{}/{}");
}

TEST(Boundary, ReportsAreRefused) {
    // IGMP-128, IGMP-129
    Lan lan({}, {},
            {.address = {k_router, 24},
             .mac = k_router_mac,
             .boundaries = {{Ipv4::of(239, 1, 0, 0), 16}}});
    lan.v2(k_g);
    lan.v2(Ipv4::of(239, 255, 1, 1));
    lan.v2(Ipv4::of(239, 2, 0, 1));
    EXPECT_THAT(lan.engine.groups(k_lan), ElementsAre(Ipv4::of(239, 2, 0, 1)));
    EXPECT_EQ(lan.counters().boundary, 2U);
}

TEST(Boundary, NewOneRemovesItsGroups) {
    Lan lan;
    lan.v2(k_g);
    lan.v2(k_channel);
    lan.report(RecordType::allow, k_channel, "a");
    Output out;
    lan.engine.set_boundaries(k_lan, {{k_g, 32}}, out);
    EXPECT_THAT(out.changes, ElementsAre(Change{k_lan, k_g}));
    EXPECT_THAT(lan.engine.groups(k_lan), ElementsAre(k_channel));
    EXPECT_EQ(lan.engine.entries(), 2U);
}

TEST(Limits, GroupsOfAnInterface) {
    // IGMP-158
    Lan lan({.max_groups = 10});
    auto const group = [](int i) { return Ipv4::of(239, 1, 1, static_cast<std::uint8_t>(i)); };
    for (int i = 0; i < 10; ++i) {
        lan.v2(group(i));
        lan.advance(1s);
    }
    lan.v2(k_g);
    EXPECT_EQ(lan.state(), "-");
    EXPECT_EQ(lan.counters().limit_groups, 1U);
    EXPECT_EQ(lan.events<LimitReached>().size(), 1U);
    for (int i = 1; i < 10; ++i) {
        lan.v2(group(i));
    }
    lan.advance(269s);
    EXPECT_EQ(lan.interface().groups, 9U);
    lan.v2(k_g);
    EXPECT_EQ(lan.state(), "EXC{}/{}");
    EXPECT_EQ(lan.counters().groups_peak, 10U);
}

TEST(Limits, LoweredLimitKeepsWhatIsThere) {
    // IGMP-160
    Lan lan;
    for (std::uint8_t i = 1; i <= 10; ++i) {
        lan.v2(Ipv4::of(239, 1, 1, i));
    }
    Output out;
    lan.engine.reconfigure(k_lan, {.max_groups = 5}, lan.now, out);
    EXPECT_EQ(lan.interface().groups, 10U);
    lan.v2(k_g);
    EXPECT_EQ(lan.interface().groups, 10U);
    lan.v2(Ipv4::of(239, 1, 1, 1));
    EXPECT_EQ(lan.counters().limit_groups, 1U);
}

TEST(Limits, SourcesOfAGroup) {
    // IGMP-159
    Lan lan({.max_sources = 10});
    std::vector<Ipv4> twenty;
    for (std::uint8_t i = 1; i <= 20; ++i) {
        twenty.push_back(Ipv4::of(198, 51, 100, i));
    }
    lan.hear(k_host1, wire::ReportV3{.records = {{RecordType::allow, k_g, twenty, {}},
                                                 {RecordType::is_ex, k_g2, twenty, {}}}});
    EXPECT_EQ(lan.engine.wish(k_lan, k_g).include.size(), 10U);
    EXPECT_EQ(lan.engine.wish(k_lan, k_g2).exclude.size(), 10U);
    EXPECT_FALSE(lan.engine.wanted(k_lan, {twenty[0], k_g2}));
    EXPECT_TRUE(lan.engine.wanted(k_lan, {twenty[19], k_g2}));
    EXPECT_EQ(lan.counters().limit_sources, 20U);
    EXPECT_EQ(lan.interface().sources, 20U);
    // Those that are there are refreshed.
    lan.advance(100s);
    lan.hear(k_host1, wire::ReportV3{.records = {{RecordType::allow, k_g, twenty, {}}}});
    EXPECT_EQ(lan.group().sources.at(0).expires, lan.now + 270s);
}

TEST(Limits, ExcludeListIsReplacedNotExtended) {
    Lan lan({.max_sources = 2});
    lan.report(RecordType::is_ex, k_g, "ab");
    lan.report(RecordType::is_ex, k_g, "yz");
    EXPECT_EQ(lan.state(), "EXC{y,z}/{}"); // newly listed ones run first, as the table has it
    EXPECT_EQ(lan.counters().limit_sources, 0U);
}

TEST(Limits, EntriesOfTheEngine) {
    Lan lan({}, {.max_entries = 4});
    lan.report(RecordType::allow, k_g, "ab");
    lan.report(RecordType::allow, k_g2, "ab");
    EXPECT_EQ(lan.engine.entries(), 3U);
    EXPECT_EQ(lan.state(k_g2), "-"); // room for a group, none for its sources
    lan.v2(k_g2);
    EXPECT_EQ(lan.engine.entries(), 4U);
    lan.v2(k_channel);
    lan.v2(Ipv4::of(239, 9, 9, 9));
    lan.advance(10s);
    lan.report(RecordType::allow, k_g, "abc");
    EXPECT_EQ(lan.engine.entries(), 4U);
    EXPECT_EQ(lan.state(k_g), "INC{a,b}");
    EXPECT_EQ(lan.source_timer('a'), 270s); // what is there is refreshed
    EXPECT_EQ(lan.counters().limit_entries, 4U);
    lan.advance(270s);
    EXPECT_EQ(lan.engine.entries(), 0U);
}

// A flood on one link leaves room for the others.
TEST(Limits, OneInterfaceMayTakeHalfOfSeveral) {
    constexpr IfIndex k_other{2};
    Lan lan({}, {.max_entries = 4});
    Output out;
    Link const other{.address = {Ipv4::of(198, 51, 100, 1), 24}};
    ASSERT_TRUE(lan.engine.add_interface(k_other, {}, other, lan.now, out));
    for (std::uint8_t n = 1; n <= 10; ++n) {
        lan.v2(Ipv4::of(239, 9, 9, n));
    }
    EXPECT_EQ(lan.engine.groups(k_lan).size(), 2U);
    EXPECT_EQ(lan.counters().limit_entries, 8U);
    Received report{.interface = k_other,
                    .source = Ipv4::of(198, 51, 100, 9),
                    .destination = k_g,
                    .ttl = 1,
                    .router_alert = true,
                    .source_mac = k_other_mac};
    auto const bytes = bytes_of(wire::ReportV2{k_g});
    report.payload = bytes;
    lan.engine.receive(report, lan.now, out);
    EXPECT_EQ(lan.engine.groups(k_other).size(), 1U);
}

// IGMP-76, in bulk: hundreds of records that say nothing cost no walk over the group's sources.
TEST(Hostile, RecordsThatSayNothingChangeNothing) {
    Lan lan;
    lan.report(RecordType::allow, k_g, "abc");
    lan.advance(100s);
    lan.changes();
    wire::ReportV3 report;
    for (int n = 0; n < 60; ++n) {
        report.records.push_back(record(RecordType::allow, k_g));
        report.records.push_back(record(RecordType::is_in, k_g));
        report.records.push_back(record(RecordType::block, k_g));
    }
    lan.hear(k_host2, report);
    EXPECT_EQ(lan.state(k_g), "INC{a,b,c}");
    EXPECT_EQ(lan.source_timer('a'), 170s);
    EXPECT_EQ(lan.group().last_reporter, k_host1);
    EXPECT_EQ(lan.changes(), 0U);
    EXPECT_EQ(lan.specific_queries(), std::vector<std::string>{});
}

TEST(Counting, EveryMessageOnce) {
    Lan lan;
    lan.v1(k_g);
    lan.v2(k_g);
    lan.leave(k_g);
    lan.report(RecordType::is_ex, k_g);
    lan.hear(Ipv4{}, general());
    for (std::uint8_t version : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}}) {
        lan.hear(k_worse, general(version));
    }
    lan.hear(k_worse, specific(k_g));
    lan.hear(k_worse, specific(k_g, "a"));
    EXPECT_EQ(sum(lan.counters(), CounterClass::message), 10U);
    EXPECT_EQ(lan.counters().received, 10U);
    expect_balance(lan);
}

TEST(Counting, NamesAreDistinct) {
    std::set<std::string_view> names;
    for (CounterName const& it : k_counters) {
        EXPECT_TRUE(names.insert(it.name).second) << it.name;
    }
}

TEST(Counting, RandomBytesAreCountedAndHarmless) {
    Random random(20260801);
    Lan lan;
    for (int i = 0; i < 20000; ++i) {
        Bytes bytes(random.below(64));
        for (auto& byte : bytes) {
            byte = static_cast<std::uint8_t>(random());
        }
        lan.receive(raw(bytes));
    }
    EXPECT_EQ(lan.counters().received, 20000U);
    expect_balance(lan);
}

} // namespace
} // namespace mcast::igmp::test
