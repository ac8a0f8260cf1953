// A second telling of RFC 9776 section 6 for one group, to compare the engine with: no set algebra
// but a truth table per source, no timers but a look at every source at every tenth of a second.
// Slow, short, and written from the tables rather than from the engine.
#pragma once

#include "mcast/wire/igmp.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mcast::igmp::test {

// Times are tenths of a second since the start.
class Model {
public:
    static constexpr int k_sources = 6;
    using Mask = unsigned; // bit i is the i-th source
    using Type = wire::RecordType;

    // Query interval 5 s, response 1 s, last-member interval 0.2 s, robustness 2.
    static constexpr int k_gmi = 120;
    static constexpr int k_ohpi = 110;
    static constexpr int k_oqpi = 105;
    static constexpr int k_lmqi = 2;
    static constexpr int k_lmqt = 4;

    void record(Type type, Mask listed);
    void v1_report();
    void v2_report();
    void leave();
    void general_query() { other_until_ = now_ + k_oqpi; }
    // From the router that sends the general queries.
    void specific_query(Mask listed, bool suppress);
    void step();

    // "-" or mode, group timer and source timers in tenths: "EXC 120 a=120 y=0".
    std::string state() const;
    // Specific queries since the last call: "S=0", "S=1 {ab}".
    std::vector<std::string> queries();

private:
    struct Source {
        bool known = false;
        int until = 0;   // the timer runs while this is later than now
        int owed_at = 0; // the second and last query about it
        bool wanted = false;
    };
    struct Fate { // of one source under one record
        bool keep = false;
        bool wanted = false;
        enum class Timer { same, gmi, group } timer = Timer::same;
        bool ask = false;
    };

    bool querier() const { return !other_until_ || *other_until_ <= now_; }
    bool exists() const;
    Fate fate(Type type, bool in_x, bool in_y, bool listed) const;
    void ask(bool group, Mask about);
    void say(bool suppress, Mask about);
    void expire();
    void tick();

    int now_ = 0;
    std::optional<int> other_until_{};
    bool exclude_ = false;
    int group_until_ = 0;
    int group_owed_at_ = 0;
    bool checking_ = false;
    int v1_until_ = 0;
    int v2_until_ = 0;
    std::array<Source, k_sources> sources_{};
    std::vector<std::string> said_;
};

} // namespace mcast::igmp::test
