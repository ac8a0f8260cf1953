#include "mcast/igmp/engine.h"

#include "interface.h"

#include <algorithm>
#include <new>
#include <utility>

namespace mcast::igmp {

namespace {

// So many sources of a group that is due cost as much as another timer.
constexpr std::size_t k_sources_of_a_timer = 16;

// What `work` returns, or 1 when memory ran out.
template <class F>
std::size_t sparing(Interface& interface, TimePoint now, F&& work) {
    try {
        return work();
    } catch (std::bad_alloc const&) {
        interface.out_of_memory(now);
        return 1;
    }
}

} // namespace

Engine::Engine(Config config, std::uint64_t seed)
    : config_(std::move(config)), seed_(seed), used_(std::make_unique<Footprint>()),
      marks_(std::make_unique<Marks>()) {}

Engine::~Engine() = default;

bool Engine::add_interface(IfIndex interface, InterfaceConfig const& config, Link const& link,
                           TimePoint now, Output& out) {
    if (knows(interface) || check(config)) {
        return false;
    }
    auto const at =
        interfaces_
            .emplace(interface, std::make_unique<Interface>(
                                    interface, config, link,
                                    Shared{config_, wheel_, *used_, *marks_, count_, seed_}))
            .first;
    at->second->clear_statistics(now);
    count_ = interfaces_.size();
    ++own_addresses_[link.address.address];
    if (at->second->enabled()) {
        at->second->start(now, out);
    }
    return true;
}

void Engine::remove_interface(IfIndex interface, Output& out) {
    if (Interface* const it = find(interface)) {
        it->farewell(out);
        it->stop(out);
        forget_address(it->address());
        interfaces_.erase(interface);
        count_ = interfaces_.size();
    }
}

void Engine::farewell(IfIndex interface, Output& out) {
    if (Interface* const it = find(interface)) {
        it->farewell(out);
    }
}

void Engine::set_link(IfIndex interface, bool up, TimePoint now, Output& out) {
    if (Interface* const it = find(interface)) {
        it->set_link(up, now, out);
    }
}

void Engine::set_address(IfIndex interface, Ipv4Prefix address, TimePoint now, Output& out) {
    if (Interface* const it = find(interface)) {
        forget_address(it->address());
        ++own_addresses_[address.address];
        it->set_address(address, now, out);
    }
}

void Engine::set_boundaries(IfIndex interface, std::vector<Ipv4Prefix> boundaries, Output& out) {
    if (Interface* const it = find(interface)) {
        it->set_boundaries(std::move(boundaries), out);
    }
}

bool Engine::reconfigure(IfIndex interface, InterfaceConfig const& config, TimePoint now,
                         Output& out) {
    if (check(config)) {
        return false;
    }
    if (Interface* const it = find(interface)) {
        it->reconfigure(config, now, out);
    }
    return true;
}

void Engine::clear(IfIndex interface, std::optional<Ipv4> group, Output& out) {
    if (Interface* const it = find(interface)) {
        it->clear(group, out);
    }
}

void Engine::restart(IfIndex interface, TimePoint now, Output& out) {
    if (Interface* const it = find(interface)) {
        it->restart(now, out);
    }
}

void Engine::elect_again(IfIndex interface, TimePoint now, Output& out) {
    if (Interface* const it = find(interface)) {
        it->elect_again(now, out);
    }
}

void Engine::clear_statistics(IfIndex interface, TimePoint now) {
    if (Interface* const it = find(interface)) {
        it->clear_statistics(now);
    }
}

bool Engine::query_now(IfIndex interface, Output& out) {
    Interface* const it = find(interface);
    return it != nullptr && it->query_now(out);
}

bool Engine::query_now(IfIndex interface, Ipv4 group, Output& out) {
    Interface* const it = find(interface);
    return it != nullptr && it->query_now(group, out);
}

void Engine::overrun(IfIndex interface, TimePoint now) {
    if (Interface* const it = find(interface)) {
        it->overrun(now);
    }
}

std::size_t Engine::receive(Received const& message, TimePoint now, Output& out,
                            std::size_t allowance) {
    Interface* const it = find(message.interface);
    if (it == nullptr) {
        ++not_enabled_;
        return 1;
    }
    bool const own = !message.source.is_unspecified() && own_addresses_.contains(message.source);
    std::size_t const work =
        sparing(*it, now, [&] { return it->receive(message, own, allowance, now, out); });
    if (it->interrupted()) {
        interrupted_.insert(message.interface);
    }
    return work;
}

std::size_t Engine::resume(TimePoint now, Output& out, std::size_t allowance) {
    std::size_t work = 0;
    IfSet const waiting = interrupted_;
    waiting.for_each([&](IfIndex i) {
        Interface* const it = find(i);
        if (it != nullptr) {
            std::size_t const left = allowance - std::min(allowance, work);
            work += sparing(*it, now, [&] { return it->resume(left, now, out); });
        }
        if (it == nullptr || !it->interrupted()) {
            interrupted_.erase(i);
        }
    });
    return work;
}

std::size_t Engine::expire(TimePoint now, std::size_t limit, Output& out) {
    std::size_t ran = 0;
    for (std::size_t spent = 0; spent < limit; ++spent) {
        ran += wheel_.expire(now, 1, [&](timer::Key key) {
            if (Interface* const it = find(interface_of(key)); it == nullptr) {
                return;
            } else if (is_group_key(key)) {
                spent += sparing(*it, now, [&] { return it->group_due(group_of(key), now, out); }) /
                         k_sources_of_a_timer;
            } else {
                it->querier_due(now, out);
            }
        });
        if (ran == 0 || !next_due() || *next_due() > now) {
            break;
        }
    }
    return ran;
}

Wish Engine::wish(IfIndex interface, Ipv4 group) const {
    Interface const* const it = find(interface);
    Group const* const known = it != nullptr ? it->find(group) : nullptr;
    return known != nullptr ? wish_of(*known) : Wish{};
}

bool Engine::wanted(IfIndex interface, FlowKey flow) const {
    Interface const* const it = find(interface);
    Group const* const known = it != nullptr ? it->find(flow.group) : nullptr;
    return known != nullptr && wants(*known, flow.source);
}

std::vector<Ipv4> Engine::groups(IfIndex interface) const {
    Interface const* const it = find(interface);
    return it != nullptr ? it->groups() : std::vector<Ipv4>{};
}

std::optional<Ipv4> Engine::next_group(IfIndex interface, std::optional<Ipv4> after) const {
    Interface const* const it = find(interface);
    return it != nullptr ? it->next_group(after) : std::nullopt;
}

std::optional<InterfaceView> Engine::view(IfIndex interface) const {
    Interface const* const it = find(interface);
    return it != nullptr ? std::optional{it->view()} : std::nullopt;
}

std::optional<GroupView> Engine::view(IfIndex interface, Ipv4 group, TimePoint now) const {
    Interface const* const it = find(interface);
    Group const* const known = it != nullptr ? it->find(group) : nullptr;
    return known != nullptr ? std::optional{view_of(*known, now)} : std::nullopt;
}

std::vector<MemberView> Engine::hosts(IfIndex interface, Ipv4 group, TimePoint now) const {
    Interface const* const it = find(interface);
    Group const* const known = it != nullptr ? it->find(group) : nullptr;
    return known != nullptr ? hosts_of(known->members, now) : std::vector<MemberView>{};
}

Counters const* Engine::counters(IfIndex interface) const {
    Interface const* const it = find(interface);
    return it != nullptr ? &it->counters() : nullptr;
}

std::optional<Statistics> Engine::statistics(IfIndex interface) const {
    Interface const* const it = find(interface);
    return it != nullptr ? std::optional{it->statistics()} : std::nullopt;
}

std::uint64_t Engine::entries() const {
    return used_->entries;
}

std::uint64_t Engine::bytes() const {
    return used_->bytes;
}

Interface* Engine::find(IfIndex interface) {
    auto const at = interfaces_.find(interface);
    return at != interfaces_.end() ? at->second.get() : nullptr;
}

Interface const* Engine::find(IfIndex interface) const {
    auto const at = interfaces_.find(interface);
    return at != interfaces_.end() ? at->second.get() : nullptr;
}

void Engine::forget_address(Ipv4 address) {
    auto const at = own_addresses_.find(address);
    if (at != own_addresses_.end() && --at->second == 0) {
        own_addresses_.erase(at);
    }
}

} // namespace mcast::igmp
