// When a kind of stream had to come out of an interface, when not, and when it was changing:
// written by control, judged afterwards against what the receivers saw. One thread at a time.
#pragma once

#include "mcast/base/time.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mcast::handover {

// Between `began` and `ended` workers may have seen either state; outside of it, one alone.
struct Change {
    bool on_after = false;
    TimePoint began{};
    TimePoint ended{};
};

class Timeline {
public:
    explicit Timeline(bool on_at_first) : on_at_first_(on_at_first) {}

    // Before whatever changes it is called.
    void begin(bool on_after, TimePoint now) {
        changes_.push_back({on_after, now, TimePoint::max()});
    }
    // After no worker can see the old state any more.
    void end(TimePoint now) { changes_.back().ended = now; }

    std::vector<Change> const& changes() const { return changes_; }
    bool on_before(std::size_t change) const {
        return change == 0 ? on_at_first_ : changes_[change - 1].on_after;
    }

private:
    bool on_at_first_;
    std::vector<Change> changes_; // one after the other
};

// One packet: a worker decided about it after `sent` and before `settled`.
struct Sighting {
    TimePoint sent{};
    TimePoint settled{};
    bool east = false; // came out there
    bool west = false;
};

struct Verdict {
    std::string mistake;        // the first one; empty when there is none
    std::uint64_t on = 0;       // packets that had to come, and did
    std::uint64_t off = 0;      // that had to be kept back, and were
    std::uint64_t changing = 0; // decided while the state changed

    void add(Verdict const& other);
};

// The packets of one stream in the order of sending. During one change the stream may switch once.
Verdict judge(Timeline const& timeline, std::vector<Sighting> const& packets,
              bool Sighting::* seen);

} // namespace mcast::handover
