// When to say how far something is: on a time that is passed in.
#pragma once

#include <chrono>

namespace mcast::gen {

class Progress {
public:
    using Clock = std::chrono::steady_clock;
    using Time = Clock::time_point;

    Progress(Time start, Clock::duration every) : every_(every), next_(start + every) {}

    // Once for each period that ends; a period in which nobody asked is not made up for.
    bool due(Time now) {
        if (now < next_) {
            return false;
        }
        next_ = now + every_;
        return true;
    }

private:
    Clock::duration every_;
    Time next_;
};

} // namespace mcast::gen
