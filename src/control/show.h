// Answers for people: `show ...` and `explain ...` as JSON. Reads only.
#pragma once

#include "core.h"

#include "mcast/api/messages.h"

#include <chrono>

namespace mcast::control {

api::Reply answer(Core const& core, api::Request const& request, TimePoint now);

// One function per subject of `show`; the shapes are written in include/mcast/api/shapes.md.
api::Json show_status(Core const& core, TimePoint now);
api::Json show_config(Core const& core, TimePoint now);
api::Json show_ports(Core const& core, TimePoint now);
api::Json show_interfaces(Core const& core, TimePoint now);
api::Json show_groups(Core const& core, TimePoint now);
api::Json show_owners(Core const& core, TimePoint now);
api::Json show_alerts(Core const& core, TimePoint now);
api::Json show_drops(Core const& core, TimePoint now);
api::Json show_workers(Core const& core, TimePoint now);
api::Json show_proxy(Core const& core, TimePoint now);

// As in `show owners`; of an interface that nobody has taken, too.
mgm::OwnershipView ownership_of(Core const& core, IfIndex interface);
api::Json owner_json(Core const& core, mgm::OwnershipView const& view, TimePoint now);
api::Json entry_json(Core const& core, mgm::ForwardingEntry const& entry);
// Why these outputs: as in `show entries`.
api::Json why_json(Core const& core, mgm::Explanation const& flow);
api::Json accounting_json(Core const& core);
api::Json mbuf_balance_json(Core const& core);
api::Json protocols_json(InterfaceConfig const& interface);

inline double seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

// "static", "igmp": what people configure, without the instance.
std::string protocol_name(mgm::ComponentId component);

} // namespace mcast::control
