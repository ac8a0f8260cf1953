// mcastctl watch: what the group manager does, as it happens, until Ctrl-C.
#include "conversation.h"
#include "views.h"

#include <chrono>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <limits>
#include <optional>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace mcast::ctl {

namespace {

using std::chrono::system_clock;

// How late an event may be seen.
constexpr timespec k_nap{.tv_sec = 0, .tv_nsec = 200'000'000};

std::sig_atomic_t volatile interrupted = 0;

void catch_interrupt() {
    struct sigaction action{};
    action.sa_handler = [](int) { interrupted = 1; };
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

// The daemon has no calendar: it says how long ago something was.
system_clock::time_point time_of(Json const& event) {
    Json const& ago = member(event, "ago_seconds");
    std::chrono::duration<double> const age{ago.is_number() ? ago.get<double>() : 0.0};
    return system_clock::now() - std::chrono::duration_cast<system_clock::duration>(age);
}

std::string line_of(Json const& event, Format format) {
    auto const time = time_of(event);
    auto const seconds = std::chrono::floor<std::chrono::seconds>(time);
    auto const ms = std::chrono::duration_cast<std::chrono::milliseconds>(time - seconds).count();
    std::time_t const since = system_clock::to_time_t(seconds);
    if (format != Format::table) {
        Json dated = {{"time", fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(since), ms)}};
        for (auto const& [name, value] : event.items()) {
            dated[name] = value;
        }
        return json_text(dated, -1);
    }
    return fmt::format("{:%H:%M:%S}.{:03}  {}", fmt::localtime(since), ms, view_event(event));
}

std::string missed_line(std::uint64_t missed, Format format) {
    if (format != Format::table) {
        return json_text({{"kind", "missed"}, {"missed", missed}}, -1);
    }
    return fmt::format("              missed           {} events came faster than the daemon "
                       "keeps them\n",
                       missed);
}

} // namespace

int follow(Options const& options) {
    catch_interrupt();
    auto conversation = Conversation::open(options);
    if (!conversation) {
        return fail(conversation.error());
    }
    std::uint64_t left = options.count.value_or(std::numeric_limits<std::uint64_t>::max());
    api::Request request = options.request;
    request.options = {{"after", "now"}};
    while (interrupted == 0) {
        auto const data = conversation->ask(request);
        if (!data) {
            return interrupted != 0 ? 0 : fail(data.error());
        }
        Json const& missed = member(*data, "missed");
        if (missed.is_number_unsigned() && missed != 0U) {
            write(stdout, missed_line(missed.get<std::uint64_t>(), options.format));
        }
        for (Json const& event : member(*data, "rows")) {
            write(stdout, line_of(event, options.format));
            if (--left == 0) {
                return 0;
            }
        }
        request.options["after"] = member(*data, "cursor");
        if (member(*data, "next").is_null()) {
            ::nanosleep(&k_nap, nullptr); // ends early when a signal comes
        }
    }
    return 0;
}

} // namespace mcast::ctl
