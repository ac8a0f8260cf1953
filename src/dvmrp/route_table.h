// Routes toward sources: found by prefix, by longest match, and in the order of reports (by mask,
// then by network: DEC-8). Knows nothing of protocol.
#pragma once

#include "neighbor.h"

#include "mcast/base/ids.h"
#include "mcast/base/ipv4.h"
#include "mcast/base/time.h"
#include "mcast/timer/handle.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

namespace mcast::dvmrp {

using wire::dvmrp::k_infinity;

// A router that said it depends on us for a route.
struct Dependent {
    Ipv4 neighbor{};
    std::uint8_t metric = 0; // its own, as it said it
    Span adjacency = 0;
    TimePoint expires{};
};

// Another router that offers a route on a link, the best of those: metric as it said it (DEC-17).
struct Rival {
    Ipv4 neighbor{};
    Span adjacency = 0;
    std::uint8_t metric = 0;
};

// A router that said, while it was taken for a dependent, that it is none.
struct Denial {
    Ipv4 neighbor{};
    Span adjacency = 0;
};

// What was said of a route on one interface that is not its upstream one.
struct Leg {
    IfIndex interface{};
    std::optional<Rival> rival{};
    std::vector<Dependent> dependents{};
    std::vector<Denial> denials{}; // only where neighbours are taken for dependents

    bool empty() const { return !rival && dependents.empty() && denials.empty(); }
};

// Section 3.4.8. A candidate that is learned meanwhile stands in the route itself.
struct HoldDown {
    TimePoint until{};
    IfIndex interface = k_no_interface; // where the route was learned
    Ipv4 neighbor{};
    std::uint8_t metric = 0;
};

struct Route {
    Ipv4Prefix prefix{};
    bool connected = false;             // ours: our own subnet, an external route, an aggregate
    bool external = false;              // the second
    bool aggregate = false;             // the third: told, but no way for packets
    bool no_transit = false;            // came in by such an interface
    std::uint8_t metric = k_infinity;   // our own, the interface's cost included; 32: no upstream
    IfIndex interface = k_no_interface; // upstream
    Ipv4 neighbor{};                    // upstream; 0.0.0.0: connected
    Span adjacency = 0;
    TimePoint expires{}; // unless connected
    std::optional<HoldDown> held{};
    std::vector<Leg> legs{};
    std::uint64_t changed = 0;           // number of its last change that concerned every interface
    TimePoint assumed_from{};            // that neighbours that say nothing depend on it
    bool assumed = false;                // and that has not ended yet
    std::optional<Ipv4Prefix> part_of{}; // an aggregate
    std::uint8_t counted = k_infinity;   // the metric that it counts with there
    bool folded = false;                 // told as the aggregate, not by itself
    std::uint64_t heard_in = 0;          // number of the report that spoke of it last
    timer::Handle timer{};

    Leg* find(IfIndex at);
    Leg const* find(IfIndex at) const;
    Leg& leg(IfIndex at);
    void forget(IfIndex at); // what was said there
    void tidy();             // legs that say nothing
};

class RouteTable {
public:
    // Room for so many; beyond it a new route may take as long as all those before it.
    explicit RouteTable(std::size_t room = 0) { by_prefix_.reserve(room); }

    Route* find(Ipv4Prefix prefix);
    Route const* find(Ipv4Prefix prefix) const;
    // Precondition: there is none, and the prefix has no host bits.
    Route& create(Ipv4Prefix prefix);
    void erase(Ipv4Prefix prefix);

    // The longest prefix that contains the address and of which `usable(Route const&)` is true.
    template <class F>
    Route const* longest(Ipv4 address, F usable) const {
        for (std::size_t length = 33; length-- > 0;) {
            if (of_length_[length] == 0) {
                continue;
            }
            Ipv4Prefix const prefix{address, static_cast<std::uint8_t>(length)};
            Route const* const route = find({prefix.network(), prefix.length});
            if (route != nullptr && usable(*route)) {
                return route;
            }
        }
        return nullptr;
    }

    // The first, or the first behind `after`, whether that is still there or not.
    Route* next(std::optional<Ipv4Prefix> after);
    Route const* next(std::optional<Ipv4Prefix> after) const;
    std::size_t size() const { return by_prefix_.size(); }

private:
    // Length above network: the order of reports.
    static constexpr std::uint64_t key_of(Ipv4Prefix prefix) {
        return std::uint64_t{prefix.length} << 32 | prefix.address.value;
    }
    struct Mix {
        std::size_t operator()(std::uint64_t key) const noexcept {
            return static_cast<std::size_t>((key * 0x9e3779b97f4a7c15ULL) >> 20);
        }
    };

    std::map<std::uint64_t, Route> ordered_;
    std::unordered_map<std::uint64_t, Route*, Mix> by_prefix_;
    std::array<std::size_t, 33> of_length_{};
};

} // namespace mcast::dvmrp
