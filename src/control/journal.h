// The record of what the group manager did: the last events of each family, for `show events` and
// `mcastctl watch`.
//
// Bounded: a family has a ring of its own, so that a flood of entries does not wash out the changes
// of hands; the oldest events go first. A reader comes with a cursor, the number of the last event
// that it has seen of each family, and is told how many it has missed. Nothing is remembered of
// readers. Control thread only.
#pragma once

#include "mcast/mgm/observer.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/circular_buffer.hpp>

namespace mcast::control {

enum class Family : std::uint8_t { owner, alert, entry, trouble, count_ };
inline constexpr std::size_t k_families = static_cast<std::size_t>(Family::count_);
std::string_view name_of(Family family);
Family family_of(mgm::EventKind kind);

// By kind; what a reader wants to see.
using KindSet = std::array<bool, mgm::k_event_kinds>;
// "taken" is a kind, "owner" a family. False: neither.
bool add_kinds(KindSet& kinds, std::string_view word);
// All words that add_kinds() knows.
std::string kind_words();

class Journal final : public mgm::Observer {
public:
    // Events that are kept of each family.
    static constexpr std::array<std::size_t, k_families> k_kept{512, 2048, 2048, 1024};

    Journal();
    void on_event(mgm::Event const& event) override;

    // Of each family, how many events have been seen; as text "1.0.17.2".
    using Cursor = std::array<std::uint64_t, k_families>;
    static std::string text(Cursor const& cursor);
    // Nothing when it is no cursor, or one of events to come.
    std::optional<Cursor> parse(std::string_view text) const;
    // Before the oldest event that is kept; after the last one.
    Cursor oldest() const;
    Cursor newest() const;

    struct Page {
        std::vector<mgm::Event> events; // in the order in which they happened
        Cursor cursor{};                // behind them
        std::uint64_t missed = 0;       // events of families asked for that are kept no more
        bool more = false;
    };
    // At most `max` events of these kinds after `from`.
    Page read(Cursor const& from, KindSet const& kinds, std::size_t max) const;

private:
    struct Numbered {
        std::uint64_t number = 0; // of all events
        mgm::Event event;
    };
    struct Ring {
        boost::circular_buffer<Numbered> events;
        std::uint64_t seen = 0; // how many there have been

        std::uint64_t gone() const { return seen - events.size(); }
    };

    // The one whose event at the cursor happened first; nothing: the cursor is at the end.
    std::optional<std::size_t> next_family(Cursor const& cursor) const;

    std::array<Ring, k_families> rings_;
    std::uint64_t last_ = 0;
};

} // namespace mcast::control
