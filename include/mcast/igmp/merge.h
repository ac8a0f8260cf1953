// The membership database of a proxy: what all of its downstream links want, as one wish. RFC 4605
// section 4.1, with the merging rules of RFC 9776 section 3.2. Pure.
#pragma once

#include "mcast/igmp/engine.h"

#include <span>

namespace mcast::igmp {

// Any source is wanted when one of them wants any source: all but those that each of these
// excludes and nobody includes. Otherwise the union of what they include.
Wish merge(std::span<Wish const> wishes);

} // namespace mcast::igmp
