// Objects of one type, in places that they keep for their life: numbered, so that they can be
// walked while they come and go, and close together, so that a million of them stay near each other
// in memory, apart from everything else. Grows by a segment at a time and keeps the memory of the
// most there ever were. Control thread.
#pragma once

#include "mcast/base/arena.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace mcast::mgm {

template <class T>
class Slab {
public:
    static constexpr std::uint32_t k_no_slot = std::numeric_limits<std::uint32_t>::max();

    Slab() = default;
    Slab(Slab const&) = delete;
    Slab& operator=(Slab const&) = delete;
    ~Slab() {
        for (Place* segment : segments_) {
            std::destroy_n(segment, k_segment);
        }
    }

    // T's constructor gets the slot and `arguments`. std::bad_alloc: nothing has changed.
    template <class... Arguments>
    T& make(Arguments&&... arguments) {
        if (first_free_ == k_no_slot) {
            grow();
        }
        Place& place = at(first_free_);
        T& made = place.object.emplace(first_free_, std::forward<Arguments>(arguments)...);
        first_free_ = place.next_free;
        return made;
    }
    void destroy(std::uint32_t slot) {
        Place& place = at(slot);
        place.object.reset();
        place.next_free = std::exchange(first_free_, slot);
    }

    // Precondition: something is in this slot.
    T& operator[](std::uint32_t slot) const { return *at(slot).object; }

    // Slots that have ever been there; nullptr where nothing is at present.
    std::size_t slots() const { return segments_.size() * k_segment; }
    T const* find(std::size_t slot) const {
        auto const& object = segments_[slot / k_segment][slot % k_segment].object;
        return object ? &*object : nullptr;
    }

private:
    static constexpr std::size_t k_segment = 128;

    struct Place {
        std::optional<T> object;
        std::uint32_t next_free = k_no_slot;
    };

    Place& at(std::uint32_t slot) const { return segments_[slot / k_segment][slot % k_segment]; }

    void grow() {
        auto const first = static_cast<std::uint32_t>(slots());
        segments_.reserve(segments_.size() + 1);
        auto* const places = reinterpret_cast<Place*>(arena_.take(k_segment * sizeof(Place)));
        std::uninitialized_default_construct_n(places, k_segment);
        segments_.push_back(places);
        for (std::uint32_t n = 0; n + 1 < k_segment; ++n) {
            at(first + n).next_free = first + n + 1;
        }
        first_free_ = first;
    }

    Arena arena_;
    std::vector<Place*> segments_;
    std::uint32_t first_free_ = k_no_slot;
};

} // namespace mcast::mgm
