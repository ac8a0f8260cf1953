#include "mcast/wire/dvmrp.h"

#include <array>

namespace mcast::wire::dvmrp {

namespace {

constexpr std::array<std::string_view, k_errors> k_names{
    "too_short",       "not_dvmrp",    "bad_checksum", "old_version", "obsolete_code",
    "vendor_code",     "unknown_code", "bad_length",   "bad_mask",    "bad_route",
    "unclosed_routes", "bad_source",   "bad_group",    "bad_lifetime"};

constexpr std::array<std::string_view, std::variant_size_v<Body>> k_bodies{
    "probe", "report", "neighbors question",   "neighbors answer",
    "prune", "graft",  "graft acknowledgement"};

} // namespace

std::string_view name_of(Error error) {
    auto const at = static_cast<std::size_t>(error);
    return at < k_names.size() ? k_names[at] : "unknown";
}

std::string_view name_of(Body const& body) {
    return k_bodies[body.index()];
}

} // namespace mcast::wire::dvmrp
