// `show dvmrp ...` as tables.
#include "views.h"

#include "list_view.h"

#include <array>
#include <span>

namespace mcast::ctl {

namespace {

constexpr std::array<Column, 12> k_interfaces{{
    {"INTERFACE", "interface"},
    {"DOMAIN", "domain"},
    {"ADDRESS", "address"},
    {"TUNNEL-TO", "tunnel_to"},
    {"STATE", "state", Kind::state},
    {"METRIC", "metric"},
    {"THRESHOLD", "threshold"},
    {"LEAF", "leaf"},
    {"NEIGHBORS", "neighbors"},
    {"TWO-WAY", "two_way"},
    {"RECEIVED", "received"},
    {"SENT", "messages_sent"},
}};

constexpr std::array<Column, 8> k_neighbors{{
    {"NEIGHBOR", "neighbor"},
    {"INTERFACE", "interface"},
    {"STATE", "state"},
    {"VERSION", "version"},
    {"FLAGS", "capabilities"},
    {"GENERATION", "generation"},
    {"UPTIME", "uptime_seconds", Kind::seconds},
    {"EXPIRES", "expires_seconds", Kind::seconds},
}};

constexpr std::array<Column, 8> k_routes{{
    {"PREFIX", "prefix"},
    {"METRIC", "metric"},
    {"REACHABLE", "reachable"},
    {"INTERFACE", "interface"},
    {"NEIGHBOR", "neighbor"},
    {"EXPIRES", "expires_seconds", Kind::seconds},
    {"HELD-DOWN", "hold_down_seconds", Kind::seconds},
    {"DEPENDENTS", "dependents", Kind::list},
}};

constexpr std::array<Column, 9> k_prunes{{
    {"PREFIX", "prefix"},
    {"GROUP", "group"},
    {"HOST", "host"},
    {"DIRECTION", "direction"},
    {"INTERFACE", "interface"},
    {"NEIGHBOR", "neighbor"},
    {"LIFETIME", "lifetime_seconds", Kind::seconds},
    {"EXPIRES", "expires_seconds", Kind::seconds},
    {"REPEATS", "repeats_seconds", Kind::seconds},
}};

constexpr std::array<Column, 8> k_grafts{{
    {"PREFIX", "prefix"},
    {"GROUP", "group"},
    {"SOURCE", "source"},
    {"INTERFACE", "interface"},
    {"NEIGHBOR", "neighbor"},
    {"SENT", "sent"},
    {"WAITING", "waiting_seconds", Kind::seconds},
    {"REPEATS", "repeats_seconds", Kind::seconds},
}};

constexpr std::array<Column, 4> k_statistics{{
    {"INTERFACE", "interface"},
    {"CLASS", "class"},
    {"COUNTER", "counter"},
    {"COUNT", "count"},
}};

struct Listing {
    std::string_view page;
    std::span<Column const> columns;
    std::string_view things;
};

constexpr std::array<Listing, 6> k_listings{{
    {"interfaces", k_interfaces, "interfaces with DVMRP"},
    {"neighbors", k_neighbors, "neighbours"},
    {"routes", k_routes, "routes"},
    {"prunes", k_prunes, "prunes"},
    {"grafts", k_grafts, "grafts without an answer"},
    {"statistics", k_statistics, "counters"},
}};

// People look for what has happened.
Json without_zeros(Json const& rows) {
    Json some = Json::array();
    for (Json const& row : rows) {
        if (member(row, "count") != 0) {
            some.push_back(row);
        }
    }
    return some;
}

} // namespace

std::string view_dvmrp(std::string_view page, Json const& data, bool colour) {
    for (Listing const& listing : k_listings) {
        if (listing.page == page) {
            return list_view(page == "statistics" ? without_zeros(data) : data, listing.columns,
                             listing.things, colour);
        }
    }
    return data.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

} // namespace mcast::ctl
