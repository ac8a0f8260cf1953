// Many routes: found fast, and a flap of all of them never makes one turn long. Work is counted in
// routes, changes and messages of a piece, which no other load of the machine changes.
#include "rig.h"

#include "route_table.h"

namespace mcast::dvmrp::test {
namespace {

constexpr std::size_t k_many = 100'000;

Ipv4Prefix prefix_of_number(std::size_t n) {
    return {{Ipv4::of(20, 0, 0, 0).value + (static_cast<std::uint32_t>(n) << 8)}, 24};
}

// Straight into the engine, without the settling of the rig.
void report_many(Rig& rig, std::size_t count, std::uint8_t metric) {
    for (std::size_t at = 0; at < count; at += 1000) {
        Report report;
        for (std::size_t n = at; n < std::min(count, at + 1000); ++n) {
            report.routes.push_back({prefix_of_number(n), metric});
        }
        auto const bytes = bytes_of({.capabilities = 0x0e, .version = {}, .body = report});
        rig.engine.receive(
            {.interface = k_i, .source = k_n, .destination = k_all, .ttl = 1, .payload = bytes},
            rig.now, rig.out);
    }
}

struct Piece {
    std::size_t routes = 0; // changes told, and routes said
    std::size_t pieces = 0; // that were run
};

// The largest piece until nothing is due any more at this moment.
Piece largest_piece(Rig& rig) {
    Piece largest;
    while (rig.engine.expire(rig.now, 1, rig.out) > 0) {
        std::size_t said = 0;
        for (ToSend const& it : rig.out.messages) {
            if (auto const* report = std::get_if<Report>(&it.message.body)) {
                said += report->routes.size();
            }
        }
        largest.routes = std::max({largest.routes, said, rig.out.routes.size()});
        ++largest.pieces;
        rig.out.clear();
    }
    return largest;
}

TEST(DvmrpScale, FlapOfAllRoutes) {
    Rig rig({.max_routes = k_many}, {.message_rate = 0});
    rig.all_adjacent();
    report_many(rig, k_many, 2);
    rig.out.clear();
    EXPECT_EQ(rig.engine.route_count(), k_many + 3);
    EXPECT_LE(largest_piece(rig).routes, 512U);
    // A neighbour is gone: no route is believed any more, long before the last is worked off.
    rig.engine.set_link(k_i, false, rig.now, rig.out);
    EXPECT_LE(rig.out.routes.size(), 1U);
    rig.out.clear();
    for (std::size_t const n : {std::size_t{0}, k_many / 2, k_many - 1}) {
        EXPECT_FALSE(rig.engine.rpf({prefix_of_number(n).address.value + 1}));
    }
    auto const piece = largest_piece(rig);
    EXPECT_LE(piece.routes, 512U);
    EXPECT_GE(piece.pieces, k_many / 512);
    for (std::size_t const n : {std::size_t{0}, k_many / 2, k_many - 1}) {
        EXPECT_TRUE(rig.engine.view(prefix_of_number(n))->held_down_until);
    }
}

// A turn is as long as its caller allows, however many pieces wait.
TEST(DvmrpScale, WorkIsCountedByWhatItCosts) {
    Rig rig({.max_routes = k_many}, {.message_rate = 0});
    rig.all_adjacent();
    report_many(rig, k_many, 2);
    while (rig.engine.expire(rig.now, 1000, rig.out) > 0) {
    }
    rig.engine.set_link(k_i, false, rig.now, rig.out);
    for (std::size_t const limit : {100U, 1000U, 5000U}) {
        rig.out.clear();
        std::size_t const done = rig.engine.expire(rig.now, limit, rig.out);
        EXPECT_GE(done, limit);
        EXPECT_LE(done, limit + 512);
        EXPECT_LE(rig.out.routes.size(), done);
        EXPECT_GE(rig.out.routes.size(), limit / 2);
    }
}

// A new neighbour gets all of it, at a pace that it can follow: five messages in 100 ms.
TEST(DvmrpScale, TableForANewNeighbor) {
    Rig rig({.max_routes = k_many}, {.message_rate = 0});
    rig.probe(k_i, k_n);
    report_many(rig, 10'000, 2);
    rig.run_for(6s);
    rig.forget();
    rig.probe(k_j, k_m);
    EXPECT_LE(rig.texts<Report>(k_j).size(), 5U);
    rig.run_for(1900ms);
    std::size_t said = 0;
    for (Sent const& it : rig.sent) {
        auto const* report = std::get_if<Report>(&it.what.message.body);
        said += report != nullptr && it.what.destination == k_m ? report->routes.size() : 0;
    }
    EXPECT_GE(said, 9'500U);
    rig.run_for(200ms);
    EXPECT_GE(rig.counters(k_j).sent_reports, 80U);
}

// One look-up for each length that is there, and none for the others.
TEST(DvmrpScale, LongestMatchAmongMany) {
    RouteTable table;
    for (std::size_t n = 0; n < k_many; ++n) {
        table.create(prefix_of_number(n));
    }
    Ipv4Prefix const wide{Ipv4::of(22, 0, 0, 0), 8};
    table.create(wide);
    std::size_t asked = 0;
    auto const usable = [&](Route const&) {
        ++asked;
        return true;
    };
    for (std::size_t n = 0; n < k_many; n += 997) {
        Ipv4 const source{prefix_of_number(n).address.value + 7};
        EXPECT_EQ(table.longest(source, usable)->prefix, prefix_of_number(n));
    }
    EXPECT_EQ(table.longest(Ipv4::of(22, 255, 0, 1), usable)->prefix, wide);
    EXPECT_EQ(table.longest(Ipv4::of(23, 255, 0, 1), usable), nullptr);
    EXPECT_LE(asked, k_many / 997 + 2);
    // In the order of reports: by mask, then by network.
    EXPECT_EQ(table.next(std::nullopt)->prefix, wide);
    EXPECT_EQ(table.next(wide)->prefix, prefix_of_number(0));
    table.erase(prefix_of_number(0));
    EXPECT_EQ(table.next(wide)->prefix, prefix_of_number(1));
    EXPECT_EQ(table.longest(Ipv4::of(20, 0, 0, 1), usable), nullptr);
}

// The log of changes holds a route once, however often it changes before anybody reads of it.
TEST(DvmrpScale, AFlappingRouteTakesNoMemory) {
    Rig rig({}, {.message_rate = 0});
    rig.all_adjacent();
    rig.report(k_i, k_n, k_p, 2);
    rig.run_for(1s);
    rig.forget();
    for (int i = 0; i < 1000; ++i) {
        rig.report(k_i, k_n, k_p, static_cast<std::uint8_t>(2 + i % 7));
    }
    rig.run_for(5s);
    EXPECT_EQ(rig.texts<Report>(k_j).size(), 1U);
    EXPECT_EQ(rig.last_said(k_j, k_p), 2 + 999 % 7 + 1);
}

} // namespace
} // namespace mcast::dvmrp::test
