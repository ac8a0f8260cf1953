#include "conversation.h"

#include "cells.h"

#include <cstdio>

#include <fmt/format.h>

namespace mcast::ctl {

namespace {

Failure failure_of(api::ClientError const& error) {
    bool const late = error.fault == api::ClientFault::timeout;
    return {late ? k_exit_timeout : k_exit_no_daemon, error.sentence};
}

} // namespace

std::expected<Conversation, Failure> Conversation::open(Options const& options) {
    auto client = api::Client::connect(options.socket, options.timeout);
    if (!client) {
        return std::unexpected(failure_of(client.error()));
    }
    return Conversation{std::move(*client)};
}

std::expected<Json, Failure> Conversation::ask(api::Request const& request) {
    auto reply = client_.ask(request);
    if (!reply) {
        return std::unexpected(failure_of(reply.error()));
    }
    if (reply->failure) {
        return std::unexpected(Failure{k_exit_refused, reply->failure->sentence});
    }
    return std::move(reply->data);
}

std::expected<void, Failure> Conversation::ask_all(api::Request request,
                                                   std::function<void(Json rows)> const& page) {
    for (;;) {
        auto data = ask(request);
        if (!data) {
            return std::unexpected(data.error());
        }
        Json const& next = member(*data, "next");
        if (!next.is_null() && next == member(request.options, "after")) {
            return std::unexpected(
                Failure{k_exit_no_daemon, "the daemon's listing does not come to an end"});
        }
        Json const after = next;
        page(data->is_object() && data->contains("rows") ? std::move((*data)["rows"])
                                                         : std::move(*data));
        if (!after.is_string()) {
            return {};
        }
        request.options["after"] = after;
    }
}

void write(std::FILE* to, std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), to);
    std::fflush(to);
}

int fail(Failure const& failure) {
    write(stderr, fmt::format("mcastctl: {}\n", printable(failure.sentence)));
    return failure.code;
}

std::string json_text(Json const& json, int indent) {
    return json.dump(indent, ' ', false, Json::error_handler_t::replace) + '\n';
}

} // namespace mcast::ctl
