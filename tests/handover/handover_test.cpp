// Live hand-overs: real workers, the real control core, and streams that must not notice.
// MGM-31..MGM-36 (the bracket), MGM-40 (adding again), and the promise that goes beyond them: no
// packet of an established stream is lost, duplicated or reordered while its interface changes
// hands.
#include "running.h"
#include "shift.h"

#include <algorithm>
#include <vector>

namespace mcast::handover {
namespace {

double milliseconds(Duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

std::string distribution(std::vector<Duration> times) {
    if (times.empty()) {
        return "none";
    }
    std::ranges::sort(times);
    auto const at = [&](double share) {
        return milliseconds(
            times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))]);
    };
    return fmt::format("{} times, p50 {:.3f} ms, p99 {:.3f} ms, max {:.3f} ms", times.size(),
                       at(0.5), at(0.99), at(1));
}

TEST_F(Handover, NoStreamThatBothOwnersWantNoticesAndTheOthersSwitchWithTheOwner) {
    fmt::print("seed {}\n", options().seed);
    auto const packets = [this] { return traffic.settled(); };
    Shift arrival(appliance, component, streams, k_wan, options().seed, packets);
    Shift output(appliance, component, streams, k_east, options().seed + 1, packets);
    auto const done = [&] { return arrival.hand_overs() + output.hand_overs(); };
    ASSERT_NO_FATAL_FAILURE(start_traffic());
    TimePoint const began = platform::now();
    std::size_t before = 0;
    TimePoint patience = began + k_patience;
    while (done() < options().hand_overs || !arrival.at_rest() || !output.at_rest()) {
        turn();
        arrival.step(done() < options().hand_overs);
        output.step(done() < options().hand_overs);
        if (done() != before) {
            before = done();
            patience = platform::now() + k_patience;
        }
        ASSERT_LT(platform::now(), patience) << "hand-overs do not come to an end";
    }
    double const seconds = milliseconds(platform::now() - began) / 1000;
    close();
    fmt::print("{} hand-overs in {:.1f} s: {:.1f} a second, {} streams, {} workers, {} packets "
               "sent, {} and {} received\n",
               done(), seconds, static_cast<double>(done()) / seconds, streams.count(),
               options().workers, traffic.sent(), traffic.received(k_east),
               traffic.received(k_west));
    fmt::print("arrival interface, take to ready:    {}\n", distribution(arrival.takes()));
    fmt::print("arrival interface, release to gate:  {}\n", distribution(arrival.releases()));
    fmt::print("output interface, take to ready:     {}\n", distribution(output.takes()));
    fmt::print("output interface, release to gate:   {}\n", distribution(output.releases()));
    EXPECT_GT(arrival.hand_overs(), options().hand_overs / 10);
    EXPECT_GT(output.hand_overs(), options().hand_overs / 10);
    expect_right("component's own, on the output", Kind::routed, output.of_component(),
                 &Sighting::east);
    expect_right("IGMP's alone, on the output", Kind::vetoed, output.of_igmp(), &Sighting::east);
    expect_right("IGMP's alone, from the arrival", Kind::moved, arrival.of_igmp(), &Sighting::east);
    expect_right("the same on the other output", Kind::moved, arrival.of_igmp(), &Sighting::west);
}

} // namespace
} // namespace mcast::handover
