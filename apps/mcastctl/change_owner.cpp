// mcastctl owner: begins a change of owner, and with --wait sees it through.
#include "conversation.h"
#include "views.h"

#include <chrono>
#include <optional>
#include <thread>

#include <fmt/format.h>

namespace mcast::ctl {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds k_between{20};

Json row_of(Json const& owners, Json const& interface) {
    if (owners.is_array()) {
        for (Json const& row : owners) {
            if (member(row, "interface") == interface) {
                return row;
            }
        }
    }
    return {};
}

Failure still_waiting(Json const& ownership, std::chrono::milliseconds waited) {
    std::string text = fmt::format("{} is still changing hands after {:.1f} s",
                                   cell(member(ownership, "interface"), Kind::plain).text,
                                   std::chrono::duration<double>(waited).count());
    Json const& workers = member(ownership, "waits_for");
    if (workers.is_array() && !workers.empty()) {
        text += fmt::format("; held up by worker {}, which has not moved since",
                            cell(workers, Kind::list).text);
    }
    return {k_exit_timeout, text + "; see: show owners"};
}

// Asks until the change is over; the reply has then what is true then.
std::optional<Failure> see_through(Conversation& conversation, Json& reply,
                                   std::chrono::milliseconds longest) {
    auto const end = steady_clock::now() + longest;
    while (member(reply, "complete") != true) {
        if (steady_clock::now() >= end) {
            return still_waiting(member(reply, "ownership"), longest);
        }
        std::this_thread::sleep_for(k_between);
        auto const owners = conversation.ask({"show", {"owners"}, Json::object()});
        if (!owners) {
            return owners.error();
        }
        Json row = row_of(*owners, member(reply, "interface"));
        reply["complete"] = member(row, "transition_seconds").is_null();
        reply["ownership"] = std::move(row);
    }
    return std::nullopt;
}

} // namespace

int change_owner(Options const& options) {
    auto conversation = Conversation::open(options);
    if (!conversation) {
        return fail(conversation.error());
    }
    auto reply = conversation->ask(options.request);
    if (!reply) {
        return fail(reply.error());
    }
    if (options.wait && reply->is_object()) {
        if (auto const failure = see_through(*conversation, *reply, *options.wait)) {
            return fail(*failure);
        }
    }
    write(stdout, options.format == Format::table
                      ? view(options.request, *reply, false)
                      : json_text(*reply, options.format == Format::json ? 2 : -1));
    return 0;
}

} // namespace mcast::ctl
