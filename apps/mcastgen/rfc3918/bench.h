// What the tests are made of: memberships brought about, a warm-up, trials, and the search for the
// throughput, which is kept so that no test looks for it again. One thread.
#pragma once

#include "plan.h"
#include "search.h"
#include "station.h"
#include "trial.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace mcast::gen::rfc3918 {

// What became of a trial that is judged.
enum class Verdict : std::uint8_t {
    passed,
    loss,      // of the appliance
    generator, // could not offer the rate, or lost frames on the way in
};

struct Found {
    std::uint64_t rate = 0; // 0: not even the lowest passed
    std::uint64_t trials = 0;
    std::string limited_by{}; // "max-rate", "loss" or "generator"
    std::optional<Trial> best{};
};

class Bench {
public:
    using Say = std::function<void(std::string const&)>;

    // Both must outlive this.
    Bench(Plan const& plan, Wires& wires, Say say);

    // Memberships as the mix wants them, and a warm-up. False when unicast is judged and none of
    // it came through.
    bool prepare(Mix const& mix, std::uint64_t rate);
    // Nobody is a member any more, and the appliance has had time to know.
    void leave_all();
    // For the plan's time, and a frame of each group at least.
    Trial trial(Mix const& mix, std::uint64_t rate);
    Trial trial(Load const& load, Station::Course const& course);
    Verdict judge(Trial const& trial) const;
    // The highest rate without loss.
    Found const& throughput(Mix const& mix);
    // The plan's load, or the throughput; 0 when there is none.
    std::uint64_t steady_rate(Mix const& mix);

    Plan const& plan() const { return plan_; }
    Station& station() { return station_; }
    bool usable() { return wires_.usable(); }
    std::string failure() { return wires_.failure(); }

private:
    Found search(Mix const& mix);

    Plan const& plan_;
    Wires& wires_;
    Station station_;
    Say say_;
    std::uint64_t missed_in_trial_ = 0; // of the last one
    std::map<Mix, Found> found_;
};

// Frames that a rate makes in a time, one at least.
std::uint64_t frames_in(std::uint64_t rate, Duration time);

} // namespace mcast::gen::rfc3918
