// What a network must come to, as sentences about what is wrong; an empty one is good.
#pragma once

#include "oracle.h"
#include "world.h"

#include <set>
#include <string>

namespace mcast::sim {

// The first route that is not the oracle's.
std::string wrong_route(World& world);
// Whether the datagram came once to every host that wants its group and can be reached, and to
// nobody twice.
std::string wrong_delivery(World& world, std::uint64_t number);
// Whether exactly the links of the oracle's tree carried it, once each. `pruned`: the tree without
// the branches that nobody wants; else those on which somebody depends are allowed as well.
std::string wrong_links(World& world, std::uint64_t number, bool pruned = true);

} // namespace mcast::sim
