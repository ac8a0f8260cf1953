// What stands below the tables of ports and workers: what a port lacks, rings, warnings.
#include "views.h"

#include "list_view.h"

#include <array>

namespace mcast::ctl {

namespace {

constexpr std::array<Column, 2> k_fallbacks{{
    {"PORT", "port"},
    {"FALLBACK", "fallback"},
}};

constexpr std::array<Column, 6> k_rings{{
    {"WORKER", "worker"},
    {"PORT", "port"},
    {"RING", "ring"},
    {"QUEUE", "queue"},
    {"USED", "used"},
    {"SIZE", "size"},
}};

// Rings of one kind, as rows; `size` is what the daemon calls a place in them.
void add_rings(Json& rows, Json const& worker, std::string_view list, std::string_view ring,
               std::string_view size) {
    for (Json const& each : member(worker, list)) {
        Json const& used = member(each, "used");
        rows.push_back({{"worker", member(worker, "worker")},
                        {"port", member(each, "port")},
                        {"ring", ring},
                        {"queue", member(each, "queue")},
                        {"used", used.is_null() ? Json("unknown") : used},
                        {"size", member(each, size)}});
    }
}

} // namespace

std::string view_fallbacks(Json const& ports, bool colour) {
    Json rows = Json::array();
    for (Json const& port : ports) {
        for (Json const& fallback : member(port, "fallbacks")) {
            rows.push_back({{"port", member(port, "name")}, {"fallback", fallback}});
        }
    }
    return rows.empty()
               ? std::string{}
               : heading("Fallbacks", colour) + list_view(rows, k_fallbacks, "fallbacks", colour);
}

std::string view_rings(Json const& workers, bool colour) {
    Json rows = Json::array();
    std::string warnings;
    for (Json const& worker : workers) {
        add_rings(rows, worker, "receive_rings", "receive", "descriptors");
        add_rings(rows, worker, "transmit_rings", "transmit", "descriptors");
        add_rings(rows, worker, "relays", "relay", "slots");
        for (Json const& sentence : member(worker, "warnings")) {
            warnings += cell(sentence, Kind::plain).text + '\n';
        }
    }
    std::string page;
    if (!rows.empty()) {
        page += heading("Rings", colour) + list_view(rows, k_rings, "rings", colour);
    }
    if (!warnings.empty()) {
        page += heading("Warnings", colour) + warnings;
    }
    return page;
}

} // namespace mcast::ctl
