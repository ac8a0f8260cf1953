// Asking the daemon, and what ends the program when that fails: an exit code and a sentence.
#pragma once

#include "options.h"

#include "mcast/api/client.h"

#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace mcast::ctl {

using api::Json;

struct Failure {
    int code = 0;
    std::string sentence;
};

class Conversation {
public:
    static std::expected<Conversation, Failure> open(Options const& options);

    // The data of the answer. After a failure the conversation is over.
    std::expected<Json, Failure> ask(api::Request const& request);

    // Asks for one page after the other, and gives the rows of each to `page`.
    std::expected<void, Failure> ask_all(api::Request request,
                                         std::function<void(Json rows)> const& page);

private:
    explicit Conversation(api::Client client) : client_(std::move(client)) {}

    api::Client client_;
};

void write(std::FILE* to, std::string_view text);
// Says why on standard error; returns the exit code.
int fail(Failure const& failure);
std::string json_text(Json const& json, int indent);

// The commands that are more than one question.
int follow(Options const& options);       // watch
int change_owner(Options const& options); // owner take, owner release

} // namespace mcast::ctl
