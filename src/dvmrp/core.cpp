#include "core.h"

#include "keys.h"

#include <algorithm>
#include <utility>

namespace mcast::dvmrp {

namespace {

using namespace wire::dvmrp;

// The asker may be behind other routers (DEC-1).
constexpr std::uint8_t k_answer_ttl = 64;

Counter counter_of(NeighborState state) {
    return state == NeighborState::ignored ? &Counters::ignored_neighbor
                                           : &Counters::one_way_neighbor;
}

} // namespace

Core::Core(Config const& with, Seeds seeds)
    : config(with), random(seeds.random), next_generation(seeds.generation),
      routing(config, wheel, spans, interfaces),
      trees(config, wheel, spans, interfaces, routing, random),
      tracer(config, spans, interfaces, routing, trees) {}

Interface* Core::find(IfIndex interface) {
    auto const at = interfaces.find(interface);
    return at != interfaces.end() ? &at->second : nullptr;
}

void Core::start(Interface& interface, TimePoint now, Output& out) {
    if (interface.enabled()) {
        interface.start(now, out);
        routing.connect(interface, now, out);
    }
    trees.neighbors_changed(now); // members alone are a reason, too
    carry_on(now);
}

void Core::stop(Interface& interface, TimePoint now, Output& out) {
    routing.disconnect(interface, now, out);
    interface.stop(news_, out);
    trees.neighbors_changed(now);
    carry_on(now);
}

std::size_t Core::forget(Interface& interface, Learned what, TimePoint now, Output& out) {
    std::size_t const concerned = interface.forget(what, now, news_, out);
    carry_on(now);
    return concerned;
}

bool Core::is_own(Ipv4 address) const {
    return std::ranges::any_of(interfaces, [&](auto const& it) {
        return !address.is_unspecified() && it.second.address() == address;
    });
}

void Core::receive(Received const& received, TimePoint now, Output& out) {
    Interface* const interface = find(received.interface);
    if (interface == nullptr) {
        ++not_enabled;
        return;
    }
    Counters& counters = interface->counters();
    ++counters.received;
    auto const message = accept(received, {.config = interface->config(),
                                           .link = interface->link(),
                                           .enabled = interface->enabled(),
                                           .own_source = is_own(received.source)});
    if (!message) {
        ++(counters.*message.error());
        return;
    }
    if (received.destination == k_all_routers && received.ttl != 1) {
        ++counters.ttl_unexpected;
    }
    hear(*interface, *message, received, now, out);
    carry_on(now);
}

void Core::trace(Received const& received, std::uint32_t arrival, TimePoint now, Output& out) {
    Interface* const interface = find(received.interface);
    if (interface == nullptr) {
        ++not_enabled;
        return;
    }
    ++interface->counters().received;
    if (is_own(received.source)) {
        ++interface->counters().own;
        return;
    }
    tracer.hear(*interface, received, arrival, now, out);
}

void Core::hear(Interface& interface, Message const& message, Received const& received,
                TimePoint now, Output& out) {
    Counters& counters = interface.counters();
    Ipv4 const source = received.source;
    if (auto const* probe = std::get_if<Probe>(&message.body)) {
        if (!interface.admit_probe(source, now)) {
            ++counters.limit_probes;
            interface.note_limit(LimitReached::Which::rate, now, out);
            return;
        }
        ++counters.probes;
        interface.hear(message, *probe, source, now, news_, out);
        return;
    }
    if (std::holds_alternative<AskNeighbors2>(message.body)) {
        answer_neighbors(interface, received, now, out);
        return;
    }
    if (std::holds_alternative<Neighbors2>(message.body)) {
        ++counters.unasked;
        return;
    }
    bool const is_report = std::holds_alternative<Report>(message.body);
    if (is_report && !needs_handshake(message.version)) {
        interface.hear_old_report(message, source, now, news_, out);
    }
    Neighbor* const neighbor = admit(interface, source, now, out);
    if (neighbor == nullptr) {
        return;
    }
    if (is_report) {
        ++counters.reports;
        interface.refresh(*neighbor, now);
        bool const fits =
            routing.hear(interface, *neighbor, std::get<Report>(message.body), now, out);
        if (!fits && interface.config().ignore_excess) {
            interface.bar(*neighbor, now, news_, out);
        }
    } else if (auto const* prune = std::get_if<Prune>(&message.body)) {
        trees.hear(interface, *neighbor, *prune, now, out);
    } else if (auto const* graft = std::get_if<Graft>(&message.body)) {
        trees.hear(interface, *neighbor, *graft, now, out);
    } else if (auto const* ack = std::get_if<GraftAck>(&message.body)) {
        trees.hear(interface, *neighbor, *ack);
    }
}

// V11 and V12.
Neighbor* Core::admit(Interface& interface, Ipv4 source, TimePoint now, Output& out) {
    Counters& counters = interface.counters();
    Neighbor* const neighbor = interface.find(source);
    if (neighbor == nullptr) {
        ++counters.unknown_neighbor;
        return nullptr;
    }
    if (!neighbor->two_way()) {
        ++(counters.*counter_of(neighbor->state));
        return nullptr;
    }
    if (!Interface::admit(*neighbor, now)) {
        ++counters.limit_rate;
        interface.note_limit(LimitReached::Which::rate, now, out);
        return nullptr;
    }
    return neighbor;
}

// S18. Who asks all routers at once gets no answer of any: it would be many for one.
void Core::answer_neighbors(Interface& interface, Received const& question, TimePoint now,
                            Output& out) {
    Ipv4 const asker = question.source;
    auto const& to = config.answer_neighbors_to;
    bool const permitted = to.empty() || std::ranges::any_of(to, [&](Ipv4Prefix prefix) {
                               return prefix.contains(asker);
                           });
    if (!config.answer_neighbors || !permitted || question.destination == k_all_routers ||
        !interface.admit_question(now)) {
        ++interface.counters().not_answered;
        return;
    }
    ++interface.counters().neighbor_questions;
    for (Neighbors2& part : describe_neighbors(interfaces)) {
        interface.send(asker, std::move(part), out, k_answer_ttl);
    }
}

void Core::carry_on(TimePoint now) {
    for (NeighborNews const& it : std::exchange(news_, {})) {
        Interface* const interface = find(it.interface);
        Neighbor const* const neighbor =
            interface != nullptr ? interface->find(it.neighbor) : nullptr;
        if (it.what == NeighborNews::What::lost) {
            routing.neighbor_lost(now);
        } else if (neighbor != nullptr && neighbor->two_way()) {
            routing.neighbor_gained(*interface, *neighbor, now);
        }
        trees.neighbors_changed(now);
    }
    trees.look_again(routing.touched(), now);
}

std::size_t Core::due(timer::Key key, TimePoint now, Output& out) {
    Interface* const interface = find(interface_of(key));
    std::size_t done = 1;
    switch (due_of(key)) {
    case Due::probe:
        if (interface != nullptr) {
            interface->probe_due(now, out);
        }
        break;
    case Due::triggered_probe:
        if (interface != nullptr) {
            interface->triggered_probe_due(now, out);
        }
        break;
    case Due::neighbor:
        if (interface != nullptr) {
            interface->neighbor_due(address_of(key), now, news_, out);
        }
        break;
    case Due::flash:
        done += routing.flash_due(interface_of(key), now, out);
        break;
    case Due::report:
        done += routing.report_due(now, out);
        break;
    case Due::route:
        routing.route_due(prefix_of(key), now, out);
        break;
    case Due::route_sweep:
        done += routing.sweep_due(now, out);
        break;
    case Due::table:
        done += routing.table_due(now, out);
        break;
    case Due::tree:
        trees.tree_due(number_of(key), now, out);
        break;
    case Due::channel:
        trees.channel_due(number_of(key), now, out);
        break;
    case Due::flow_sweep:
        done += trees.flow_sweep_due(now, out);
        break;
    case Due::assumption:
        if (interface != nullptr) {
            interface->assumption_due(now);
            trees.neighbors_changed(now);
        }
        break;
    case Due::tree_sweep:
        done += trees.tree_sweep_due(now, out);
        break;
    }
    carry_on(now);
    return done;
}

} // namespace mcast::dvmrp
