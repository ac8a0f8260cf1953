// "Who wants what where?": the group manager's memberships, page by page.
#include "paging.h"
#include "show.h"

#include <fmt/format.h>

#include <charconv>
#include <expected>
#include <optional>
#include <string_view>
#include <system_error>

namespace mcast::control {

using api::ErrorCode;
using api::Json;
using api::Reply;

namespace {

// [INTERFACE] [GROUP], in either order.
std::expected<mgm::MembershipFilter, Reply> filter_of(Core const& core,
                                                      std::vector<std::string> const& words) {
    mgm::MembershipFilter filter;
    for (std::string const& word : words) {
        auto const address = Ipv4::parse(word);
        if (address && address->is_multicast() && !filter.group) {
            filter.group = address;
        } else if (auto const interface = core.interfaces.find(word);
                   interface && !filter.interface) {
            filter.interface = interface;
        } else if (address || words.size() > 2) {
            return std::unexpected(
                Reply::refuse(ErrorCode::bad_argument,
                              "'" + word + "' does not fit: show memberships [INTERFACE] [GROUP]"));
        } else {
            return std::unexpected(
                Reply::refuse(ErrorCode::not_found,
                              "there is no interface '" + word + "'; see: show interfaces"));
        }
    }
    return filter;
}

std::string cursor_of(mgm::MembershipPlace const& place) {
    return fmt::format("{} {}", place.slot, place.interface.value);
}

template <class Number>
bool read(std::string_view word, Number& number) {
    auto const [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    return error == std::errc{} && end == word.data() + word.size();
}

std::optional<mgm::MembershipPlace> place_of(std::string_view cursor) {
    auto const space = cursor.find(' ');
    mgm::MembershipPlace place;
    IfIndex::rep interface = 0;
    bool const well = space != std::string_view::npos &&
                      read(cursor.substr(0, space), place.slot) &&
                      read(cursor.substr(space + 1), interface);
    place.interface = IfIndex{interface};
    return well ? std::optional{place} : std::nullopt;
}

Json membership_json(Core const& core, mgm::MembershipView const& view) {
    auto const text = [](std::optional<Ipv4> address) {
        return address ? Json(to_string(*address)) : Json();
    };
    return {{"interface", core.interfaces.name(view.interface)},
            {"source", text(view.key.source)},
            {"group", text(view.key.group)},
            {"owner", view.owner ? Json(protocol_name(*view.owner)) : Json()},
            {"igmp", view.by_igmp},
            {"stale", view.stale}};
}

} // namespace

Reply page_of_memberships(Core const& core, PageRequest const& request) {
    auto const filter = filter_of(core, request.words);
    if (!filter) {
        return filter.error();
    }
    std::optional<mgm::MembershipPlace> after;
    if (request.after) {
        after = place_of(*request.after);
        if (!after) {
            return bad_cursor(*request.after);
        }
    }
    auto const page = core.manager.memberships(*filter, after, request.limit);
    Json rows = Json::array();
    for (mgm::MembershipView const& view : page.memberships) {
        rows.push_back(membership_json(core, view));
    }
    return page_reply(std::move(rows),
                      page.next ? std::optional{cursor_of(*page.next)} : std::nullopt);
}

} // namespace mcast::control
