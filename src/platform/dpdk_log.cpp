// DPDK writes its log to a FILE; this one hands each line to mcast::log.
#include "eal_internal.h"

#include "mcast/base/log.h"
#include "mcast/platform/eal.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/types.h>

#include <rte_log.h>

namespace mcast::platform {

namespace {

constexpr std::size_t k_kept = 64;

// DPDK may log from any of its threads (drivers' interrupt threads), hence the mutex.
struct Sink {
    std::mutex mutex;
    std::string partial;
    std::deque<std::string> complaints; // the last few
    bool holding = false;
    std::vector<std::pair<log::Level, std::string>> held;
};

Sink& sink() {
    static Sink instance;
    return instance;
}

log::Level level_of(int dpdk_level) {
    switch (dpdk_level) {
    case RTE_LOG_EMERG:
    case RTE_LOG_ALERT:
    case RTE_LOG_CRIT:
    case RTE_LOG_ERR:
        return log::Level::error;
    case RTE_LOG_WARNING:
        return log::Level::warning;
    case RTE_LOG_NOTICE:
        return log::Level::notice;
    case RTE_LOG_INFO:
        return log::Level::info;
    default:
        return log::Level::debug;
    }
}

void take_line(Sink& into, std::string_view line, log::Level level) {
    if (line.empty()) {
        return;
    }
    if (level >= log::Level::warning) {
        into.complaints.emplace_back(line);
        if (into.complaints.size() > k_kept) {
            into.complaints.pop_front();
        }
    }
    if (into.holding && log::level() != log::Level::debug) {
        into.held.emplace_back(level, line);
    } else {
        log::line(level, "dpdk", "{}", line);
    }
}

ssize_t write_cookie(void*, char const* text, std::size_t size) {
    Sink& into = sink();
    std::scoped_lock const lock{into.mutex};
    into.partial.append(text, size);
    log::Level const level = level_of(rte_log_cur_msg_loglevel());
    std::size_t start = 0;
    for (std::size_t end = into.partial.find('\n'); end != std::string::npos;
         end = into.partial.find('\n', start)) {
        take_line(into, std::string_view{into.partial}.substr(start, end - start), level);
        start = end + 1;
    }
    into.partial.erase(0, start);
    return static_cast<ssize_t>(size);
}

} // namespace

void take_dpdk_log() {
    {
        std::scoped_lock const lock{sink().mutex};
        sink().holding = true;
    }
    // Never closed: DPDK may write until the process ends.
    static std::FILE* const stream =
        fopencookie(nullptr, "w", {nullptr, write_cookie, nullptr, nullptr});
    if (stream != nullptr) {
        std::setvbuf(stream, nullptr, _IOLBF, 1024);
        rte_openlog_stream(stream);
    }
}

void release_dpdk_log() {
    Sink& from = sink();
    std::scoped_lock const lock{from.mutex};
    from.holding = false;
    for (auto const& [level, line] : std::exchange(from.held, {})) {
        log::line(level, "dpdk", "{}", line);
    }
}

std::string withhold_dpdk_log() {
    Sink& from = sink();
    std::scoped_lock const lock{from.mutex};
    from.holding = false;
    std::string errors;
    for (auto const& [level, line] : std::exchange(from.held, {})) {
        if (level == log::Level::error) {
            errors += (errors.empty() ? "" : "; ") + line;
        }
    }
    return errors;
}

std::string dpdk_complaint(std::string_view about) {
    Sink& from = sink();
    std::scoped_lock const lock{from.mutex};
    if (from.complaints.empty()) {
        return {};
    }
    auto const first = std::ranges::find_if(from.complaints, [about](std::string const& line) {
        return !about.empty() && line.find(about) != std::string::npos;
    });
    return first == from.complaints.end() ? from.complaints.back() : *first;
}

} // namespace mcast::platform
