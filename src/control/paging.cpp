#include "paging.h"

#include <algorithm>
#include <expected>
#include <utility>

namespace mcast::control {

using api::ErrorCode;
using api::Json;
using api::Reply;

namespace {

std::unexpected<Reply> refuse(std::string sentence) {
    return std::unexpected(Reply::refuse(ErrorCode::bad_argument, std::move(sentence)));
}

} // namespace

std::expected<PageRequest, Reply> page_request(api::Request const& request, TimePoint now) {
    PageRequest page;
    page.now = now;
    page.words.assign(request.arguments.begin() + 1, request.arguments.end());
    for (auto const& [name, value] : request.options.items()) {
        if (name == "after" && value.is_string()) {
            page.after = value.get<std::string>();
        } else if (name == "limit" && value.is_number_integer() && value > 0) {
            page.limit = std::min(k_page_rows, value.get<std::size_t>());
        } else {
            return refuse("a listing takes the options after (a cursor, text) and limit (a number "
                          "above 0), not " +
                          name.substr(0, 64));
        }
    }
    return page;
}

Reply page_reply(Json rows, std::optional<std::string> next) {
    return Reply::ok({{"rows", std::move(rows)}, {"next", next ? Json(*next) : Json()}});
}

Reply bad_cursor(std::string const& cursor) {
    return Reply::refuse(ErrorCode::bad_argument,
                         "'" + cursor.substr(0, 64) +
                             "' is no cursor of this listing; begin again without one");
}

} // namespace mcast::control
