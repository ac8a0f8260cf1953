// What routers a network is made of.
#pragma once

#include "engine_router.h"
#include "world.h"

namespace mcast::sim {

// Timers short enough that a test sees prunes and entries end.
EngineRouter::Setup short_lives();
// Routers that are the bare engines.
World::Maker engines(EngineRouter::Setup setup = short_lives());

// Routers with the whole control core: DVMRP sits at the group manager's table.
World::Maker appliances();

// Of line(3): the outer two are appliances with a tunnel between them, and the one in the middle
// knows no multicast. Interface 2 of the appliances is the tunnel.
World::Maker tunnel_ends(bool control_beside);

enum class Kind : std::uint8_t { engine, appliance };
inline World::Maker routers_of(Kind kind) {
    return kind == Kind::engine ? engines() : appliances();
}

} // namespace mcast::sim
