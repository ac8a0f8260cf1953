#include "discovery.h"

#include <algorithm>

namespace mcast::igmp {

namespace {

// RFC 4286 section 3.1: constants of the protocol, not for configuration.
constexpr std::uint8_t k_initial = 3;
constexpr Duration k_initial_gap = std::chrono::seconds{2};
constexpr Duration k_answer_within = std::chrono::seconds{2};
constexpr int k_jitter = 40; // a fortieth of the interval, either way

} // namespace

void Discovery::begin(Duration interval, TimePoint now) {
    interval_ = interval;
    if (!active()) {
        initial_left_ = k_initial;
        next_ = now + gap();
    }
}

void Discovery::end() {
    next_.reset();
    answer_.reset();
}

// Of the first few below two seconds, then about the interval, so that routers that started
// together do not go on together.
Duration Discovery::gap() {
    if (initial_left_ > 0) {
        return random_.delay_up_to(k_initial_gap);
    }
    Duration const jitter = interval_ / k_jitter;
    return interval_ - jitter + random_.delay_up_to(2 * jitter);
}

void Discovery::solicited(TimePoint now) {
    if (active() && !answer_) {
        answer_ = now + random_.delay_up_to(k_answer_within);
    }
}

bool Discovery::due(TimePoint now) {
    auto const first = next_due();
    if (!first || *first > now) {
        return false;
    }
    answer_.reset(); // whatever made it due, everybody hears it
    if (*next_ <= now) {
        initial_left_ = initial_left_ > 0 ? static_cast<std::uint8_t>(initial_left_ - 1) : 0;
        next_ = now + gap();
    }
    return true;
}

std::optional<TimePoint> Discovery::next_due() const {
    return answer_ && next_ ? std::min(*answer_, *next_) : next_;
}

} // namespace mcast::igmp
