#include "trial.h"

#include "mcast/wire/udp.h"

#include <algorithm>
#include <cmath>

namespace mcast::gen::rfc3918 {
namespace {

// Copies of a frame that come further apart than this many frames have no spread.
constexpr std::size_t k_copies = 4096;

// Marks `number`; false when it was marked.
bool mark(std::vector<bool>& seen, std::uint64_t number) {
    if (seen[number]) {
        return false;
    }
    seen[number] = true;
    return true;
}

// That so many frames take.
Duration time_of(std::uint64_t frames, std::uint64_t rate) {
    return Duration{std::llround(static_cast<double>(frames) * 1e9 / static_cast<double>(rate))};
}

} // namespace

Trial::Trial(Plan const& plan, Load const& load, std::uint16_t id, TimePoint start)
    : load_(load), id_(id), start_(start), last_sent_(start), first_group_(plan.first_group.value),
      egress_(plan.egress.size()), seen_(plan.egress.size()), copies_(k_copies) {
    auto const unicast = unicast_among(load.frames);
    for (PortPlan const& port : plan.egress) {
        hosts_.push_back(port.address);
    }
    for (std::size_t port = 0; port < egress_.size(); ++port) {
        egress_[port].groups.resize(load.mix.groups);
        seen_[port].resize(load.frames - unicast);
    }
    unicast_seen_.resize(unicast);
}

std::uint64_t Trial::unicast_among(std::uint64_t frames) const {
    return static_cast<std::uint64_t>(
        std::floor(static_cast<double>(frames) * load_.mix.unicast_percent / 100));
}

TimePoint Trial::due() const {
    return start_ + time_of(multicast_sent_ + unicast_sent_, load_.rate);
}

Duration Trial::planned() const {
    return time_of(load_.frames, load_.rate);
}

bool Trial::next_is_unicast() const {
    return unicast_among(multicast_sent_ + unicast_sent_ + 1) > unicast_sent_;
}

std::uint64_t Trial::next_number() const {
    return next_is_unicast() ? unicast_sent_ : multicast_sent_;
}

void Trial::sent(TimePoint at) {
    ++(next_is_unicast() ? unicast_sent_ : multicast_sent_);
    last_sent_ = at;
}

bool Trial::take(std::size_t egress, wire::Datagram const& read, TimePoint arrived) {
    if (read.ip.protocol != wire::k_protocol_udp || read.payload.size() < wire::k_udp_size) {
        return false;
    }
    auto const tag = read_tag(read.payload.subspan(wire::k_udp_size));
    if (!tag || tag->trial != id_) {
        return tag.has_value(); // a late one of an earlier trial
    }
    std::uint64_t const sent = tag->unicast ? unicast_sent_ : multicast_sent_;
    Ipv4 const wanted =
        tag->unicast
            ? hosts_[egress]
            : Ipv4{first_group_ + static_cast<std::uint32_t>(tag->number % load_.mix.groups)};
    bool const here =
        egress < load_.mix.egress && (!tag->unicast || tag->number % load_.mix.egress == egress);
    if (tag->number >= sent || read.ip.destination != wanted || !here) {
        ++egress_[egress].stray;
        return true;
    }
    last_arrival_ = arrived;
    if (!tag->unicast) {
        take_multicast(egress, *tag, arrived);
    } else {
        auto& counts = egress_[egress].unicast;
        ++(mark(unicast_seen_, tag->number) ? counts.received : counts.duplicated);
    }
    return true;
}

void Trial::take_multicast(std::size_t egress, Tag const& tag, TimePoint arrived) {
    EgressCounts& counts = egress_[egress];
    if (!mark(seen_[egress], tag.number)) {
        ++counts.multicast.duplicated;
        return;
    }
    ++counts.multicast.received;
    counts.delays.add(arrived - start_ - tag.sent);
    GroupTimes& group = counts.groups[tag.number % load_.mix.groups];
    group.first = std::min(group.first, arrived);
    group.last = std::max(group.last, arrived);
    counts.groups_seen += group.frames == 0 ? 1 : 0;
    ++group.frames;
    spread(tag.number, arrived);
}

void Trial::spread(std::uint64_t number, TimePoint arrived) {
    Copies& copies = copies_[number % k_copies];
    if (copies.number != number) {
        copies = {.number = number, .count = 0, .first = arrived, .last = arrived};
    }
    copies.first = std::min(copies.first, arrived);
    copies.last = std::max(copies.last, arrived);
    if (++copies.count == load_.mix.egress) {
        spread_.add(copies.last - copies.first);
    }
}

std::uint64_t Trial::multicast_lost() const {
    std::uint64_t received = 0;
    for (EgressCounts const& port : egress_) {
        received += port.multicast.received;
    }
    return multicast_sent_ * load_.mix.egress - received;
}

std::uint64_t Trial::unicast_lost() const {
    std::uint64_t received = 0;
    for (EgressCounts const& port : egress_) {
        received += port.unicast.received;
    }
    return unicast_sent_ - received;
}

std::uint64_t Trial::duplicated() const {
    std::uint64_t all = 0;
    for (EgressCounts const& port : egress_) {
        all += port.multicast.duplicated + port.unicast.duplicated;
    }
    return all;
}

std::uint64_t Trial::stray() const {
    std::uint64_t all = 0;
    for (EgressCounts const& port : egress_) {
        all += port.stray;
    }
    return all;
}

std::uint32_t Trial::whole_groups() const {
    std::uint32_t whole = 0;
    for (std::uint32_t group = 0; group < load_.mix.groups; ++group) {
        // Group g has the frames g, g + groups, ...
        std::uint64_t const sent =
            multicast_sent_ > group ? (multicast_sent_ - group - 1) / load_.mix.groups + 1 : 0;
        bool all = sent != 0;
        for (std::size_t port = 0; port < load_.mix.egress; ++port) {
            all = all && egress_[port].groups[group].frames == sent;
        }
        whole += all ? 1 : 0;
    }
    return whole;
}

double Trial::seconds() const {
    // The last frame takes its share of the time too.
    auto const frames = static_cast<double>(multicast_sent_ + unicast_sent_);
    auto const between = std::chrono::duration<double>(last_sent_ - start_).count();
    return frames < 2 ? 1 / static_cast<double>(load_.rate) : between * frames / (frames - 1);
}

double Trial::offered_rate() const {
    return static_cast<double>(multicast_sent_ + unicast_sent_) / seconds();
}

} // namespace mcast::gen::rfc3918
