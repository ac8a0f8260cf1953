// Multicast router discovery, the router's side of RFC 4286 on one link: when to say that there is
// a router here. A snooping switch finds routers by their queries; one that asks nobody, since
// another is the querier or since it is passive, is found by this.
//
// Sends nothing and knows no clock; due() says whether an advertisement goes out now.
#pragma once

#include "mcast/base/random.h"
#include "mcast/base/time.h"

#include <cstdint>
#include <optional>

namespace mcast::igmp {

class Discovery {
public:
    explicit Discovery(std::uint64_t seed) : random_(seed) {}

    // Begins, unless it has begun: the first advertisements come close together (section 3.3).
    void begin(Duration interval, TimePoint now);
    void end();
    bool active() const { return next_.has_value(); }

    // A switch asks; it is answered a moment later, as are all that ask until then.
    void solicited(TimePoint now);
    // Whether to advertise now. Until then nothing is sent.
    bool due(TimePoint now);
    // The next advertisement, an answer included.
    std::optional<TimePoint> next_due() const;

private:
    Duration gap();

    Random random_;
    Duration interval_{};
    std::uint8_t initial_left_ = 0;
    std::optional<TimePoint> next_{};
    std::optional<TimePoint> answer_{};
};

} // namespace mcast::igmp
