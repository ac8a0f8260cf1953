// A host: wants groups, answers the querier of its link, sends datagrams, and counts what it gets.
#pragma once

#include "frames.h"

#include "mcast/base/time.h"
#include "mcast/igmp/host.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace mcast::sim {

class Host {
public:
    Host(Ipv4Prefix address, std::uint8_t igmp_version, std::uint64_t seed);

    Ipv4 address() const { return address_.address; }
    void join(Ipv4 group, TimePoint now);
    void join(FlowKey channel, TimePoint now);
    void leave(Ipv4 group, TimePoint now);
    bool wants(Ipv4 group) const { return groups_.contains(group); }
    void send(Ipv4 group, std::uint64_t number, std::uint8_t ttl);

    void hear(Packet const& packet, TimePoint now);
    void settle(TimePoint now);
    std::optional<TimePoint> next_due() const { return igmp_.next_due(); }
    std::vector<Leaving> sent() { return std::exchange(out_, {}); }

    // How often each datagram of a group that it wanted came.
    std::map<std::uint64_t, unsigned> const& got() const { return got_; }
    void forget() { got_.clear(); }

private:
    void take(igmp::HostOutput& output);

    Ipv4Prefix address_;
    igmp::Host igmp_;
    std::set<Ipv4> groups_;
    std::vector<Leaving> out_;
    std::map<std::uint64_t, unsigned> got_;
};

} // namespace mcast::sim
