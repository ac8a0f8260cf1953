#include "show_igmp.h"

#include "show.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <system_error>
#include <vector>

#include <fmt/format.h>

namespace mcast::control {

using api::ErrorCode;
using api::Json;
using api::Reply;

namespace {

struct Listing {
    std::string_view name;
    IgmpSubject subject;
    std::size_t depth; // of its cursors
    Reply (*page)(Core const&, IgmpQuestion const&);
};

constexpr std::array k_listings{
    Listing{"interfaces", {"show igmp interfaces"}, 1, page_of_igmp_interfaces},
    Listing{"groups", {"show igmp groups", true}, 2, page_of_igmp_groups},
    Listing{"sources", {"show igmp sources", true}, 3, page_of_igmp_sources},
    Listing{"hosts", {"show igmp hosts", true}, 3, page_of_igmp_hosts},
    Listing{"joins", {"show igmp joins", true, false}, 2, page_of_igmp_joins},
    // Also where IGMP does not run: what arrives there all the same is counted.
    Listing{"statistics", {"show igmp statistics", false, false}, 1, page_of_igmp_statistics},
};

std::string listings() {
    std::string all;
    for (Listing const& listing : k_listings) {
        all += all.empty() ? "" : ", ";
        all += listing.name;
    }
    return all;
}

Listing const* listing_of(std::vector<std::string> const& words) {
    auto const at = words.empty() ? k_listings.end()
                                  : std::ranges::find(k_listings, words.front(), &Listing::name);
    return at != k_listings.end() ? &*at : nullptr;
}

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    for (;;) {
        auto const space = text.find(' ');
        words.push_back(text.substr(0, space));
        if (space == std::string_view::npos) {
            return words;
        }
        text.remove_prefix(space + 1);
    }
}

bool read(std::string_view word, IfIndex::rep& number) {
    auto const [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    return error == std::errc{} && end == word.data() + word.size();
}

} // namespace

std::string cursor_of(IgmpPlace const& place) {
    std::string text = std::to_string(place.interface.value);
    for (auto const& address : {place.group, place.source}) {
        text += address ? " " + to_string(*address) : "";
    }
    return text;
}

std::optional<IgmpPlace> igmp_place(std::string_view cursor, std::size_t depth) {
    auto const words = words_of(cursor);
    IgmpPlace place;
    if (words.size() != depth || !read(words.front(), place.interface.value)) {
        return std::nullopt;
    }
    if (depth > 1) {
        place.group = Ipv4::parse(words[1]);
        if (place.group && !place.group->is_multicast()) {
            return std::nullopt;
        }
    }
    if (depth > 2) {
        place.source = Ipv4::parse(words[2]);
    }
    bool const well = (depth < 2 || place.group) && (depth < 3 || place.source);
    return well ? std::optional{place} : std::nullopt;
}

Json left_json(std::optional<TimePoint> deadline, TimePoint now) {
    return deadline ? Json(std::max(0.0, seconds(*deadline - now))) : Json();
}

Reply page_of_igmp(Core const& core, PageRequest const& request) {
    Listing const* const listing = listing_of(request.words);
    if (listing == nullptr) {
        return Reply::refuse(ErrorCode::bad_argument, "show igmp takes one of: " + listings());
    }
    auto const where = igmp_where(core, listing->subject, std::span(request.words).subspan(1));
    if (!where) {
        return where.error();
    }
    IgmpQuestion question{.where = *where, .limit = request.limit, .now = request.now};
    if (request.after) {
        question.after = igmp_place(*request.after, listing->depth);
        if (!question.after) {
            return bad_cursor(*request.after);
        }
    }
    return listing->page(core, question);
}

} // namespace mcast::control
