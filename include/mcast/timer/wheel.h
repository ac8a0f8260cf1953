// Due times in order, on a time that is passed in.
//
// A thin layer over a Boost.Intrusive red-black tree: arming, moving and cancelling are O(log n),
// the next due time is O(1). A timer is owned by its Handle and named by a Key; the wheel knows
// neither clocks nor what its keys mean. Ties expire in the order in which they were (re-)armed.
//
// One thread. f may arm, re-arm, cancel and destroy any handle, the expiring one too; it may not
// destroy the wheel.
#pragma once

#include "mcast/base/time.h"
#include "mcast/timer/handle.h"

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>

#include <cstddef>
#include <optional>

namespace mcast::timer {

class Wheel {
public:
    Wheel() = default;
    ~Wheel();
    Wheel(Wheel const&) = delete;
    Wheel& operator=(Wheel const&) = delete;

    [[nodiscard]] Handle arm(TimePoint due, Key key);

    // nullopt when nothing is armed.
    std::optional<TimePoint> next_due() const;
    // Timers that are armed.
    std::size_t size() const { return armed_.size(); }
    bool empty() const { return armed_.empty(); }

    // Calls f(Key) for timers due at or before `now`, in order of due time, `limit` at most; a
    // timer that f arms for a time already due is part of the same call. Returns how many expired.
    template <class F>
    std::size_t expire(TimePoint now, std::size_t limit, F f) {
        std::size_t done = 0;
        while (done < limit && !armed_.empty() && armed_.begin()->due <= now) {
            ++done;
            f(pop_first());
        }
        return done;
    }

private:
    friend class Handle;
    using Node = Handle::Node;

    struct ByDue {
        bool operator()(Node const& a, Node const& b) const { return a.due < b.due; }
    };

    // The earliest timer becomes idle.
    Key pop_first();
    void rearm(Node& node, TimePoint due);
    void cancel(Node& node);
    void forget(Node& node);

    boost::intrusive::multiset<Node, boost::intrusive::compare<ByDue>> armed_;
    boost::intrusive::list<Node> idle_;
};

} // namespace mcast::timer
