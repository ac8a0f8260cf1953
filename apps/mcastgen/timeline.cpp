#include "timeline.h"

#include "frames.h"

#include <algorithm>

namespace mcast::gen {

Timeline::Timeline(Scenario const& scenario) : scenario_(scenario) {
    std::size_t item = 0;
    for (auto const& spoken : scenario.conversations) {
        add(item++, spoken.at, spoken.count, spoken.interval);
    }
    for (auto const& flow : scenario.flows) {
        add(item++, flow.start, flow.count, flow.interval);
    }
}

void Timeline::add(std::size_t item, Duration start, std::uint64_t count, Duration interval) {
    places_.push({start, item, 0});
    total_ += count;
    length_ = std::max(length_, start + interval * static_cast<std::int64_t>(count - 1));
}

std::optional<Event> Timeline::next() {
    if (places_.empty()) {
        return std::nullopt;
    }
    Place place = places_.top();
    places_.pop();

    Event event{place.at, 0, {}};
    std::uint64_t count = 0;
    Duration interval{};
    std::size_t const spoken = scenario_.conversations.size();
    if (place.item < spoken) {
        auto const& conversation = scenario_.conversations[place.item];
        event.port = conversation.port;
        event.frame = igmp_frame(conversation);
        count = conversation.count;
        interval = conversation.interval;
    } else {
        auto const& flow = scenario_.flows[place.item - spoken];
        event.port = flow.port;
        event.frame = flow_frame(flow, place.sequence, scenario_.start_time + place.at);
        count = flow.count;
        interval = flow.interval;
    }
    if (++place.sequence < count) {
        place.at += interval;
        places_.push(place);
    }
    return event;
}

} // namespace mcast::gen
