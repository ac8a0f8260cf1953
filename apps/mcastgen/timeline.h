// A scenario as frames in the order of time: the same scenario gives the same bytes. Holds one
// place a flow and conversation, never the frames. One thread.
#pragma once

#include "scenario.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <queue>
#include <string>
#include <vector>

namespace mcast::gen {

struct Event {
    Duration at{};        // after the scenario's first moment
    std::size_t port = 0; // index into Scenario::ports
    std::vector<std::uint8_t> frame;
};

class Timeline {
public:
    // `scenario` must outlive this. The time that stamps carry is the scenario's own.
    explicit Timeline(Scenario const& scenario);

    // The next frame, or nullopt at the end. At the same moment IGMP goes before data, and then the
    // order of the file decides.
    std::optional<Event> next();

    std::uint64_t total() const { return total_; }
    // The moment of the last frame.
    Duration length() const { return length_; }

private:
    struct Place {
        Duration at{};
        std::size_t item = 0; // conversations first, then flows
        std::uint64_t sequence = 0;

        bool operator>(Place const& other) const {
            return at != other.at ? at > other.at : item > other.item;
        }
    };

    void add(std::size_t item, Duration start, std::uint64_t count, Duration interval);

    Scenario const& scenario_;
    std::priority_queue<Place, std::vector<Place>, std::greater<>> places_;
    std::uint64_t total_ = 0;
    Duration length_{};
};

} // namespace mcast::gen
