// mcastctl: asks a running mcastd and prints what it answers. One question, one connection; with
// --watch, one connection a question, so that a restart of the daemon is only a gap.
#include "options.h"
#include "table.h"
#include "views.h"

#include "mcast/api/client.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

namespace mcast::ctl {

namespace {

constexpr std::string_view k_clear = "\033[H\033[2J";

void write(std::FILE* to, std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), to);
    std::fflush(to);
}

// https://no-color.org: any value but an empty one turns colours off.
bool wants_colour() {
    char const* const no_color = std::getenv("NO_COLOR");
    return ::isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0');
}

std::string rendered(Options const& options, Json const& data) {
    auto const dump = [](Json const& json, int indent) {
        return json.dump(indent, ' ', false, Json::error_handler_t::replace) + '\n';
    };
    switch (options.format) {
    case Format::json:
        return dump(data, 2);
    case Format::jsonl: {
        if (!data.is_array()) {
            return dump(data, -1);
        }
        std::string lines;
        for (Json const& item : data) {
            lines += dump(item, -1);
        }
        return lines;
    }
    case Format::table:
        break;
    }
    return view(options.request, data, wants_colour());
}

int fail(int code, std::string_view sentence) {
    write(stderr, fmt::format("mcastctl: {}\n", printable(sentence)));
    return code;
}

int ask_once(Options const& options, std::string_view before) {
    auto client = api::Client::connect(options.socket, options.timeout);
    auto const reply =
        client ? client->ask(options.request)
               : std::expected<api::Reply, api::ClientError>{std::unexpected(client.error())};
    if (!reply) {
        return fail(reply.error().fault == api::ClientFault::timeout ? k_exit_timeout
                                                                     : k_exit_no_daemon,
                    reply.error().sentence);
    }
    if (reply->failure) {
        return fail(k_exit_refused, reply->failure->sentence);
    }
    write(stdout, std::string{before} + rendered(options, reply->data));
    return 0;
}

// Until the user ends it. What fails at once will not be cured by waiting; what worked before may.
int watch(Options const& options) {
    bool const screen = options.format == Format::table && ::isatty(STDOUT_FILENO) == 1;
    int code = ask_once(options, screen ? k_clear : "");
    if (code != 0) {
        return code;
    }
    std::string_view const between = screen ? k_clear : options.format == Format::table ? "\n" : "";
    while (code == 0 || code == k_exit_no_daemon || code == k_exit_timeout) {
        std::this_thread::sleep_for(*options.watch);
        code = ask_once(options, between);
    }
    return code;
}

int run(int argc, char const* const* argv) {
    auto const options = parse_options(argc, argv);
    if (!options) {
        write(stdout, options.error().output);
        write(stderr, options.error().error);
        return options.error().code;
    }
    return options->watch ? watch(*options) : ask_once(*options, "");
}

} // namespace

} // namespace mcast::ctl

int main(int argc, char** argv) {
    return mcast::ctl::run(argc, argv);
}
