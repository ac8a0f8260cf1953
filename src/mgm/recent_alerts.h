// Which wrong-interface alerts were raised within the last second, so that none is raised again:
// one alert per second, flow and interface. Bounded; time is passed in and does not go back.
#pragma once

#include "mcast/base/flow.h"
#include "mcast/base/time.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <set>
#include <utility>

namespace mcast::mgm {

class RecentAlerts {
public:
    static constexpr Duration k_hold = std::chrono::seconds{1};
    // More flows a second than this are not told apart any more: the rest is not raised.
    static constexpr std::size_t k_most = 1024;

    // True when the flow was not raised for this lease (and so, interface) within k_hold, and from
    // now on it was. std::bad_alloc: it was not.
    bool admit(std::uint64_t lease, FlowKey flow, TimePoint now) {
        while (!order_.empty() && now - order_.front().first >= k_hold) {
            recent_.erase(order_.front().second);
            order_.pop_front();
        }
        if (order_.size() >= k_most) {
            return false;
        }
        auto const [place, fresh] = recent_.insert({lease, flow});
        if (fresh) {
            try {
                order_.emplace_back(now, place);
            } catch (...) {
                recent_.erase(place);
                throw;
            }
        }
        return fresh;
    }

private:
    using Recent = std::set<std::pair<std::uint64_t, FlowKey>>;

    Recent recent_;
    std::deque<std::pair<TimePoint, Recent::iterator>> order_; // oldest first
};

} // namespace mcast::mgm
