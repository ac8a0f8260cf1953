// The owner of one timer of a Wheel. Move-only; its destructor cancels. One thread: the wheel's.
//
// A handle is empty (default-made or moved from), armed, or idle (expired or cancelled: can be
// re-armed). A wheel that is destroyed first leaves its handles empty, so either order is safe.
#pragma once

#include "mcast/base/time.h"

#include <boost/intrusive/list_hook.hpp>
#include <boost/intrusive/set_hook.hpp>

#include <cstdint>
#include <memory>
#include <optional>

namespace mcast::timer {

// What expiry gives back; its meaning belongs to whoever armed the timer.
using Key = std::uint64_t;

class Wheel;

class Handle {
public:
    Handle();
    ~Handle();
    Handle(Handle&& other) noexcept;
    // Cancels what this handle held before.
    Handle& operator=(Handle&& other) noexcept;

    bool armed() const;
    // nullopt unless armed.
    std::optional<TimePoint> due() const;
    // Idle afterwards; nothing happens when it was not armed.
    void cancel();
    // Moves the due time of an armed timer, arms an idle one again, with the same key. Among timers
    // due at the same time it is now the last. False when the handle is empty.
    bool rearm(TimePoint due);

private:
    friend class Wheel;

    struct Node : boost::intrusive::set_base_hook<>, boost::intrusive::list_base_hook<> {
        TimePoint due{};
        Key key{};
        bool armed = false;
        Wheel* wheel = nullptr; // nullptr once the wheel is gone
    };
    explicit Handle(std::unique_ptr<Node> node);

    std::unique_ptr<Node> node_;
};

} // namespace mcast::timer
