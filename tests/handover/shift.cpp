#include "shift.h"

#include "mcast/platform/clock.h"

#include <utility>

namespace mcast::handover {

namespace {

// Every stream is among them, whichever the traffic's turn is.
constexpr std::uint64_t k_round = 2000;

} // namespace

Shift::Shift(Appliance& appliance, RoutingComponent& component, Streams streams, IfIndex interface,
             std::uint64_t seed, std::function<std::uint64_t()> packets)
    : appliance_(appliance), component_(component), streams_(streams), ref_{interface, {}},
      random_(seed), packets_(std::move(packets)) {
    dwell();
}

// Mostly after IGMP has added everything again, sometimes in the midst of that; and sometimes it
// stays until streams have been seen as they must be, however slow the traffic is.
void Shift::dwell() {
    idle_turns_ = random_.below(8) == 0 ? 0 : random_.below(16);
    stays_until_ = random_.below(8) == 0 ? packets_() + k_round : 0;
}

void Shift::step(bool begin) {
    switch (state_) {
    case State::igmp_alone:
    case State::shared: {
        bool const rested = !appliance_.core().igmp.busy() || random_.below(64) == 0;
        if (!begin || !rested || packets_() < stays_until_) {
            return;
        }
        if (idle_turns_ != 0) {
            --idle_turns_;
        } else if (state_ == State::igmp_alone) {
            take();
        } else {
            release();
        }
        return;
    }
    case State::taking:
        if (auto const ready = component_.ready(ref_.index)) {
            takes_.push_back(*ready - since_);
            of_igmp_.end(*ready);
            want();
        }
        return;
    case State::wanting:
        if (all_published()) {
            token_ = appliance_.grace().start();
            state_ = State::settling;
        }
        return;
    case State::settling:
        if (appliance_.grace().passed(*token_)) {
            of_component_.end(platform::now());
            state_ = State::shared;
            dwell();
        }
        return;
    case State::releasing:
        if (completed() != completed_before_) {
            TimePoint const now = platform::now();
            releases_.push_back(now - since_);
            of_component_.end(now);
            of_igmp_.end(now);
            state_ = State::igmp_alone;
            dwell();
        }
        return;
    }
}

void Shift::take() {
    component_.forget(ref_.index);
    since_ = platform::now();
    of_igmp_.begin(false, since_);
    lease_ = component_.registration().take(ref_).value();
    state_ = State::taking;
}

void Shift::want() {
    of_component_.begin(true, platform::now());
    for (std::uint32_t flow = 1; flow <= streams_.count(); ++flow) {
        if (ref_.index == k_east && Streams::wanted_by_component(flow)) {
            lease_
                .add(mgm::MembershipKey::of(Streams::key(flow).group),
                     mgm::MembershipFlags::join_state)
                .value();
        }
    }
    state_ = State::wanting;
}

bool Shift::all_published() const {
    for (std::uint32_t flow = 1; flow <= streams_.count(); ++flow) {
        if (ref_.index == k_east && Streams::kind(flow) == Kind::routed) {
            auto const* const entry = appliance_.core().publisher.current(Streams::key(flow));
            if (entry == nullptr || !entry->outputs.contains(k_east)) {
                return false;
            }
        }
    }
    return true;
}

void Shift::release() {
    completed_before_ = completed();
    since_ = platform::now();
    of_component_.begin(false, since_);
    of_igmp_.begin(true, since_);
    lease_.release().value();
    state_ = State::releasing;
}

std::uint64_t Shift::completed() const {
    for (mgm::OwnershipView const& view : appliance_.core().manager.owners()) {
        if (view.interface == ref_) {
            return view.hand_overs;
        }
    }
    return 0;
}

} // namespace mcast::handover
