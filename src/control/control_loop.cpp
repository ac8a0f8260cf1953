#include "mcast/control/control_loop.h"

#include "clear_command.h"
#include "core.h"
#include "owner_command.h"
#include "query_command.h"
#include "show.h"

#include "mcast/base/log.h"

#include <algorithm>
#include <new>
#include <utility>

namespace mcast::control {

namespace {

// Bounds of one turn. A burst that is longer goes on in the next turn, after the timers.
constexpr std::size_t k_frames_per_queue = 256;
// What IGMP may do in a turn for the frames of all workers, in looks at a record or a source (see
// igmp::Engine): some 1 ms. One long report can be worth more, and is interrupted then.
constexpr std::size_t k_query_work = 8192;
constexpr std::size_t k_report_work = 32768;
// What DVMRP may do in a turn: in bytes of messages, to each of which is added what the shortest
// costs; and in looks at a route or a tree when its timers run (see dvmrp::Engine). 1 ms each.
constexpr std::size_t k_routing_bytes = 1024;
constexpr std::size_t k_routing_message = 64;
constexpr std::size_t k_routing_work = 1024;
constexpr std::size_t k_alerts_per_worker = 64;
constexpr std::size_t k_timers = 256;
constexpr std::size_t k_memberships = 256;

mgm::Limits limits_of(LimitsConfig const& config) {
    mgm::Limits limits;
    limits.entries = config.entries;
    limits.entry_idle = config.entry_idle;
    limits.negative_lifetime = config.negative_lifetime;
    return limits;
}

} // namespace

Core::Core(Config const& configured, std::vector<PortFacts> ports, handoff::Shared& shared_,
           handoff::GracePeriod& grace, Reporters reporters_, Seeds seeds)
    : config(configured), shared(shared_), reporters(std::move(reporters_)),
      interfaces(config, std::move(ports)), injector(shared),
      adjacency(interfaces, injector, counters), tunnels(interfaces, adjacency),
      publisher(shared.table, grace, shared.workers.size()),
      manager(routes, publisher, grace, limits_of(config.limits)),
      static_component(config, interfaces, manager, counters),
      igmp(config, interfaces, manager, injector, counters, seeds.random),
      proxy(config, interfaces, manager, routes, igmp, injector, counters, seeds.random),
      dvmrp({config, interfaces, manager, routes, igmp, adjacency, injector, counters, shared,
             seeds.wall},
            {seeds.random, seeds.generation}),
      joins(config, interfaces, static_component, igmp, injector, counters, seeds.random),
      misses(shared, manager, injector, interfaces, counters),
      pulse(shared, interfaces, reporters.worker_cores) {
    manager.set_observer(&journal);
}

void Core::publish_interfaces() {
    shared.interfaces.publish(interfaces.snapshot());
    counters.add(Deed::interfaces_published);
}

void Core::start_components(TimePoint now) {
    fill_routes(config, interfaces, routes);
    manager.set_ssm_ranges(config.igmp.ssm_ranges);
    interfaces.for_each([&](IfIndex i) {
        manager.set_interface(i, {interfaces.config(i).ttl_threshold, interfaces.boundaries(i)});
    });
    // The owner comes before IGMP: then no ownership has to change while we start.
    static_component.start();
    proxy.start(now);
    dvmrp.start(now);
    interfaces.for_each([&](IfIndex i) { follow_connected(i); });
    tunnels.start(now);
    joins.start(now); // before the first query of our own
    igmp.start(now);
    for (RouteConfig const& route : config.routes) {
        auto const interface = interfaces.find(route.interface);
        if (interface && !route.upstream.is_unspecified()) {
            adjacency.want(*interface, route.upstream, now);
        }
    }
}

Fate Core::judge(handoff::Frame const& frame, TimePoint now) {
    if (!interfaces.has(frame.interface)) {
        return Fate::unknown_interface;
    }
    bool const host = proxy.hears(frame.interface);
    bool const joined = joins.hears(frame.interface);
    bool const querier = igmp.engine().knows(frame.interface);
    Runs const runs{.igmp = host || joined || querier, .dvmrp = dvmrp.holds(frame.interface)};
    auto const content = demux(frame.bytes(), interfaces, runs);
    if (!content) {
        return content.error();
    }
    if (auto const* arp = std::get_if<ArpFrame>(&*content)) {
        return adjacency.receive(frame.interface, *arp, now);
    }
    if (auto const* echo = std::get_if<EchoFrame>(&*content)) {
        return adjacency.receive(frame.interface, *echo, now);
    }
    if (auto const* routing = std::get_if<DvmrpFrame>(&*content)) {
        return dvmrp.receive(frame.interface, *routing, now);
    }
    auto const& message = std::get<IgmpFrame>(*content);
    if (joined) {
        joins.receive(frame.interface, message, now);
    }
    if (host) {
        return proxy.receive(message, now);
    }
    return querier ? igmp.receive(frame.interface, message, now) : Fate::join_handled;
}

// Whether this turn may take another frame of the class.
bool Core::has_allowance(handoff::PuntClass punt_class) const {
    switch (punt_class) {
    case handoff::PuntClass::dvmrp:
        return routing_left != 0;
    case handoff::PuntClass::igmp:
    case handoff::PuntClass::query:
        return igmp.has_allowance();
    default:
        return true;
    }
}

std::size_t Core::drain(WorkerId worker, handoff::PuntClass punt_class, TimePoint now) {
    handoff::FrameQueue& queue = shared.workers[worker.index()]->punt(punt_class);
    std::size_t done = 0;
    for (; done < k_frames_per_queue && has_allowance(punt_class); ++done) {
        handoff::Frame* const frame = queue.pop();
        if (frame == nullptr) {
            return done;
        }
        counters.add(judge(*frame, now), frame->interface);
        if (punt_class == handoff::PuntClass::dvmrp) {
            routing_left -= std::min(routing_left, k_routing_message + frame->length);
        }
        queue.release(frame);
    }
    reports_left = reports_left || punt_class == handoff::PuntClass::igmp;
    return done;
}

// Each turn begins with another worker: where they share an allowance, none of them starves.
std::size_t Core::drain_workers(handoff::PuntClass punt_class, TimePoint now) {
    std::size_t const workers = shared.workers.size();
    std::size_t done = 0;
    for (std::size_t n = 0; n < workers; ++n) {
        auto const w = static_cast<WorkerId::rep>((first_worker + n) % workers);
        done += drain(WorkerId{w}, punt_class, now);
    }
    return done;
}

std::size_t Core::drain_all(TimePoint now) {
    using handoff::PuntClass;
    first_worker = (first_worker + 1) % shared.workers.size();
    dvmrp.begin_turn(now);
    routing_left = k_routing_bytes;
    std::size_t done = drain_workers(PuntClass::dvmrp, now);
    // What routers ask comes before what hosts say, however much that is.
    igmp.allow(k_query_work);
    done += drain_workers(PuntClass::query, now);
    igmp.allow(k_report_work);
    reports_left = false;
    done += igmp.resume(now);
    done += drain_workers(PuntClass::igmp, now);
    done += drain_workers(PuntClass::host, now);
    // A report and the stream it asks for may come in one turn: the report counts first.
    done += igmp.tell_changes(k_memberships);
    for (std::size_t w = 0; w < shared.workers.size(); ++w) {
        done += misses.drain(WorkerId{static_cast<WorkerId::rep>(w)}, k_frames_per_queue, now);
    }
    for (std::size_t w = 0; w < shared.workers.size(); ++w) {
        done += drain_alerts(WorkerId{static_cast<WorkerId::rep>(w)}, now);
    }
    return done;
}

std::size_t Core::drain_alerts(WorkerId worker, TimePoint now) {
    handoff::FrameQueue& queue = shared.workers[worker.index()]->alerts;
    std::size_t done = 0;
    for (; done < k_alerts_per_worker; ++done) {
        handoff::Frame* const frame = queue.pop();
        if (frame == nullptr) {
            break;
        }
        if (auto const head = demux_head(frame->bytes())) {
            manager.wrong_interface(head->flow, frame->interface, head->packet, now);
        } else {
            counters.add(Deed::alerts_unreadable);
        }
        queue.release(frame);
    }
    return done;
}

// Who asks for alerts is known to the manager, and may change with any call to it; where DVMRP
// runs, with a change of hands; and the way to the other end of a tunnel, with an ARP packet.
void Core::follow_interfaces() {
    bool const alerting = interfaces.set_alerting(manager.alerting());
    bool const routing = interfaces.set_dvmrp(dvmrp.speaking());
    bool const ways = tunnels.follow();
    if (alerting || routing || ways) {
        publish_interfaces();
    }
}

// No news of the manager: who holds the interface and asks IGMP must look again.
void Core::follow_refiltered() {
    for (igmp::Change const& change : igmp.take_refiltered()) {
        proxy.refiltered(change);
        dvmrp.refiltered(change);
    }
}

std::size_t Core::run_timers(TimePoint now) {
    if (auto const due = igmp.next_due(); due && *due <= now) {
        overruns.tell(shared, interfaces, igmp, reports_left, now);
    }
    std::size_t done = igmp.expire(now, k_timers);
    done += igmp.tell_changes(k_memberships);
    done += manager.step(now, k_timers);
    follow_refiltered();
    done += proxy.follow(now, k_memberships);
    done += dvmrp.follow(now, k_memberships);
    done += dvmrp.expire(now, k_routing_work);
    done += proxy.expire(now, k_timers);
    done += joins.follow(now);
    done += joins.expire(now, k_timers);
    done += adjacency.expire(now, k_timers);
    return done;
}

std::size_t Core::reclaim() {
    return shared.interfaces.reclaim(); // the manager reclaims entries in its own step
}

void Core::feel_pulse(TimePoint now) {
    pulse.feel(now);
    if (!pulse.suspicious(now)) {
        return;
    }
    try {
        pulse.name_stalls(manager.owners(), now);
    } catch (std::bad_alloc const&) {
        return; // it can wait for memory
    }
}

ControlLoop::ControlLoop(Config const& config, std::vector<PortFacts> ports,
                         handoff::Shared& shared, handoff::GracePeriod& grace, Reporters reporters,
                         Seeds seeds)
    : core_(std::make_unique<Core>(config, std::move(ports), shared, grace, std::move(reporters),
                                   seeds)) {}

ControlLoop::~ControlLoop() = default;

void ControlLoop::start(TimePoint now) {
    core_->started = now;
    core_->pulse.start(now);
    core_->publish_interfaces();
    core_->start_components(now);
    core_->running = true;
}

bool ControlLoop::step(TimePoint now) {
    std::size_t done = core_->drain_all(now);
    done += core_->run_timers(now);
    core_->follow_interfaces();
    done += core_->reclaim();
    core_->feel_pulse(now);
    return done != 0;
}

std::optional<TimePoint> ControlLoop::next_due() const {
    std::optional<TimePoint> first;
    auto const consider = [&](std::optional<TimePoint> due) {
        if (due && (!first || *due < *first)) {
            first = due;
        }
    };
    consider(core_->igmp.next_due());
    consider(core_->manager.next_due());
    consider(core_->adjacency.next_due());
    consider(core_->proxy.next_due());
    consider(core_->dvmrp.next_due());
    consider(core_->joins.next_due());
    if (core_->igmp.busy() || core_->proxy.busy() || core_->dvmrp.busy()) {
        consider(TimePoint{});
    }
    return first;
}

// Where routers tell each other what they reach, another way to the link's own network may be
// known: it is taken while ours is down. Elsewhere there is only this one.
void Core::follow_connected(IfIndex i) {
    Ipv4Prefix const address = interfaces.config(i).address;
    if (address.address.is_unspecified() || interfaces.is_tunnel(i)) {
        return; // behind a tunnel is one router, on a link of its own
    }
    Ipv4Prefix const network{address.network(), address.length};
    bool const stands = interfaces.up(i) || !dvmrp.holds(i);
    if (stands != withdrawn.contains(i)) {
        return; // as it is
    }
    if (stands) {
        withdrawn.erase(i);
        routes.add({network, i, {}, mgm::k_connected_protocol});
    } else {
        withdrawn.insert(i);
        routes.remove(network, mgm::k_connected_protocol);
    }
    manager.routes_changed(network);
}

void ControlLoop::link_changed(PortId port, bool up, TimePoint now) {
    IfSet const changed = core_->interfaces.set_link(port, up);
    if (changed.empty()) {
        return;
    }
    core_->publish_interfaces();
    changed.for_each([&](IfIndex i) {
        log::line(log::Level::notice, "port", "{}: link {}", core_->interfaces.name(i),
                  up ? "up" : "down");
        core_->follow_connected(i);
        core_->igmp.set_link(i, up, now);
        core_->proxy.set_link(i, up, now);
        core_->dvmrp.set_link(i, up, now);
        core_->joins.set_link(i, up, now);
        core_->adjacency.link_changed(i, now);
    });
}

void ControlLoop::farewell() {
    if (core_->running) {
        core_->dvmrp.farewell();
        core_->proxy.farewell();
        core_->joins.farewell();
        core_->igmp.farewell();
    }
}

void ControlLoop::stop(TimePoint now) {
    if (std::exchange(core_->running, false)) {
        core_->joins.farewell();
        core_->dvmrp.stop();
        core_->proxy.stop();
        core_->igmp.stop();
        core_->static_component.stop();
        core_->manager.step(now, k_timers);
    }
}

api::Reply ControlLoop::answer(api::Request const& request, TimePoint now) const {
    return control::answer(*core_, request, now);
}

api::Reply ControlLoop::command(api::Request const& request, TimePoint now) {
    if (request.command == "owner" && core_->running) {
        return owner_command(*core_, request, now);
    }
    if (request.command == "clear" && core_->running) {
        return clear_command(*core_, request, now);
    }
    if (request.command == "igmp" && core_->running) {
        return query_command(*core_, request);
    }
    return answer(request, now);
}

Counters const& ControlLoop::counters() const {
    return core_->counters;
}

mgm::GroupManager& ControlLoop::manager() {
    return core_->manager;
}

} // namespace mcast::control
