// One trial: what is offered, and what became of it at each egress port.
//
// Each class numbers its frames on its own. Multicast frame n goes to group n mod groups, and every
// egress port of the trial must get it; unicast frame n goes to port n mod egress alone. One
// thread.
#pragma once

#include "delays.h"
#include "plan.h"
#include "tag.h"

#include "mcast/wire/datagram.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace mcast::gen::rfc3918 {

// What a trial sends.
struct Mix {
    std::size_t frame_size = 64; // with FCS
    std::size_t egress = 1;      // ports 1 to this
    std::uint32_t groups = 1;
    double unicast_percent = 0; // of all frames

    auto operator<=>(Mix const&) const = default;
};

struct Load {
    Mix mix{};
    std::uint64_t rate = 1; // frames a second, both classes
    std::uint64_t frames = 1;
};

struct ClassCounts {
    std::uint64_t received = 0; // different ones
    std::uint64_t duplicated = 0;
};

// Of one group at one port.
struct GroupTimes {
    TimePoint first = TimePoint::max();
    TimePoint last = TimePoint::min();
    std::uint64_t frames = 0;

    bool came() const { return frames != 0; }
};

struct EgressCounts {
    ClassCounts multicast{};
    ClassCounts unicast{};
    Delays delays{}; // of multicast
    std::vector<GroupTimes> groups{};
    std::uint32_t groups_seen = 0;
    std::uint64_t stray = 0; // of this trial, and not for this port
};

class Trial {
public:
    Trial(Plan const& plan, Load const& load, std::uint16_t id, TimePoint start);

    // The sender's side: what goes next, and that it went.
    bool all_sent() const { return multicast_sent_ + unicast_sent_ == load_.frames; }
    TimePoint due() const;
    // How long sending takes at the rate.
    Duration planned() const;
    bool next_is_unicast() const;
    std::uint64_t next_number() const;
    void sent(TimePoint at);

    // The receivers' side. False when the frame is none of this trial.
    bool take(std::size_t egress, wire::Datagram const& read, TimePoint arrived);

    Load const& load() const { return load_; }
    std::uint16_t id() const { return id_; }
    TimePoint start() const { return start_; }
    TimePoint last_arrival() const { return last_arrival_; }
    std::vector<EgressCounts> const& egress() const { return egress_; }
    Delays const& spread() const { return spread_; }

    std::uint64_t multicast_sent() const { return multicast_sent_; }
    std::uint64_t unicast_sent() const { return unicast_sent_; }
    std::uint64_t multicast_lost() const; // copies
    std::uint64_t unicast_lost() const;
    std::uint64_t duplicated() const;
    std::uint64_t stray() const;
    // Groups of which each port of the trial got every frame.
    std::uint32_t whole_groups() const;
    // Frames a second as they went.
    double offered_rate() const;
    double seconds() const;

private:
    // From the first to the last copy of one frame.
    struct Copies {
        std::uint64_t number = ~std::uint64_t{0};
        std::size_t count = 0;
        TimePoint first{};
        TimePoint last{};
    };

    void take_multicast(std::size_t egress, Tag const& tag, TimePoint arrived);
    void spread(std::uint64_t number, TimePoint arrived);
    // Frames of the class among the first `frames`.
    std::uint64_t unicast_among(std::uint64_t frames) const;

    Load load_;
    std::uint16_t id_;
    TimePoint start_;
    TimePoint last_sent_{};
    TimePoint last_arrival_ = TimePoint::min();
    std::uint32_t first_group_;
    std::vector<Ipv4> hosts_;
    std::uint64_t multicast_sent_ = 0;
    std::uint64_t unicast_sent_ = 0;
    std::vector<EgressCounts> egress_;
    std::vector<std::vector<bool>> seen_; // multicast of each port
    std::vector<bool> unicast_seen_;
    std::vector<Copies> copies_; // ring of the last frames
    Delays spread_;
};

} // namespace mcast::gen::rfc3918
