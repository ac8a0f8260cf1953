#include "mcast/dataplane/forward.h"

#include <memory>

#include <gtest/gtest.h>

namespace mcast::dataplane {
namespace {

using handoff::Drop;
using handoff::Entry;

// Interfaces 0..3; thresholds 1, 1, 8, 32; interface 3 is down when `three_down`.
std::unique_ptr<handoff::InterfaceTable> table(bool three_down = false) {
    auto t = std::make_unique<handoff::InterfaceTable>();
    std::uint8_t const thresholds[] = {1, 1, 8, 32};
    for (std::uint16_t i = 0; i < 4; ++i) {
        handoff::Interface interface;
        interface.port = PortId{i};
        interface.up = i != 3 || !three_down;
        interface.ttl_threshold = thresholds[i];
        t->add(IfIndex{i}, interface);
    }
    return t;
}

Entry entry(IfSet outputs, std::uint8_t highest = 0, Drop negative = Drop::none) {
    Entry e;
    e.arrival = IfIndex{0};
    e.outputs = outputs;
    e.highest_threshold = highest;
    e.negative = negative;
    return e;
}

constexpr IfSet set(std::initializer_list<std::uint16_t> members) {
    IfSet s;
    for (std::uint16_t m : members) {
        s.insert(IfIndex{m});
    }
    return s;
}

TEST(Forward, Table) {
    struct Case {
        char const* name;
        Entry entry;
        std::uint16_t arrival;
        std::uint8_t ttl;
        bool three_down;
        Drop drop;
        IfSet to;
    };
    Entry nowhere = entry({}, 0, Drop::no_route);
    nowhere.arrival = k_no_interface;
    Entry broken = entry(set({1}));
    broken.arrival = k_no_interface;
    IfSet const all = set({1, 2, 3});
    Case const cases[] = {
        {"plain", entry(set({1, 2})), 0, 64, false, Drop::none, set({1, 2})},
        {"F9 wrong interface", entry(set({1})), 2, 64, false, Drop::wrong_interface, {}},
        {"F9 before F10", entry(set({1})), 2, 1, false, Drop::wrong_interface, {}},
        {"no route", nowhere, 2, 1, false, Drop::no_route, {}},
        {"positive without arrival", broken, 2, 9, false, Drop::wrong_interface, {}},
        {"F10 TTL 1, IGMP-124", entry(set({1})), 0, 1, false, Drop::ttl_expired, {}},
        {"F10 TTL 0", entry(set({1})), 0, 0, false, Drop::ttl_expired, {}},
        {"F10 before negative", entry({}, 0, Drop::no_member), 0, 1, false, Drop::ttl_expired, {}},
        {"negative", entry({}, 0, Drop::no_member), 0, 64, false, Drop::no_member, {}},
        {"negative elsewhere",
         entry({}, 0, Drop::no_member),
         1,
         64,
         false,
         Drop::wrong_interface,
         {}},
        {"TTL 2 passes threshold 1", entry(set({1}), 1), 0, 2, false, Drop::none, set({1})},
        {"F11 above all, IGMP-127", entry(all, 32), 0, 33, false, Drop::none, all},
        {"F11 equal to one, IGMP-127", entry(all, 32), 0, 32, false, Drop::none, set({1, 2})},
        {"F11 between", entry(all, 32), 0, 8, false, Drop::none, set({1})},
        {"F11 below every output", entry(set({2, 3}), 32), 0, 8, false, Drop::ttl_threshold, {}},
        {"down output left out", entry(all, 32), 0, 64, true, Drop::none, set({1, 2})},
        {"all outputs down", entry(set({3}), 32), 0, 64, true, Drop::no_output, {}},
        {"no outputs", entry({}), 0, 64, false, Drop::no_output, {}},
        {"never back", entry(set({0, 1})), 0, 64, false, Drop::none, set({1})},
        {"only back", entry(set({0})), 0, 64, false, Drop::no_output, {}},
    };
    for (Case const& c : cases) {
        Outputs const got = forward(c.entry, *table(c.three_down), IfIndex{c.arrival}, c.ttl);
        EXPECT_EQ(name_of(got.drop), name_of(c.drop)) << c.name;
        if (c.drop == Drop::none) {
            EXPECT_EQ(got.to, c.to) << c.name;
        }
        bool const to_all = got.drop == Drop::none && got.to == c.entry.outputs;
        EXPECT_EQ(forwards_to_all(c.entry, *table(c.three_down), IfIndex{c.arrival}, c.ttl), to_all)
            << c.name;
    }
}

TEST(Forward, SaysWhoWasLeftOut) {
    Outputs const got = forward(entry(set({1, 2, 3}), 32), *table(true), IfIndex{0}, 8);
    EXPECT_EQ(got.to, set({1}));
    EXPECT_EQ(got.below_threshold, set({2}));
    EXPECT_EQ(got.down, set({3}));
}

} // namespace
} // namespace mcast::dataplane
