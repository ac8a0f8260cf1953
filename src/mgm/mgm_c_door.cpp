#include "mgm_c_door.h"

#include <algorithm>
#include <bit>

namespace mcast::mgm {

namespace c {

namespace {

// The one global of the house: the documented functions name no manager, so there is one
// per thread that calls them.
thread_local Door* bound = nullptr;
thread_local std::uintptr_t last_handle = 0;

} // namespace

Door* door_here() {
    return bound;
}

HANDLE Door::new_handle() {
    return std::bit_cast<HANDLE>(++last_handle);
}

Seat* Door::seat(HANDLE handle) {
    auto const found = seats.find(handle);
    return found == seats.end() ? nullptr : found->second.get();
}

Held* Door::held(HANDLE protocol, InterfaceRef interface) {
    Seat* const found = seat(protocol);
    if (found == nullptr) {
        return nullptr;
    }
    auto const held = found->interfaces.find(interface);
    return held == found->interfaces.end() ? nullptr : &held->second;
}

bool Door::changing(InterfaceRef interface) const {
    return std::ranges::any_of(manager.owners(), [&](OwnershipView const& view) {
        return view.interface == interface && view.waiting;
    });
}

bool Door::finish_change(InterfaceRef interface) {
    Inside const inside{*this};
    try {
        while (changing(interface)) {
            if (!turn_()) {
                return false;
            }
        }
    } catch (...) {
        return false;
    }
    try {
        // News is delivered in the order in which it was queued.
        std::uint64_t const all = manager.counters().news_delivered + manager.queued_news();
        while (manager.counters().news_delivered < all && manager.queued_news() != 0 && turn_()) {
        }
        return true;
    } catch (...) {
        return true; // the change itself is complete; what is queued is told by a later turn
    }
}

} // namespace c

Result<CDoor> CDoor::bind(GroupManager& manager, Turn turn) {
    if (c::bound != nullptr) {
        return std::unexpected(
            Failure{MgmError::already_exists, "this thread has a C door already"});
    }
    auto door = std::make_unique<c::Door>(manager, std::move(turn));
    c::bound = door.get();
    return CDoor{std::move(door)};
}

CDoor::CDoor(std::unique_ptr<c::Door> door) : door_(std::move(door)) {}

CDoor::CDoor(CDoor&& other) noexcept = default;

CDoor::~CDoor() {
    if (door_) {
        c::bound = nullptr;
    }
}

} // namespace mcast::mgm
