// Objects that were made unreachable and wait for their grace period. Control thread only.
//
// retire() starts one grace period an object; reclaim() hands every object whose period has passed
// to `f`, oldest first, and stops at the first that has not: tokens pass in order.
#pragma once

#include "mcast/handoff/grace_period.h"

#include <cstddef>
#include <deque>
#include <utility>

namespace mcast::handoff {

template <class T>
class RetireList {
public:
    explicit RetireList(GracePeriod& grace) : grace_(grace) {}

    void retire(T object) { waiting_.push_back({grace_.start(), std::move(object)}); }

    // Bounded work: at most `limit` objects a call. Returns how many were handed to f.
    template <class F>
    std::size_t reclaim(std::size_t limit, F&& f) {
        std::size_t done = 0;
        while (done < limit && !waiting_.empty() && grace_.passed(waiting_.front().token)) {
            T object = std::move(waiting_.front().object);
            waiting_.pop_front();
            f(std::move(object));
            ++done;
        }
        return done;
    }

    std::size_t size() const { return waiting_.size(); }
    bool empty() const { return waiting_.empty(); }

private:
    struct Waiting {
        GraceToken token;
        T object;
    };
    GracePeriod& grace_;
    std::deque<Waiting> waiting_;
};

} // namespace mcast::handoff
