// mcastctl: asks a running mcastd and prints what it answers. One question, one connection; with
// --watch, one connection a question, so that a restart of the daemon is only a gap.
#include "conversation.h"
#include "options.h"
#include "topology.h"
#include "views.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <unistd.h>

namespace mcast::ctl {

namespace {

constexpr std::string_view k_clear = "\033[H\033[2J";

// https://no-color.org: any value but an empty one turns colours off.
bool wants_colour() {
    char const* const no_color = std::getenv("NO_COLOR");
    return ::isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0');
}

std::string rendered(Options const& options, Json const& data) {
    switch (options.format) {
    case Format::json:
        return json_text(data, 2);
    case Format::jsonl: {
        if (!data.is_array()) {
            return json_text(data, -1);
        }
        std::string lines;
        for (Json const& item : data) {
            lines += json_text(item, -1);
        }
        return lines;
    }
    case Format::table:
        break;
    }
    return view(options.request, data, wants_colour());
}

// A listing comes in pages. As lines they are printed as they come; a table or a document needs all
// of them first.
int list_once(Options const& options, std::string_view before) {
    auto conversation = Conversation::open(options);
    if (!conversation) {
        return fail(conversation.error());
    }
    Json all = Json::array();
    auto const done = conversation->ask_all(options.request, [&](Json rows) {
        if (options.format == Format::jsonl) {
            write(stdout, rendered(options, rows));
        } else {
            for (Json& row : rows) {
                all.push_back(std::move(row));
            }
        }
    });
    if (!done) {
        return fail(done.error());
    }
    if (options.format != Format::jsonl) {
        write(stdout, std::string{before} + rendered(options, all));
    }
    return 0;
}

int ask_once(Options const& options, std::string_view before) {
    if (options.task == Task::list) {
        return list_once(options, before);
    }
    auto conversation = Conversation::open(options);
    if (!conversation) {
        return fail(conversation.error());
    }
    auto const data = conversation->ask(options.request);
    if (!data) {
        return fail(data.error());
    }
    write(stdout, std::string{before} + rendered(options, *data));
    return 0;
}

// Three questions about a router that goes on meanwhile: a stream may name a link that is gone.
int draw(Options const& options) {
    auto conversation = Conversation::open(options);
    if (!conversation) {
        return fail(conversation.error());
    }
    auto const interfaces = conversation->ask({"show", {"interfaces"}, Json::object()});
    if (!interfaces) {
        return fail(interfaces.error());
    }
    Json neighbors = Json::array();
    Json entries = Json::array();
    auto const into = [](Json& all) {
        return [&all](Json rows) { all.insert(all.end(), rows.begin(), rows.end()); };
    };
    auto done =
        conversation->ask_all({"show", {"dvmrp", "neighbors"}, Json::object()}, into(neighbors));
    if (done) {
        done = conversation->ask_all({"show", {"entries"}, Json::object()}, into(entries));
    }
    if (!done) {
        return fail(done.error());
    }
    Json const picture = topology(options.instance, *interfaces, neighbors, entries);
    bool const drawn = options.format == Format::table;
    write(stdout, !drawn                            ? rendered(options, picture)
                  : options.drawing == Drawing::svg ? topology_svg(picture)
                                                    : topology_dot(picture));
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
    switch (options->task) {
    case Task::follow:
        return follow(*options);
    case Task::change_owner:
        return change_owner(*options);
    case Task::topology:
        return draw(*options);
    case Task::ask:
    case Task::list:
    case Task::order:
        break;
    }
    return options->watch ? watch(*options) : ask_once(*options, "");
}

} // namespace

} // namespace mcast::ctl

int main(int argc, char** argv) {
    return mcast::ctl::run(argc, argv);
}
