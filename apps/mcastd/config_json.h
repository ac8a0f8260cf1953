// The running configuration as JSON, made from its own text: one grammar, one printer.
#pragma once

#include "mcast/api/messages.h"

#include <string>

namespace mcastd {

// null when the text is not TOML.
mcast::api::Json json_of_toml(std::string const& text);

} // namespace mcastd
