// How cost grows with the network: 10 and 100 routers, and 1,000 with --growth 1000. Printed, and
// drawn to dvmrp-growth.svg in the build's folder.
#include "kinds.h"
#include "options.h"
#include "oracle.h"
#include "svg.h"

#include <cmath>
#include <fstream>
#include <iostream>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace mcast::sim {
namespace {

using namespace std::chrono_literals;

constexpr Ipv4 k_group = Ipv4::of(239, 1, 1, 1);

struct Cost {
    double seconds = 0;
    double messages = 0; // of DVMRP, until then
};

// All routes as they should be; asked once a second, since the answer costs more than that second.
bool converge(World& world, Duration most) {
    Oracle const oracle(world);
    auto const right = [&] {
        auto const& shape = world.topology;
        for (std::size_t r = 0; r < shape.routers.size(); ++r) {
            for (std::size_t l = 0; world.alive(r) && l < shape.links.size(); ++l) {
                if (world.router(r).toward(shape.links[l].net) != oracle.toward(r, l)) {
                    return false;
                }
            }
        }
        return true;
    };
    for (TimePoint const end = world.now + most; world.now < end;) {
        world.run_for(1s);
        if (right()) {
            return true;
        }
    }
    return false;
}

template <class Event>
Cost cost_of(World& world, Event&& event) {
    TimePoint const from = world.now;
    auto const before = world.sent.dvmrp;
    event();
    return {std::chrono::duration<double>(world.now - from).count(),
            static_cast<double>(world.sent.dvmrp - before)};
}

TEST(Growth, CostByNumberOfRouters) {
    Figure figure{{"start", "join", "router dies"}, {}, {}, {}};
    for (std::size_t n = 10; n <= options().growth; n *= 10) {
        Random random(n);
        EngineRouter::Setup setup = short_lives();
        setup.with_igmp = n <= 100; // at a thousand, only the cost of DVMRP is of interest
        World world(
            random_topology(
                {.routers = n, .extra_links = n / 2, .lan_percent = 20, .highest_metric = 1},
                random),
            engines(setup), n);
        std::vector<Cost> costs;
        costs.push_back(cost_of(world, [&] { EXPECT_TRUE(converge(world, 600s)) << n; }));
        std::size_t const sender = world.add_host(0);
        std::size_t const member = world.add_host(n - 1);
        if (setup.with_igmp) {
            world.stream(sender, k_group, 3s);
            world.forget_data();
            costs.push_back(cost_of(world, [&] {
                world.join(member, k_group);
                for (int i = 0; i < 1000 && world.host(member).got().empty(); ++i) {
                    world.send(sender, k_group);
                    world.run_for(10ms);
                }
            }));
            EXPECT_LT(costs.back().seconds, 1.0);
        } else {
            costs.push_back({std::nan(""), std::nan("")});
        }
        costs.push_back(cost_of(world, [&] {
            world.crash(n / 2);
            EXPECT_TRUE(converge(world, 900s)) << n;
        }));
        figure.routers.push_back(static_cast<double>(n));
        for (Cost const& it : costs) {
            figure.seconds.push_back(it.seconds);
            figure.messages.push_back(it.messages);
        }
        for (std::size_t e = 0; e < costs.size(); ++e) {
            std::cout << fmt::format("{:5} routers, {:12}: {:8.2f} s, {:9} messages\n", n,
                                     figure.events[e], costs[e].seconds, costs[e].messages);
        }
        EXPECT_EQ(world.loops(), 0U);
    }
    std::ofstream(MCAST_SIM_FIGURE) << to_svg(figure);
    std::cout << "drawn to " << MCAST_SIM_FIGURE << '\n';
}

} // namespace
} // namespace mcast::sim
