// DVMRP's routes in the control core. Prints one figure a line, "name value unit", for
// scripts/bench.
//
//   route_bench lookup   a question for the way to a source, 100,000 routes, random sources
//   route_bench flap     the longest turn of control, and all its time, while 10,000 routes of
//                        100,000 are lost and come back in each way there is; 2,000 streams of
//                        theirs and as many of others have entries
//
// Times are processor time of the one thread.
#include "route_scene.h"

#include "mcast/base/heap.h"
#include "mcast/base/log.h"
#include "mcast/base/random.h"

#include <array>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace {

using namespace mcast;
using namespace mcast::bench;

void figure(std::string_view name, double value, std::string_view unit) {
    fmt::print("{} {:.3f} {}\n", name, value, unit);
}

void demand(bool condition, std::string_view what) {
    if (!condition) {
        throw std::runtime_error(std::string(what));
    }
}

void lookup() {
    dvmrp::Config config;
    config.max_routes = k_routes;
    dvmrp::Engine engine(config, {});
    dvmrp::Output out;
    TimePoint const now{std::chrono::hours{1}};
    dvmrp::InterfaceConfig interface;
    interface.message_rate = 0;
    Ipv4 const neighbor = Ipv4::of(10, 0, 0, 9);
    Ipv4 const own = Ipv4::of(10, 0, 0, 1);
    engine.add_interface(k_north, interface, {.address = {own, 24}}, now, out);
    auto said = reports_of({0, k_routes}, 2);
    said.insert(said.begin(), wire::dvmrp::Probe{1, {own}});
    for (auto& body : said) {
        std::array<std::uint8_t, 1500> room{};
        wire::Writer payload(room);
        demand(encode(message_of(std::move(body)), payload), "a message that cannot be built");
        engine.receive({k_north, neighbor, wire::dvmrp::k_all_routers, 1, payload.written()}, now,
                       out);
        out.clear();
    }
    Random random{1};
    std::vector<Ipv4> sources;
    for (int n = 0; n < 1 << 16; ++n) {
        sources.push_back(source_of(random.below(k_routes)));
    }
    constexpr int k_rounds = 8;
    std::size_t found = 0;
    double const start = cpu_nanoseconds();
    for (int round = 0; round < k_rounds; ++round) {
        for (Ipv4 const source : sources) {
            found += engine.rpf(source).has_value() ? 1U : 0U;
        }
    }
    double const spent = cpu_nanoseconds() - start;
    demand(found == k_rounds * sources.size(), "a way was not found");
    figure("lookup", spent / static_cast<double>(found), "ns");
}

// What is lost and comes back; the others stay.
constexpr Range k_flapping{0, 10'000};

class Flap {
public:
    Flap() {
        scene_.learn(k_north, {0, k_routes}, 4);
        scene_.settle();
        demand(scene_.routes_by(k_north) == k_routes, "not all routes were learned");
        for (std::size_t n = 0; n < k_streams; ++n) {
            scene_.begin_stream(n * k_flapping.count / k_streams, k_north);
            scene_.begin_stream(k_flapping.count + n, k_north);
        }
        scene_.settle();
        demand(scene_.streams_from(k_north) == 2 * k_streams, "not all streams have entries");
    }

    void run() {
        // Another neighbour has a better way, and loses it again, in the ways there are.
        change("better", k_south, [&] { scene_.learn(k_south, k_flapping, 1); });
        change("withdrawn", k_north, [&] { scene_.learn(k_south, k_flapping, k_unreachable); });
        change("again", k_south, [&] { scene_.learn(k_south, k_flapping, 1); });
        // Who restarts is believed until it has had time to say everything again (DEC-13).
        change("restart", k_south, [&] { scene_.restart(k_south); });
        change("link_down", k_north, [&] { scene_.set_link(k_south, false); });
    }

private:
    static constexpr std::size_t k_streams = 2'000;

    // Afterwards the flapping routes, and half of the streams, are where `to` says.
    template <class Do>
    void change(std::string_view name, IfIndex to, Do&& what) {
        scene_.begin_measuring();
        what();
        scene_.settle();
        for (int n = 0; n < 4; ++n) {
            scene_.learn(k_north, {0, k_routes}, 4); // it keeps saying so
            scene_.run_for(std::chrono::seconds{60});
        }
        figure(fmt::format("{}_longest", name), scene_.longest() / 1e6, "ms");
        figure(fmt::format("{}_control", name), scene_.spent() / 1e6, "ms");
        std::size_t const there = scene_.streams_from(to);
        demand(there == (to == k_north ? 2 : 1) * k_streams,
               fmt::format("{}: {} streams come from there", name, there));
    }

    RouteScene scene_;
};

} // namespace

int main(int argc, char** argv) {
    free_at_once(); // as mcastd does
    log::set_level(log::Level::error);
    std::string_view const what = argc > 1 ? argv[1] : "";
    try {
        if (what == "lookup") {
            lookup();
        } else if (what == "flap") {
            Flap{}.run();
        } else {
            fmt::print(stderr, "usage: route_bench lookup | flap\n");
            return 64;
        }
        return 0;
    } catch (std::exception const& error) {
        fmt::print(stderr, "route_bench: {}\n", error.what());
        return 1;
    }
}
