#include "mcast/timer/handle.h"

#include "mcast/timer/wheel.h"

#include <utility>

namespace mcast::timer {

Handle::Handle() = default;

Handle::Handle(std::unique_ptr<Node> node) : node_(std::move(node)) {}

Handle::Handle(Handle&& other) noexcept = default;

Handle::~Handle() {
    if (node_ && node_->wheel != nullptr) {
        node_->wheel->forget(*node_);
    }
}

Handle& Handle::operator=(Handle&& other) noexcept {
    Handle taken(std::move(other));
    std::swap(node_, taken.node_);
    return *this;
}

bool Handle::armed() const {
    return node_ && node_->armed;
}

std::optional<TimePoint> Handle::due() const {
    return armed() ? std::optional{node_->due} : std::nullopt;
}

void Handle::cancel() {
    if (armed()) {
        node_->wheel->cancel(*node_);
    }
}

bool Handle::rearm(TimePoint due) {
    if (!node_ || node_->wheel == nullptr) {
        return false;
    }
    node_->wheel->rearm(*node_, due);
    return true;
}

} // namespace mcast::timer
