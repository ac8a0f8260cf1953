// Which routes changed, in order, for readers that come at different times: flash updates, one
// reader an interface. What is said of a route is looked up when it is said; so a route that
// changed again before anybody read of it stands here once.
#pragma once

#include "route_table.h"

#include "mcast/base/ids.h"

#include <algorithm>
#include <cstdint>
#include <deque>

namespace mcast::dvmrp {

struct Change {
    Ipv4Prefix prefix{};
    IfIndex only = k_no_interface;   // concerns this interface alone
    IfIndex except = k_no_interface; // concerns all but this one
};

class ChangeLog {
public:
    // The number of the next change to come.
    std::uint64_t end() const { return first_ + changes_.size(); }
    // Precondition: trimmed_to <= number < end().
    Change const& at(std::uint64_t number) const {
        return changes_[static_cast<std::size_t>(number - first_)];
    }
    std::uint64_t begin() const { return first_; }

    void add(Route& route) {
        if (route.changed > read_ && route.changed >= first_) {
            return;
        }
        changes_.push_back({.prefix = route.prefix});
        route.changed = end();
    }
    void add(Route const& route, IfIndex only, IfIndex except) {
        changes_.push_back({route.prefix, only, except});
    }
    // Whether the route has a later change that concerns everybody.
    static bool is_stale(std::uint64_t number, Route const& route) {
        return number + 1 < route.changed;
    }

    // Somebody has read all before `number`.
    void was_read(std::uint64_t number) { read_ = std::max(read_, number); }
    // Everybody has.
    void trim(std::uint64_t number) {
        while (first_ < number && !changes_.empty()) {
            changes_.pop_front();
            ++first_;
        }
    }

private:
    std::deque<Change> changes_;
    std::uint64_t first_ = 0;
    std::uint64_t read_ = 0; // by the reader that is furthest
};

} // namespace mcast::dvmrp
