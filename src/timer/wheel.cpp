#include "mcast/timer/wheel.h"

#include <memory>
#include <utility>

namespace mcast::timer {

Wheel::~Wheel() {
    auto const abandon = [](Node* node) {
        node->armed = false;
        node->wheel = nullptr;
    };
    armed_.clear_and_dispose(abandon);
    idle_.clear_and_dispose(abandon);
}

Handle Wheel::arm(TimePoint due, Key key) {
    auto node = std::make_unique<Node>();
    node->key = key;
    node->wheel = this;
    idle_.push_back(*node);
    rearm(*node, due);
    return Handle(std::move(node));
}

std::optional<TimePoint> Wheel::next_due() const {
    return armed_.empty() ? std::nullopt : std::optional{armed_.begin()->due};
}

Key Wheel::pop_first() {
    Node& first = *armed_.begin();
    cancel(first);
    return first.key;
}

void Wheel::rearm(Node& node, TimePoint due) {
    // insert() places equals last, which keeps ties in the order of arming.
    if (node.armed) {
        armed_.erase(armed_.iterator_to(node));
    } else {
        idle_.erase(idle_.iterator_to(node));
    }
    node.due = due;
    node.armed = true;
    armed_.insert(node);
}

void Wheel::cancel(Node& node) {
    armed_.erase(armed_.iterator_to(node));
    node.armed = false;
    idle_.push_back(node);
}

void Wheel::forget(Node& node) {
    if (node.armed) {
        armed_.erase(armed_.iterator_to(node));
    } else {
        idle_.erase(idle_.iterator_to(node));
    }
    node.wheel = nullptr;
}

} // namespace mcast::timer
