// Memory for entries, each with its counters behind it: one place of whole cache lines, so that a
// worker finds both in the same page and can fetch both before it has read either. Control only.
//
// Places come from an arena with huge pages and go back to a list of free ones, never to the heap.
#pragma once

#include "mcast/base/arena.h"
#include "mcast/handoff/entry.h"

#include <cstddef>
#include <memory>
#include <new>

namespace mcast::handoff {

class EntryPlaces {
public:
    explicit EntryPlaces(std::size_t workers) : workers_(workers) {}
    EntryPlaces(EntryPlaces const&) = delete;
    EntryPlaces& operator=(EntryPlaces const&) = delete;

    struct GiveBack {
        EntryPlaces* to;
        void operator()(Entry* entry) const noexcept { to->give_back(entry); }
    };
    using Ptr = std::unique_ptr<Entry, GiveBack>;

    // An entry with nothing counted. std::bad_alloc: nothing has changed.
    Ptr take() {
        std::byte* const place = free_ != nullptr ? pop() : arena_.take(bytes());
        auto* const entry = new (place) Entry{};
        entry->counters = new (place + sizeof(Entry)) EntryCounters{};
        for (std::size_t worker = 1; worker < workers_; ++worker) {
            new (place + sizeof(Entry) + worker * sizeof(EntryCounters)) EntryCounters{};
        }
        return {entry, GiveBack{this}};
    }

private:
    struct Free {
        Free* next;
    };

    std::size_t bytes() const { return sizeof(Entry) + workers_ * sizeof(EntryCounters); }
    std::byte* pop() {
        auto* const place = reinterpret_cast<std::byte*>(free_);
        free_ = free_->next;
        return place;
    }
    void give_back(Entry* entry) noexcept {
        static_assert(std::is_trivially_destructible_v<Entry>);
        static_assert(std::is_trivially_destructible_v<EntryCounters>);
        free_ = new (entry) Free{free_};
    }

    std::size_t workers_;
    Arena arena_;
    Free* free_ = nullptr;
};

} // namespace mcast::handoff
