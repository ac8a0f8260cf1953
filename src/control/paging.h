// Listings in bounded parts: what a client asks for, and where it goes on.
//
// A request has the options "after", a cursor from the reply before, and "limit". A reply has
// `rows` and `next`, the cursor for the next request, or null at the end. Nothing is remembered
// between requests: a cursor is a place in words, and a row that was there all the time comes
// exactly once.
#pragma once

#include "core.h"

#include "mcast/api/messages.h"

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <vector>

namespace mcast::control {

// Rows of one reply: some milliseconds of the control core.
inline constexpr std::size_t k_page_rows = 256;

struct PageRequest {
    std::vector<std::string> words; // after the subject
    std::optional<std::string> after;
    std::size_t limit = k_page_rows; // 1..k_page_rows
    TimePoint now{};
};

api::Reply page_of_entries(Core const& core, PageRequest const& request);
api::Reply page_of_memberships(Core const& core, PageRequest const& request);
// `show igmp interfaces|groups|sources|statistics`.
api::Reply page_of_igmp(Core const& core, PageRequest const& request);
// `show dvmrp interfaces|neighbors|routes|prunes|grafts|statistics`.
api::Reply page_of_dvmrp(Core const& core, PageRequest const& request);
api::Reply page_of_proxy_groups(Core const& core, PageRequest const& request);
// With `cursor` in each reply, for who wants to wait for more, and `missed`.
api::Reply page_of_events(Core const& core, PageRequest const& request);

// Of `show SUBJECT ...`; an error is the reply that refuses it.
std::expected<PageRequest, api::Reply> page_request(api::Request const& request, TimePoint now);
api::Reply page_reply(api::Json rows, std::optional<std::string> next);
// What to say to a cursor that is none of ours.
api::Reply bad_cursor(std::string const& cursor);

} // namespace mcast::control
