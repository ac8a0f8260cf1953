// Hands events to the observer, if there is one. Control thread.
#pragma once

#include "mcast/mgm/observer.h"

namespace mcast::mgm {

class Reporter {
public:
    // `now`: the manager's time.
    explicit Reporter(TimePoint const& now) : now_(now) {}

    void set(Observer* observer) { observer_ = observer; }
    bool watched() const { return observer_ != nullptr; }
    void report(Event event) const {
        if (observer_ != nullptr) {
            event.at = now_;
            observer_->on_event(event);
        }
    }

private:
    TimePoint const& now_;
    Observer* observer_ = nullptr;
};

} // namespace mcast::mgm
