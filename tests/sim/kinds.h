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

enum class Kind : std::uint8_t { engine, appliance };
inline World::Maker routers_of(Kind kind) {
    return kind == Kind::engine ? engines() : appliances();
}

} // namespace mcast::sim
