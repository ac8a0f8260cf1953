#include "world.h"

#include "mcast/wire/describe.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace mcast::sim {

namespace {

constexpr std::size_t k_remembered = 4000;

} // namespace

World::World(Topology shape, Maker maker, std::uint64_t seed)
    : topology(std::move(shape)), maker_(std::move(maker)), seed_(seed), random_(seed),
      links_(topology.links.size()), routers_(topology.routers.size()) {
    due_of_.resize(topology.routers.size());
    for (std::size_t r = 0; r < topology.routers.size(); ++r) {
        auto const& ports = topology.routers[r].ports;
        for (std::size_t p = 0; p < ports.size(); ++p) {
            links_[ports[p].link].stations.push_back(
                {false, r, IfIndex{static_cast<IfIndex::rep>(p)}});
        }
    }
    for (std::size_t r = 0; r < topology.routers.size(); ++r) {
        restart(r);
    }
}

std::size_t World::add_host(std::size_t link, std::uint8_t igmp_version) {
    std::size_t const number = hosts_.size();
    auto const here = std::ranges::count(hosts_, link, &OfHost::link);
    Ipv4 const address{topology.links[link].net.address.value + 200 +
                       static_cast<std::uint32_t>(here)};
    hosts_.push_back(
        {std::make_unique<Host>(Ipv4Prefix{address, 24}, igmp_version, random_()), link});
    links_[link].stations.push_back({true, number, {}});
    due_of_.emplace_back();
    return number;
}

void World::join(std::size_t host, Ipv4 group) {
    hosts_[host].host->join(group, now);
    awake_.insert(node_of({true, host, {}}));
}

void World::join(std::size_t host, FlowKey channel) {
    hosts_[host].host->join(channel, now);
    awake_.insert(node_of({true, host, {}}));
}

void World::leave(std::size_t host, Ipv4 group) {
    hosts_[host].host->leave(group, now);
    awake_.insert(node_of({true, host, {}}));
}

std::uint64_t World::send(std::size_t host, Ipv4 group, std::uint8_t ttl) {
    std::uint64_t const number = next_number_++;
    passages_[number] = {{hosts_[host].host->address(), group}, now, {}};
    hosts_[host].host->send(group, number, ttl);
    awake_.insert(node_of({true, host, {}}));
    return number;
}

bool World::step() {
    if (awake_.empty()) {
        if (arrivals_.empty() && due_.empty()) {
            return false;
        }
        TimePoint at = TimePoint::max();
        at = arrivals_.empty() ? at : std::min(at, arrivals_.top().at);
        at = due_.empty() ? at : std::min(at, due_.begin()->first);
        now = std::max(now, at);
    }
    while (!arrivals_.empty() && arrivals_.top().at <= now) {
        Arrival const arrival = arrivals_.top();
        arrivals_.pop();
        deliver(arrival);
    }
    for (auto it = due_.begin(); it != due_.end() && it->first <= now; ++it) {
        awake_.insert(it->second);
    }
    for (std::size_t node : std::exchange(awake_, {})) {
        work(node);
    }
    return true;
}

void World::run_for(Duration time) {
    run_until([] { return false; }, time);
}

bool World::run_until(std::function<bool()> const& done, Duration within) {
    TimePoint const end = now + within;
    for (;;) {
        if (done()) {
            return true;
        }
        TimePoint next = awake_.empty() ? TimePoint::max() : now;
        next = arrivals_.empty() ? next : std::min(next, arrivals_.top().at);
        next = due_.empty() ? next : std::min(next, due_.begin()->first);
        if (next > end || !step()) {
            now = end;
            return done();
        }
    }
}

void World::stream(std::size_t host, Ipv4 group, Duration time, Duration gap) {
    for (TimePoint const end = now + time; now < end;) {
        send(host, group);
        run_for(std::min<Duration>(gap, end - now));
    }
}

void World::deliver(Arrival const& arrival) {
    Station const& to = arrival.to;
    if (to.is_host) {
        hosts_[to.number].host->hear(arrival.packet, now);
    } else if (alive(to.number)) {
        routers_[to.number].router->hear(to.port, arrival.packet);
    } else {
        return;
    }
    awake_.insert(node_of(to));
}

void World::note_due(std::size_t node, std::optional<TimePoint> due) {
    if (due) { // what is due at once although it has just worked waits for the next moment
        due = std::max(*due, now + std::chrono::microseconds{1});
    }
    auto& before = due_of_[node];
    if (before != due) {
        if (before) {
            due_.erase({*before, node});
        }
        if (due) {
            due_.emplace(*due, node);
        }
        before = due;
    }
}

void World::work(std::size_t node) {
    std::size_t const routers = topology.routers.size();
    if (node >= routers) {
        OfHost const& it = hosts_[node - routers];
        it.host->settle(now);
        for (Leaving& leaving : it.host->sent()) {
            transmit({true, node - routers, {}}, it.link, std::move(leaving.packet));
        }
        note_due(node, it.host->next_due());
        return;
    }
    if (!alive(node)) {
        note_due(node, std::nullopt);
        return;
    }
    Router& router = *routers_[node].router;
    router.settle(now);
    for (Leaving& leaving : router.sent()) {
        std::size_t const link = topology.routers[node].ports[leaving.out.index()].link;
        transmit({false, node, leaving.out}, link, std::move(leaving.packet));
    }
    note_due(node, router.next_due());
}

Ipv4 World::address_of(Station const& station) const {
    return station.is_host ? hosts_[station.number].host->address()
                           : topology.routers[station.number].ports[station.port.index()].address;
}

void World::count(std::size_t link, Packet const& packet) {
    Bytes const& bytes = *packet.bytes;
    if (auto const data = data_in(bytes)) {
        ++sent.data;
        if (auto const it = passages_.find(data->number); it != passages_.end()) {
            ++it->second.carried[link];
        }
    } else if (bytes.size() > 34 && bytes[23] == 2) {
        std::size_t const payload = 14 + std::size_t{4} * (bytes[14] & 15U);
        bool const dvmrp = payload < bytes.size() && bytes[payload] == 0x13;
        (dvmrp ? sent.dvmrp : sent.igmp) += 1;
        sent.dvmrp_bytes += dvmrp ? bytes.size() - 14 : 0;
    }
    auto const mix = [&](std::uint64_t value) { digest_ = (digest_ ^ value) * 0x100000001b3ULL; };
    mix(static_cast<std::uint64_t>(now.time_since_epoch().count()));
    mix(link);
    std::ranges::for_each(bytes, mix);
    if (!data_in(bytes)) { // what they carry is in the ledger
        seen_.push_back({now, link, packet.bytes});
    }
    if (seen_.size() > k_remembered) {
        seen_.pop_front();
    }
}

void World::transmit(Station const& from, std::size_t link, Packet packet) {
    if (!from.is_host && !port_up(from.number, from.port.index())) {
        return;
    }
    count(link, packet);
    LinkSpec const& spec = topology.links[link];
    Mac const to = destination_of(*packet.bytes);
    for (Station const& station : links_[link].stations) {
        if (node_of(station) == node_of(from) && station.port == from.port) {
            continue;
        }
        bool const addressed = to.is_group() || to == mac_of(address_of(station));
        if (!addressed || (!station.is_host && !port_up(station.number, station.port.index()))) {
            continue;
        }
        bool const lost =
            spec.loss > 0 && static_cast<double>(random_.below(1'000'000)) < spec.loss * 1e6;
        Duration const jitter =
            spec.jitter > Duration{} ? random_.delay_up_to(spec.jitter) : Duration{};
        if (!lost && !links_[link].cut) {
            arrivals_.push({now + spec.delay + jitter, ++order_, station, packet});
        }
    }
}

void World::set_port(std::size_t router, std::size_t port, bool up) {
    auto& it = routers_[router];
    up ? (void)it.down.erase(port) : (void)it.down.insert(port);
    if (it.router) {
        it.router->set_link(IfIndex{static_cast<IfIndex::rep>(port)}, up, now);
        awake_.insert(router);
    }
}

void World::crash(std::size_t router) {
    if (auto const gone = std::exchange(routers_[router].router, nullptr)) {
        loops_of_the_dead_ += gone->loops();
    }
    note_due(router, std::nullopt);
}

void World::shut_down(std::size_t router) {
    routers_[router].router->farewell(now);
    for (Leaving& leaving : routers_[router].router->sent()) {
        std::size_t const link = topology.routers[router].ports[leaving.out.index()].link;
        transmit({false, router, leaving.out}, link, std::move(leaving.packet));
    }
    crash(router);
}

void World::restart(std::size_t router) {
    crash(router);
    auto& it = routers_[router];
    ++it.life;
    it.router = maker_(topology, router, seed_ * 1000 + router * 31 + it.life, it.life);
    it.router->start(now);
    for (std::size_t port : it.down) {
        it.router->set_link(IfIndex{static_cast<IfIndex::rep>(port)}, false, now);
    }
    awake_.insert(router);
}

void World::set_metric(std::size_t router, std::size_t port, std::uint8_t metric) {
    topology.routers[router].ports[port].metric = metric;
}

void World::forget_data() {
    passages_.clear();
    for (OfHost const& it : hosts_) {
        it.host->forget();
    }
}

std::uint64_t World::loops() const {
    std::uint64_t sum = loops_of_the_dead_;
    for (OfRouter const& it : routers_) {
        sum += it.router ? it.router->loops() : 0;
    }
    return sum;
}

Memory World::memory() const {
    Memory sum;
    for (OfRouter const& it : routers_) {
        Memory const one = it.router ? it.router->memory() : Memory{};
        sum.entries += one.entries;
        sum.flows += one.flows;
        sum.prunes += one.prunes;
    }
    return sum;
}

std::string World::last_events(std::size_t count) const {
    std::string text;
    std::size_t const from = seen_.size() - std::min(count, seen_.size());
    for (std::size_t i = from; i < seen_.size(); ++i) {
        Seen const& it = seen_[i];
        double const at =
            std::chrono::duration<double>(it.at - TimePoint{std::chrono::hours{1}}).count();
        text +=
            fmt::format("{:12.6f} link {:3} {}\n", at, it.link, wire::describe_frame(*it.bytes));
    }
    return text;
}

} // namespace mcast::sim
