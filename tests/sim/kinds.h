// What routers a network is made of.
#pragma once

#include "engine_router.h"
#include "world.h"

namespace mcast::sim {

// Timers short enough that a test sees prunes and entries end.
EngineRouter::Setup short_lives();
// Routers that are the bare engines.
World::Maker engines(EngineRouter::Setup setup = short_lives());

} // namespace mcast::sim
