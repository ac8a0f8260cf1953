#include "interface.h"

#include "keys.h"

#include <algorithm>
#include <utility>

namespace mcast::dvmrp {

namespace {

using wire::dvmrp::Capability;

constexpr Duration k_probe_pause = std::chrono::seconds{1}; // between triggered ones
constexpr Duration k_told_pause = std::chrono::seconds{10};
constexpr Rate k_question_rate{10, 10};
constexpr Rate k_event_rate{10, 100}; // of neighbours that come and go, for the log

Counter sent_counter(wire::dvmrp::Body const& body) {
    constexpr Counter k_sent[] = {
        &Counters::sent_probes,           &Counters::sent_reports, &Counters::sent_neighbor_answers,
        &Counters::sent_neighbor_answers, &Counters::sent_prunes,  &Counters::sent_grafts,
        &Counters::sent_graft_acks};
    return k_sent[body.index()];
}

// A token; false: there is none.
bool take(Bucket& bucket, TimePoint now) {
    if (!bucket.ready(now)) {
        return false;
    }
    bucket.spend(1, now);
    return true;
}

} // namespace

Interface::Interface(IfIndex index, InterfaceConfig const& config, Link link, Shared shared)
    : index_(index), config_(config), link_(std::move(link)), shared_(shared),
      questions_(k_question_rate), traces_(k_question_rate),
      strangers_(Rate(config.probe_rate, config.probe_burst)), events_(k_event_rate) {}

bool Interface::is_scoped(Ipv4 group) const {
    return std::ranges::any_of(link_.boundaries,
                               [&](Ipv4Prefix range) { return range.contains(group); });
}

void Interface::start(TimePoint now, Output& out) {
    generation_ = shared_.next_generation++;
    begun_ = now;
    if (!config_.force_leaf) {
        probe_due(now, out);
        assumption_due(now);
    }
}

void Interface::stop(News& news, Output& out) {
    while (!neighbors_.empty()) {
        drop(neighbors_.begin(), news, out);
    }
    probe_timer_.cancel();
    triggered_timer_.cancel();
    assumption_timer_.cancel();
}

void Interface::set_config(InterfaceConfig const& config) {
    config_ = config;
    strangers_ = Bucket(Rate(config.probe_rate, config.probe_burst));
    for (auto& [address, neighbor] : neighbors_) {
        neighbor.messages = Bucket(Rate(config.message_rate, config.message_burst));
        neighbor.probes = Bucket(Rate(config.probe_rate, config.probe_burst));
    }
}

// Spans end, so that nothing learned in them is believed: what remains of it goes in pieces.
std::size_t Interface::void_words(bool of_routes, News& news) {
    for (auto& [address, neighbor] : neighbors_) {
        if (!neighbor.two_way()) {
            continue;
        }
        if (of_routes) {
            shared_.spans.end(neighbor.adjacency);
            neighbor.adjacency = shared_.spans.begin();
            news.push_back({NeighborNews::What::lost, index_, address});
        }
        shared_.spans.end(neighbor.memory);
        neighbor.memory = shared_.spans.begin();
        news.push_back({NeighborNews::What::restarted, index_, address});
    }
    return two_way_;
}

// With a new generation of ours they drop the prunes that we sent, so ours are void as well.
std::size_t Interface::forget(Learned what, TimePoint now, News& news, Output& out) {
    if (!enabled()) {
        return 0;
    }
    if (what == Learned::neighbors) {
        std::size_t const all = neighbors_.size();
        stop(news, out);
        start(now, out);
        return all;
    }
    std::size_t const concerned = void_words(what == Learned::routes, news);
    if (concerned > 0) {
        generation_ = shared_.next_generation++;
        trigger_probe(now, out);
    }
    return concerned;
}

void Interface::drop_unfit(News& news, Output& out) {
    for (auto at = neighbors_.begin(); at != neighbors_.end();) {
        auto const it = at++;
        if (!is_on_link(it->first, link_) || !is_permitted(it->first, config_)) {
            drop(it, news, out);
        }
    }
}

Neighbor* Interface::find(Ipv4 address) {
    auto const at = neighbors_.find(address);
    return at != neighbors_.end() ? &at->second : nullptr;
}

Neighbor const* Interface::find(Ipv4 address) const {
    auto const at = neighbors_.find(address);
    return at != neighbors_.end() ? &at->second : nullptr;
}

void Interface::hear(wire::dvmrp::Message const& message, wire::dvmrp::Probe const& probe,
                     Ipv4 source, TimePoint now, News& news, Output& out) {
    Heard const heard{.version = message.version,
                      .capabilities = message.capabilities,
                      .generation = probe.generation,
                      .lists_us =
                          std::ranges::find(probe.neighbors, address()) != probe.neighbors.end()};
    Neighbor* neighbor = find(source);
    bool const is_new = neighbor == nullptr;
    if (is_new) {
        neighbor = make_room(source, heard.lists_us, now, news, out);
        if (neighbor == nullptr) {
            return;
        }
    }
    auto const before = neighbor->capabilities;
    ProbeStep const step = dvmrp::hear(*neighbor, heard, is_new, config_, now);
    if (step.capabilities_changed && events_.ready(now)) {
        events_.spend(1, now);
        out.events.push_back(CapabilitiesChanged{index_, source, before, heard.capabilities});
    }
    neighbor->timer.rearm(neighbor->expires);
    bool const moves = step.next != neighbor->state; // is told where it is done
    act_on(*neighbor, step, now, news, out);
    if (is_new && !moves) {
        tell(*neighbor, false, now, out);
    }
    if (is_new && !neighbor->two_way()) {
        trigger_probe(now, out);
        news.push_back({NeighborNews::What::stranger, index_, source});
    }
}

void Interface::hear_old_report(wire::dvmrp::Message const& message, Ipv4 source, TimePoint now,
                                News& news, Output& out) {
    wire::dvmrp::Probe const nothing_said;
    if (find(source) == nullptr) {
        hear(message, nothing_said, source, now, news, out);
    }
}

void Interface::refresh(Neighbor& neighbor, TimePoint now) {
    neighbor.expires = now + timeout_of(neighbor.version, config_);
    neighbor.timer.rearm(neighbor.expires);
}

std::optional<LimitReached::Which> Interface::limit_reached(bool lists_us) const {
    if (neighbors_.size() >= config_.max_neighbors ||
        shared_.neighbors >= shared_.config.max_neighbors) {
        return LimitReached::Which::neighbors;
    }
    if (!lists_us && neighbors_.size() - two_way_ >= config_.max_one_way) {
        return LimitReached::Which::one_way_neighbors;
    }
    return std::nullopt;
}

// S5, S6: what is there stays; but a router that has heard us takes the place of one that has not.
Neighbor* Interface::make_room(Ipv4 source, bool lists_us, TimePoint now, News& news, Output& out) {
    if (auto const limit = limit_reached(lists_us)) {
        auto const idle = std::ranges::find_if(
            neighbors_, [](auto const& it) { return it.second.state == NeighborState::one_way; });
        if (!lists_us || idle == neighbors_.end()) {
            bool const one_way = *limit == LimitReached::Which::one_way_neighbors;
            ++(one_way ? counters_.limit_one_way : counters_.limit_neighbors);
            note_limit(*limit, now, out);
            return nullptr;
        }
        drop(idle, news, out);
    }
    auto& neighbor = neighbors_
                         .try_emplace(source, Rate(config_.message_rate, config_.message_burst),
                                      Rate(config_.probe_rate, config_.probe_burst))
                         .first->second;
    ++shared_.neighbors;
    neighbor.address = source;
    neighbor.since = now;
    neighbor.timer = shared_.wheel.arm(now, key_of(Due::neighbor, index_, source));
    return &neighbor;
}

void Interface::act_on(Neighbor& neighbor, ProbeStep const& step, TimePoint now, News& news,
                       Output& out) {
    counters_.restarts_damped += step.damped ? 1 : 0;
    bool const was_two_way = neighbor.two_way();
    if (step.next != neighbor.state) {
        move_to(neighbor, step.next, now, news);
        tell(neighbor, false, now, out);
        if (neighbor.two_way()) {
            trigger_probe(now, out);
        }
    }
    if (step.restarted && was_two_way && neighbor.two_way()) {
        ++counters_.neighbor_restarts;
        shared_.spans.end(neighbor.memory);
        neighbor.memory = shared_.spans.begin();
        news.push_back({NeighborNews::What::restarted, index_, neighbor.address});
        out.events.push_back(NeighborRestarted{index_, neighbor.address});
        trigger_probe(now, out);
    }
    neighbor.told_as_non_pruner = neighbor.told_as_non_pruner && !step.other_run;
    bool const cannot_prune = neighbor.state == NeighborState::ignored && !neighbor.barred;
    if (cannot_prune && !neighbor.told_as_non_pruner) {
        neighbor.told_as_non_pruner = true;
        out.events.push_back(NonPruner{index_, neighbor.address});
    }
}

void Interface::move_to(Neighbor& neighbor, NeighborState next, TimePoint now, News& news) {
    if (neighbor.two_way()) {
        leave_two_way(neighbor, news);
    }
    neighbor.state = next;
    if (neighbor.two_way()) {
        ++two_way_;
        ++counters_.neighbors_gained;
        neighbor.adjacent_since = now;
        neighbor.adjacency = shared_.spans.begin();
        neighbor.memory = shared_.spans.begin();
        news.push_back({NeighborNews::What::gained, index_, neighbor.address});
        assumption_due(now);
    }
}

void Interface::leave_two_way(Neighbor& neighbor, News& news) {
    --two_way_;
    ++counters_.neighbors_lost;
    shared_.spans.end(neighbor.adjacency);
    shared_.spans.end(neighbor.memory);
    neighbor.adjacency = 0;
    neighbor.memory = 0;
    neighbor.may_omit_us_until.reset();
    news.push_back({NeighborNews::What::lost, index_, neighbor.address});
}

void Interface::drop(std::map<Ipv4, Neighbor>::iterator at, News& news, Output& out) {
    if (at->second.two_way()) {
        leave_two_way(at->second, news);
        out.events.push_back(
            NeighborChanged{index_, at->first, NeighborState::two_way, /*gone=*/true});
    } else {
        news.push_back({NeighborNews::What::stranger, index_, at->first});
    }
    neighbors_.erase(at);
    --shared_.neighbors;
}

void Interface::tell(Neighbor const& neighbor, bool gone, TimePoint now, Output& out) {
    if (neighbor.two_way() || events_.ready(now)) {
        events_.spend(1, now);
        out.events.push_back(NeighborChanged{index_, neighbor.address, neighbor.state, gone});
    }
}

void Interface::probe_due(TimePoint now, Output& out) {
    if (!config_.passive || !neighbors_.empty()) {
        send_probe(out);
    }
    TimePoint const next = now + config_.probe_interval;
    if (!probe_timer_.rearm(next)) {
        probe_timer_ = shared_.wheel.arm(next, key_of(Due::probe, index_));
    }
}

// DEC-12: who comes later must not wait for our next periodic probe.
void Interface::trigger_probe(TimePoint now, Output& out) {
    if (!last_triggered_ || now - *last_triggered_ >= k_probe_pause) {
        triggered_probe_due(now, out);
        return;
    }
    TimePoint const next = *last_triggered_ + k_probe_pause;
    if (!triggered_timer_.rearm(next)) {
        triggered_timer_ = shared_.wheel.arm(next, key_of(Due::triggered_probe, index_));
    }
}

void Interface::triggered_probe_due(TimePoint now, Output& out) {
    last_triggered_ = now;
    send_probe(out);
}

void Interface::assumption_due(TimePoint now) {
    std::optional<TimePoint> next;
    auto const consider = [&](TimePoint end) {
        if (end > now) {
            next = next ? std::min(*next, end) : end;
        }
    };
    consider(begun_ + config_.neighbor_timeout);
    for (auto const& [address, neighbor] : neighbors_) {
        if (neighbor.two_way()) {
            consider(neighbor.adjacent_since + 2 * shared_.config.report_interval);
        }
    }
    if (next && !assumption_timer_.rearm(*next)) {
        assumption_timer_ = shared_.wheel.arm(*next, key_of(Due::assumption, index_));
    }
}

void Interface::neighbor_due(Ipv4 address, TimePoint now, News& news, Output& out) {
    auto const at = neighbors_.find(address);
    if (at == neighbors_.end()) {
        return;
    }
    if (at->second.expires > now) {
        at->second.timer.rearm(at->second.expires);
        return;
    }
    drop(at, news, out);
}

void Interface::send_probe(Output& out) {
    wire::dvmrp::Probe probe{.generation = generation_};
    // Everybody who was heard, in whatever state; but no more than a message holds.
    std::size_t const room = (wire::dvmrp::k_max_body - 4) / 4;
    for (auto const& [address, neighbor] : neighbors_) {
        if (probe.neighbors.size() < room || neighbor.two_way()) {
            probe.neighbors.push_back(address);
        }
    }
    send(wire::dvmrp::k_all_routers, std::move(probe), out);
}

// DEC-4: P, G and M always.
std::uint8_t Interface::capabilities() const {
    auto const bit = [](Capability it) { return static_cast<std::uint8_t>(it); };
    return static_cast<std::uint8_t>(bit(Capability::prune) | bit(Capability::generation_id) |
                                     bit(Capability::mtrace) |
                                     (config_.netmask ? bit(Capability::netmask) : 0));
}

void Interface::send(Ipv4 destination, wire::dvmrp::Body body, Output& out, std::uint8_t ttl) {
    using namespace wire::dvmrp;
    ++(counters_.*sent_counter(body));
    bool const tells =
        std::holds_alternative<Probe>(body) || std::holds_alternative<Neighbors2>(body);
    out.messages.push_back({.interface = index_,
                            .source = address(),
                            .destination = destination,
                            .ttl = ttl,
                            .message = {.capabilities = tells ? capabilities() : std::uint8_t{0},
                                        .version = {},
                                        .body = std::move(body)}});
}

Ipv4 Interface::destination_for(Ipv4 neighbor) const {
    return is_point_to_point() ? wire::dvmrp::k_all_routers : neighbor;
}

bool Interface::admit(Neighbor& neighbor, TimePoint now) {
    return take(neighbor.messages, now);
}

bool Interface::admit_probe(Ipv4 source, TimePoint now) {
    Neighbor* const neighbor = find(source);
    return take(neighbor != nullptr ? neighbor->probes : strangers_, now);
}

void Interface::note_limit(LimitReached::Which which, TimePoint now, Output& out) {
    auto const [at, is_new] = limits_told_.try_emplace(which, now);
    if (is_new || now - at->second >= k_told_pause) {
        at->second = now;
        out.events.push_back(LimitReached{which, index_});
    }
}

void Interface::bar(Neighbor& neighbor, TimePoint now, News& news, Output& out) {
    neighbor.barred = true;
    move_to(neighbor, NeighborState::ignored, now, news);
    tell(neighbor, false, now, out);
}

void Interface::note_routes(std::size_t routes, TimePoint now, Output& out) {
    if (now - minute_begun_ >= std::chrono::minutes{1}) {
        minute_begun_ = now;
        routes_in_minute_ = 0;
    }
    routes_in_minute_ += routes;
    if (config_.route_alarm > 0 && routes_in_minute_ > config_.route_alarm) {
        note_limit(LimitReached::Which::route_alarm, now, out);
    }
}

bool Interface::admit_question(TimePoint now) {
    return take(questions_, now);
}

bool Interface::admit_trace(TimePoint now) {
    return take(traces_, now);
}

} // namespace mcast::dvmrp
