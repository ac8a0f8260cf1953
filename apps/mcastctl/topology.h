// The router with its links, neighbours and streams, as one picture.
#pragma once

#include "mcast/api/messages.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace mcast::ctl {

using api::Json;

// More streams than a picture can bear are counted, not drawn.
inline constexpr std::size_t k_streams_drawn = 48;

// {"router", "interfaces": [{..., "neighbors": [...]}], "streams": [...]}, made of the answers to
// `show interfaces`, `show dvmrp neighbors` and `show entries`.
Json topology(std::string_view router, Json const& interfaces, Json const& neighbors,
              Json const& entries);

// Of what topology() made. For Graphviz, and as a drawing that any browser shows.
std::string topology_dot(Json const& topology);
std::string topology_svg(Json const& topology);

// A text without quotes, anything else as JSON writes it.
std::string text_of(Json const& value);

} // namespace mcast::ctl
