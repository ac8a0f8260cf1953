// How long control may nap between two turns.
#pragma once

#include "mcast/base/time.h"
#include "mcast/control/control_loop.h"

#include <algorithm>

namespace mcastd {

// A parked packet waits at most this long for us to look: while something goes on, and after
// nothing happened for a while. The longer nap costs about one hundredth of a core.
inline constexpr mcast::Duration k_nap = std::chrono::microseconds{250};
inline constexpr mcast::Duration k_long_nap = std::chrono::milliseconds{1};
inline constexpr mcast::Duration k_quiet = std::chrono::milliseconds{200};

inline mcast::Duration until_next(mcast::control::ControlLoop const& control, mcast::TimePoint now,
                                  mcast::TimePoint last_busy) {
    mcast::Duration const longest = now - last_busy < k_quiet ? k_nap : k_long_nap;
    auto const due = control.next_due();
    return due ? std::clamp(*due - now, mcast::Duration::zero(), longest) : longest;
}

} // namespace mcastd
