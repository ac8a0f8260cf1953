#include "journal.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace mcast::control {

namespace {

using mgm::EventKind;

constexpr std::array<std::string_view, k_families> k_family_names{"owner", "alert", "entry",
                                                                  "trouble"};

EventKind kind(std::size_t number) {
    return static_cast<EventKind>(number);
}

} // namespace

std::string_view name_of(Family family) {
    return k_family_names[static_cast<std::size_t>(family)];
}

Family family_of(EventKind kind) {
    switch (kind) {
    case EventKind::taken:
    case EventKind::released:
    case EventKind::ready:
    case EventKind::gate_closed:
    case EventKind::gate_opened:
        return Family::owner;
    case EventKind::join:
    case EventKind::prune:
    case EventKind::local_join:
    case EventKind::local_leave:
    case EventKind::wrong_interface:
        return Family::alert;
    case EventKind::entry_created:
    case EventKind::entry_changed:
    case EventKind::entry_withdrawn:
        return Family::entry;
    case EventKind::stale_swept:
    case EventKind::refused:
    case EventKind::count_:
        break;
    }
    return Family::trouble;
}

bool add_kinds(KindSet& kinds, std::string_view word) {
    bool known = false;
    for (std::size_t k = 0; k < kinds.size(); ++k) {
        if (word == mgm::name_of(kind(k)) || word == name_of(family_of(kind(k)))) {
            kinds[k] = true;
            known = true;
        }
    }
    return known;
}

std::string kind_words() {
    std::string words;
    for (std::size_t f = 0; f < k_families; ++f) {
        words += fmt::format("{}{} (", words.empty() ? "" : ", ", k_family_names[f]);
        std::string_view before;
        for (std::size_t k = 0; k < mgm::k_event_kinds; ++k) {
            if (family_of(kind(k)) == static_cast<Family>(f)) {
                words += fmt::format("{}{}", before, mgm::name_of(kind(k)));
                before = ", ";
            }
        }
        words += ")";
    }
    return words;
}

// All memory is taken here: on_event() cannot fail.
Journal::Journal() {
    for (std::size_t f = 0; f < k_families; ++f) {
        rings_[f].events.set_capacity(k_kept[f]);
    }
}

void Journal::on_event(mgm::Event const& event) {
    Ring& ring = rings_[static_cast<std::size_t>(family_of(event.kind))];
    ring.events.push_back({++last_, event});
    ++ring.seen;
}

std::string Journal::text(Cursor const& cursor) {
    return fmt::format("{}", fmt::join(cursor, "."));
}

std::optional<Journal::Cursor> Journal::parse(std::string_view text) const {
    Cursor cursor{};
    for (std::size_t f = 0; f < k_families; ++f) {
        std::string_view const word = text.substr(0, text.find('.'));
        auto const [end, error] =
            std::from_chars(word.data(), word.data() + word.size(), cursor[f]);
        bool const last = f + 1 == k_families;
        bool const well = error == std::errc{} && end == word.data() + word.size() &&
                          (word.size() == text.size()) == last && cursor[f] <= rings_[f].seen;
        if (!well) {
            return std::nullopt;
        }
        text.remove_prefix(std::min(text.size(), word.size() + 1));
    }
    return cursor;
}

Journal::Cursor Journal::oldest() const {
    Cursor cursor{};
    std::ranges::transform(rings_, cursor.begin(), &Ring::gone);
    return cursor;
}

Journal::Cursor Journal::newest() const {
    Cursor cursor{};
    std::ranges::transform(rings_, cursor.begin(), &Ring::seen);
    return cursor;
}

Journal::Page Journal::read(Cursor const& from, KindSet const& kinds, std::size_t max) const {
    Page page;
    page.cursor = from;
    std::array<bool, k_families> wanted{};
    for (std::size_t k = 0; k < kinds.size(); ++k) {
        wanted[static_cast<std::size_t>(family_of(kind(k)))] |= kinds[k];
    }
    for (std::size_t f = 0; f < k_families; ++f) {
        std::uint64_t const first = std::max(from[f], rings_[f].gone());
        page.missed += wanted[f] ? first - from[f] : 0;
        page.cursor[f] = first;
    }
    while (auto const family = next_family(page.cursor)) {
        Ring const& ring = rings_[*family];
        mgm::Event const& event = ring.events[page.cursor[*family] - ring.gone()].event;
        if (kinds[static_cast<std::size_t>(event.kind)]) {
            if (page.events.size() == max) {
                page.more = true;
                break;
            }
            page.events.push_back(event);
        }
        ++page.cursor[*family];
    }
    return page;
}

std::optional<std::size_t> Journal::next_family(Cursor const& cursor) const {
    std::optional<std::size_t> family;
    std::uint64_t oldest = 0;
    for (std::size_t f = 0; f < k_families; ++f) {
        if (cursor[f] == rings_[f].seen) {
            continue;
        }
        std::uint64_t const number = rings_[f].events[cursor[f] - rings_[f].gone()].number;
        if (!family || number < oldest) {
            family = f;
            oldest = number;
        }
    }
    return family;
}

} // namespace mcast::control
