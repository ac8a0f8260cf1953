// What is refused, by which name and in which order, and that nothing comes of it.
#include "rig.h"

#include "mcast/wire/be.h"
#include "mcast/wire/checksum.h"

namespace mcast::dvmrp::test {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::VariantWith;

std::vector<std::uint8_t> good_probe() {
    return bytes_of({.capabilities = 0x0e, .version = {}, .body = Probe{.generation = 1}});
}

struct Refused {
    char const* name;
    IfIndex on = k_i;
    Ipv4 from = k_n;
    Arrival how{};
    std::uint8_t code = 1; // overwritten, and the checksum is put right
    std::size_t size = 12; // cut to, or filled up
    bool bad_checksum = false;
    std::uint64_t Counters::* counter = nullptr;
};

std::vector<std::uint8_t> bytes_of(Refused const& it) {
    auto bytes = good_probe();
    bytes.resize(it.size);
    if (it.size >= 8) {
        bytes[1] = it.code;
        wire::store_be16(&bytes[2], 0);
        wire::store_be16(&bytes[2], wire::internet_checksum(bytes));
        bytes[2] ^= it.bad_checksum ? 1 : 0;
    }
    return bytes;
}

// DVMRP-3, DVMRP-8 to DVMRP-10, DVMRP-12 to DVMRP-14, DVMRP-32, DVMRP-33, DVMRP-130.
TEST(DvmrpHostile, ByName) {
    Ipv4 const subnet = Ipv4::of(10, 0, 0, 0);
    Ipv4 const broadcast = Ipv4::of(10, 0, 0, 255);
    Ipv4 const elsewhere = Ipv4::of(192, 0, 2, 7);
    Refused const cases[] = {
        {.name = "checksum", .bad_checksum = true, .counter = &Counters::bad_checksum},
        {.name = "seven bytes", .size = 7, .counter = &Counters::too_short},
        {.name = "nothing", .size = 0, .counter = &Counters::too_short},
        {.name = "all hosts",
         .how = {.destination = Ipv4::of(224, 0, 0, 1)},
         .counter = &Counters::bad_destination},
        {.name = "another of our addresses",
         .how = {.destination = k_us_j},
         .counter = &Counters::bad_destination},
        {.name = "ourselves", .from = k_us_i, .counter = &Counters::own},
        {.name = "ourselves on j", .from = k_us_j, .counter = &Counters::own},
        {.name = "the subnet", .from = subnet, .counter = &Counters::bad_source},
        {.name = "its broadcast", .from = broadcast, .counter = &Counters::bad_source},
        {.name = "nobody", .from = {}, .counter = &Counters::bad_source},
        {.name = "a group", .from = k_g, .counter = &Counters::bad_source},
        {.name = "loopback", .from = Ipv4::of(127, 0, 0, 1), .counter = &Counters::bad_source},
        {.name = "from j on i", .from = k_m, .counter = &Counters::not_on_link},
        {.name = "from afar", .from = elsewhere, .counter = &Counters::not_on_link},
        {.name = "code 0", .code = 0, .counter = &Counters::unknown_code},
        {.name = "code 12", .code = 12, .counter = &Counters::unknown_code},
        {.name = "code 255", .code = 255, .counter = &Counters::unknown_code},
        {.name = "code 3", .code = 3, .counter = &Counters::obsolete_code},
        {.name = "code 4", .code = 4, .counter = &Counters::obsolete_code},
        {.name = "code 6", .code = 6, .size = 8, .counter = &Counters::unasked},
        {.name = "code 10", .code = 10, .counter = &Counters::vendor_code},
        {.name = "code 11", .code = 11, .counter = &Counters::vendor_code},
        {.name = "probe of 3", .size = 11, .counter = &Counters::malformed},
        {.name = "probe of 4 + 6", .size = 18, .counter = &Counters::malformed},
        // Each breaks two rules; the first that is judged is counted.
        {.name = "checksum before source",
         .from = elsewhere,
         .bad_checksum = true,
         .counter = &Counters::bad_checksum},
        {.name = "destination before checksum",
         .how = {.destination = k_g},
         .bad_checksum = true,
         .counter = &Counters::bad_destination},
        {.name = "source before code",
         .from = elsewhere,
         .code = 12,
         .counter = &Counters::not_on_link},
    };
    for (Refused const& it : cases) {
        SCOPED_TRACE(it.name);
        Rig rig;
        rig.forget();
        rig.hear_bytes(it.on, it.from, bytes_of(it), it.how);
        EXPECT_EQ(rig.counters(it.on).*it.counter, 1U);
        EXPECT_EQ(rig.refusals(it.on), 1U);
        EXPECT_EQ(rig.counters(it.on).received, 1U);
        EXPECT_THAT(rig.sent, IsEmpty());
        EXPECT_THAT(rig.engine.neighbors(it.on), IsEmpty());
    }
}

// DVMRP-39: versions before 3 are refused.
TEST(DvmrpHostile, OldVersion) {
    Rig rig;
    auto bytes = good_probe();
    bytes[7] = 1;
    wire::store_be16(&bytes[2], 0);
    wire::store_be16(&bytes[2], wire::internet_checksum(bytes));
    rig.hear_bytes(k_i, k_n, bytes);
    EXPECT_EQ(rig.counters(k_i).old_version, 1U);
    EXPECT_THAT(rig.engine.neighbors(k_i), IsEmpty());
}

// DVMRP-15: counted, or refused where strict.
TEST(DvmrpHostile, Ttl) {
    Rig lenient;
    lenient.hear(k_i, k_n, Probe{.generation = 1}, {.ttl = 64});
    EXPECT_EQ(lenient.counters(k_i).ttl_unexpected, 1U);
    EXPECT_EQ(lenient.state(k_i, k_n), NeighborState::one_way);
    Rig strict({}, {.strict_ttl = true});
    strict.hear(k_i, k_n, Probe{.generation = 1}, {.ttl = 64});
    EXPECT_EQ(strict.counters(k_i).bad_ttl, 1U);
    EXPECT_EQ(strict.state(k_i, k_n), std::nullopt);
    // Unicast may have any.
    strict.hear(k_i, k_n, Probe{.generation = 1}, {.ttl = 64, .destination = k_us_i});
    EXPECT_EQ(strict.state(k_i, k_n), NeighborState::one_way);
}

TEST(DvmrpHostile, SwitchedOff) {
    Rig leaf({}, {.force_leaf = true});
    EXPECT_THAT(leaf.sent, IsEmpty());
    leaf.lonely_probe(k_i, k_n);
    EXPECT_EQ(leaf.counters(k_i).not_enabled, 1U);
    Rig rig;
    rig.engine.set_link(k_i, false, rig.now, rig.out);
    rig.lonely_probe(k_i, k_n);
    EXPECT_EQ(rig.counters(k_i).not_enabled, 1U);
    rig.lonely_probe(IfIndex{9}, k_n);
    EXPECT_EQ(rig.engine.not_enabled(), 1U);
}

TEST(DvmrpHostile, OnlyWhoIsPermitted) {
    Rig rig({}, {.accept_neighbors = {{k_n, 32}}});
    rig.lonely_probe(k_i, k_n3);
    EXPECT_EQ(rig.counters(k_i).not_permitted, 1U);
    rig.lonely_probe(k_i, k_n);
    EXPECT_EQ(rig.state(k_i, k_n), NeighborState::one_way);
}

// DVMRP-21, DVMRP-22, DVMRP-120: who is not a neighbour is not heard, and gets no answer.
TEST(DvmrpHostile, Strangers) {
    Body const bodies[] = {Report{{said(k_p, 1)}}, Prune{k_source, k_g, 100}, Graft{k_source, k_g},
                           GraftAck{k_source, k_g}};
    for (Body const& body : bodies) {
        SCOPED_TRACE(name_of(body));
        Rig rig;
        rig.lonely_probe(k_i, k_n3);
        rig.run_for(2s);
        rig.forget();
        rig.hear(k_i, k_n, body);
        EXPECT_EQ(rig.counters(k_i).unknown_neighbor, 1U);
        rig.hear(k_i, k_n3, body);
        EXPECT_EQ(rig.counters(k_i).one_way_neighbor, 1U);
        EXPECT_EQ(rig.state(k_i, k_n), std::nullopt);
        EXPECT_EQ(rig.engine.view(k_p).has_value(), false);
        EXPECT_THAT(rig.sent, IsEmpty());
    }
}

// DVMRP-37: made-up neighbours fill the list and go no further.
TEST(DvmrpHostile, ManyNeighbors) {
    Rig rig;
    rig.probe(k_i, k_n);
    for (std::uint8_t last = 20; last < 90; ++last) {
        rig.lonely_probe(k_i, Ipv4::of(10, 0, 0, last));
    }
    // Those that have not heard us have a limit of their own.
    EXPECT_EQ(rig.engine.neighbors(k_i).size(), 17U);
    EXPECT_EQ(rig.counters(k_i).limit_one_way, 23U);
    EXPECT_EQ(rig.counters(k_i).limit_probes, 31U); // 40 strangers at once are too many
    EXPECT_EQ(rig.state(k_i, k_n), NeighborState::two_way);
    rig.run_for(1s);
    for (std::uint8_t last = 100; last < 110; ++last) {
        rig.probe(k_i, Ipv4::of(10, 0, 0, last));
    }
    EXPECT_EQ(rig.engine.neighbors(k_i).size(), 27U);
}

TEST(DvmrpHostile, RoomForWhoHasHeardUs) {
    Rig rig({}, {.max_neighbors = 4, .max_one_way = 4});
    rig.probe(k_i, k_n);
    for (std::uint8_t last = 20; last < 30; ++last) {
        rig.lonely_probe(k_i, Ipv4::of(10, 0, 0, last));
    }
    EXPECT_EQ(rig.counters(k_i).limit_neighbors, 7U);
    // A router that has heard us still finds a place.
    rig.probe(k_i, k_n3);
    EXPECT_EQ(rig.state(k_i, k_n3), NeighborState::two_way);
    EXPECT_EQ(rig.engine.neighbors(k_i).size(), 4U);
    EXPECT_THAT(rig.events, Contains(VariantWith<LimitReached>(testing::Field(
                                &LimitReached::which, LimitReached::Which::neighbors))));
}

// Probes of one neighbour do not cost more than they are worth, and it stays one.
TEST(DvmrpHostile, ManyProbes) {
    Rig rig;
    for (int i = 0; i < 200; ++i) {
        rig.probe(k_i, k_n);
    }
    EXPECT_EQ(rig.counters(k_i).limit_probes, 159U); // one as a stranger, 40 as a neighbour
    EXPECT_EQ(rig.state(k_i, k_n), NeighborState::two_way);
    rig.probe(k_i, k_n3);
    EXPECT_EQ(rig.state(k_i, k_n3), NeighborState::two_way);
}

// DVMRP-38
TEST(DvmrpHostile, LongList) {
    Rig rig;
    Probe probe{.generation = 1, .neighbors = std::vector<Ipv4>(350, Ipv4::of(10, 0, 0, 9))};
    probe.neighbors.back() = k_us_i;
    rig.hear(k_i, k_n, probe);
    EXPECT_EQ(rig.state(k_i, k_n), NeighborState::two_way);
    EXPECT_EQ(rig.engine.neighbors(k_i).size(), 1U);
}

// DVMRP-114: too many messages of one neighbour, and the others are heard.
TEST(DvmrpHostile, FloodOfOne) {
    Rig rig;
    rig.with_route_and_dependent();
    rig.open();
    for (int i = 0; i < 10'000; ++i) {
        rig.hear(k_j, k_m, Prune{Ipv4::of(172, 16, 1, 1), k_g, 100});
    }
    EXPECT_GE(rig.counters(k_j).limit_rate, 9'700U);
    EXPECT_EQ(rig.engine.prune_count(), 1U);
    rig.probe(k_j, k_m); // probes are not policed: it stays a neighbour
    rig.report(k_i, k_n, *Ipv4Prefix::parse("172.17.0.0/16"), 1);
    EXPECT_TRUE(rig.engine.view(*Ipv4Prefix::parse("172.17.0.0/16")).has_value());
}

// DVMRP-114: what one holds leaves room for another.
TEST(DvmrpHostile, PrunesOfOneLeaveRoomForOthers) {
    Rig rig({.max_prunes = 8, .max_prunes_of_neighbor = 5});
    rig.with_route_and_dependent();
    rig.report(k_k, k_r, k_p, 36);
    for (std::uint8_t last = 1; last <= 8; ++last) {
        Ipv4 const group = Ipv4::of(239, 1, 1, last);
        rig.open({k_source, group});
        rig.hear(k_j, k_m, Prune{k_source, group, 500});
    }
    EXPECT_EQ(rig.engine.prune_count(), 5U);
    EXPECT_EQ(rig.counters(k_j).limit_prunes_of_neighbor, 3U);
    rig.hear(k_k, k_r, Prune{k_source, Ipv4::of(239, 1, 1, 1), 500});
    EXPECT_EQ(rig.engine.prune_count(), 6U);
    EXPECT_EQ(rig.wanted({k_source, Ipv4::of(239, 1, 1, 1)}), IfSet{});
    // What it takes back it may say again.
    rig.hear(k_j, k_m, Graft{k_source, Ipv4::of(239, 1, 1, 1)});
    rig.hear(k_j, k_m, Prune{k_source, Ipv4::of(239, 1, 1, 8), 500});
    EXPECT_EQ(rig.engine.prune_count(), 6U);
    EXPECT_EQ(rig.counters(k_j).limit_prunes_of_neighbor, 3U);
}

// A prune of one host needs a flow of that host, or there would be as many as there are hosts.
TEST(DvmrpHostile, PrunesOfHostsThatSendNothing) {
    Rig rig;
    rig.with_route_and_dependent();
    rig.open();
    Ipv4 const mask = Ipv4::of(255, 255, 255, 255);
    rig.hear(k_j, k_m, Prune{Ipv4::of(172, 16, 1, 77), k_g, 500, mask});
    EXPECT_EQ(rig.counters(k_j).prune_no_flow, 1U);
    EXPECT_EQ(rig.engine.prune_count(), 0U);
}

} // namespace
} // namespace mcast::dvmrp::test
