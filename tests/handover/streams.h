// The streams of a run, and who wants them where. Plain values; any thread.
//
//   sources --> [wan]        [east] --> hosts; changes hands
//     changes hands    router
//               [back]        [west] --> hosts; IGMP alone, throughout
//         the other owner's
#pragma once

#include "mcast/base/flow.h"
#include "mcast/base/ids.h"

#include <cstddef>
#include <cstdint>

namespace mcast::handover {

inline constexpr IfIndex k_wan{0};
inline constexpr IfIndex k_east{1};
inline constexpr IfIndex k_west{2};
inline constexpr IfIndex k_back{3};
inline constexpr std::size_t k_interfaces = 4; // each on the port of the same number

// Both owners: IGMP alone, and the routing component while it has the interface beside IGMP.
enum class Kind : std::uint8_t {
    both,   // wanted on east whoever owns it
    routed, // on east only while the component has it: hosts want it on west alone
    vetoed, // on east only while IGMP is alone there: the component refuses it
    moved,  // from wan only while IGMP is alone there: the component expects it on back
};

// Numbered from 1. Every tenth is of one owner only.
class Streams {
public:
    explicit Streams(std::size_t count) : count_(count) {}

    std::size_t count() const { return count_; }

    static Kind kind(std::uint32_t flow) {
        if (flow % 10 != 0) {
            return Kind::both;
        }
        constexpr Kind k_kinds[] = {Kind::routed, Kind::vetoed, Kind::moved};
        return k_kinds[flow / 10 % 3];
    }
    static FlowKey key(std::uint32_t flow) {
        return {Ipv4{Ipv4::of(10, 0, 1, 0).value + flow % 250},
                Ipv4{Ipv4::of(239, 64, 0, 0).value + flow}};
    }
    // The other way, for what the component is asked about.
    static std::uint32_t flow(Ipv4 group) { return group.value - Ipv4::of(239, 64, 0, 0).value; }

    // What hosts join.
    static bool joined(std::uint32_t flow, IfIndex interface) {
        return interface == k_west || kind(flow) != Kind::routed;
    }
    // What the component wants on east while it has it: some of what IGMP wants too.
    static bool wanted_by_component(std::uint32_t flow) {
        return kind(flow) == Kind::routed || (kind(flow) == Kind::both && flow % 3 == 1);
    }

private:
    std::size_t count_;
};

} // namespace mcast::handover
