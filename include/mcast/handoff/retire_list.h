// Objects that were made unreachable and wait for their grace period. Control thread only.
//
// retire() starts one grace period an object; reclaim() hands every object whose period has passed
// to `f`, oldest first, and stops at the first that has not: tokens pass in order.
//
// Whoever retires something has already hidden it, and a worker may still hold it: there is no way
// back. So retire() needs no memory; its place comes from make_room(), called before anything is
// hidden. std::bad_alloc from `f`: the object stays, as the next one.
#pragma once

#include "mcast/handoff/grace_period.h"

#include <cassert>
#include <cstddef>
#include <list>
#include <utility>

namespace mcast::handoff {

template <class T>
class RetireList {
public:
    explicit RetireList(GracePeriod& grace) : grace_(grace) {}

    // From now on `objects` retirements are sure to succeed. std::bad_alloc: nothing has changed.
    void make_room(std::size_t objects) {
        while (room_.size() < objects) {
            room_.emplace_back();
        }
    }
    // Precondition: there is room.
    void retire(T object) noexcept {
        assert(!room_.empty());
        room_.front() = {grace_.start(), std::move(object)};
        waiting_.splice(waiting_.end(), room_, room_.begin());
    }

    // Bounded work: at most `limit` objects a call. Returns how many were handed to f.
    template <class F>
    std::size_t reclaim(std::size_t limit, F&& f) {
        std::size_t done = 0;
        while (done < limit && !waiting_.empty() && grace_.passed(waiting_.front().token)) {
            f(waiting_.front().object);
            waiting_.pop_front();
            ++done;
        }
        return done;
    }

    std::size_t size() const { return waiting_.size(); }
    bool empty() const { return waiting_.empty(); }

private:
    struct Waiting {
        GraceToken token{};
        T object{};
    };
    GracePeriod& grace_;
    std::list<Waiting> waiting_;
    std::list<Waiting> room_;
};

} // namespace mcast::handoff
