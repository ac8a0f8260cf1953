#include "dvmrp_domains.h"

#include <algorithm>
#include <set>

namespace mcast::control {

namespace {

// Generation IDs of two domains must not meet, however often links come and go.
constexpr std::uint32_t k_generations_apart = 1U << 20;

} // namespace

DvmrpDomains::DvmrpDomains(DvmrpSurroundings const& with, dvmrp::Seeds seeds)
    : interfaces_(with.interfaces) {
    if (!with.config.dvmrp) {
        return;
    }
    std::set<std::uint32_t> domains;
    for (InterfaceConfig const& interface : with.config.interfaces) {
        domains.insert(interface.dvmrp_domain);
    }
    for (std::uint32_t const domain : domains) {
        all_.push_back(std::make_unique<DvmrpComponent>(domain, with, seeds));
        ++seeds.random;
        seeds.generation += k_generations_apart;
    }
    with.routes.reserve(with.routes.size() + all_.size() * room_for_routes(*with.config.dvmrp));
}

DvmrpComponent* DvmrpDomains::domain_of(IfIndex interface) const {
    auto const at = std::ranges::find(all_, interfaces_.config(interface).dvmrp_domain,
                                      [](auto const& it) { return it->domain(); });
    return at != all_.end() ? at->get() : nullptr;
}

DvmrpComponent const* DvmrpDomains::component(IfIndex interface) const {
    DvmrpComponent const* const it = domain_of(interface);
    return it != nullptr && it->holds(interface) ? it : nullptr;
}

DvmrpComponent* DvmrpDomains::component(IfIndex interface) {
    DvmrpComponent* const it = domain_of(interface);
    return it != nullptr && it->holds(interface) ? it : nullptr;
}

void DvmrpDomains::start(TimePoint now) {
    for (auto const& it : all_) {
        it->start(now);
    }
}

void DvmrpDomains::farewell() {
    for (auto const& it : all_) {
        it->farewell();
    }
}

void DvmrpDomains::stop() {
    for (auto const& it : all_) {
        it->stop();
    }
}

mgm::Result<> DvmrpDomains::take(IfIndex interface, TimePoint now) {
    DvmrpComponent* const it = domain_of(interface);
    if (it == nullptr) {
        return std::unexpected(
            mgm::Failure{mgm::MgmError::cannot_complete, "the configuration has no [dvmrp]"});
    }
    return it->take(interface, now);
}

mgm::Result<> DvmrpDomains::release(IfIndex interface, TimePoint now) {
    DvmrpComponent* const it = domain_of(interface);
    if (it == nullptr || !it->holds(interface)) {
        return std::unexpected(
            mgm::Failure{mgm::MgmError::invalid_parameter, "DVMRP does not have the interface"});
    }
    return it->release(interface, now);
}

IfSet DvmrpDomains::held() const {
    IfSet held;
    for (auto const& it : all_) {
        held = held | it->held();
    }
    return held;
}

IfSet DvmrpDomains::speaking() const {
    IfSet speaking = held();
    held().for_each([&](IfIndex i) {
        if (interfaces_.config(i).dvmrp.force_leaf) {
            speaking.erase(i);
        }
    });
    return speaking;
}

void DvmrpDomains::begin_turn(TimePoint now) {
    for (auto const& it : all_) {
        it->begin_turn(now);
    }
}

Fate DvmrpDomains::receive(IfIndex interface, DvmrpFrame const& frame, TimePoint now) {
    DvmrpComponent* const it = domain_of(interface);
    if (it == nullptr || !it->holds(interface)) {
        return Fate::dvmrp_not_running;
    }
    it->receive(interface, frame, now);
    return Fate::dvmrp_handled;
}

void DvmrpDomains::refiltered(igmp::Change const& change) {
    for (auto const& it : all_) {
        it->refiltered(change);
    }
}

std::size_t DvmrpDomains::follow(TimePoint now, std::size_t limit) {
    std::size_t done = 0;
    for (auto const& it : all_) {
        done += it->follow(now, limit);
    }
    return done;
}

std::size_t DvmrpDomains::expire(TimePoint now, std::size_t limit) {
    std::size_t done = 0;
    for (auto const& it : all_) {
        done += it->expire(now, limit);
    }
    return done;
}

std::optional<TimePoint> DvmrpDomains::next_due() const {
    std::optional<TimePoint> first;
    for (auto const& it : all_) {
        if (auto const due = it->next_due(); due && (!first || *due < *first)) {
            first = due;
        }
    }
    return first;
}

bool DvmrpDomains::busy() const {
    return std::ranges::any_of(all_, [](auto const& it) { return it->busy(); });
}

void DvmrpDomains::set_link(IfIndex interface, bool up, TimePoint now) {
    for (auto const& it : all_) {
        it->set_link(interface, up, now);
    }
}

} // namespace mcast::control
