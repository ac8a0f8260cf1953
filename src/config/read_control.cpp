#include "draft.h"
#include "words.h"

#include <fmt/format.h>

namespace mcast::config {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr DurationBounds k_age_bounds{milliseconds{100}, hours{24}};
constexpr Bounds k_rate_bounds{1, 100'000'000};
constexpr Bounds k_table_bounds{1, 16'777'216};
constexpr std::size_t k_longest_socket_path = 107; // sun_path with its terminator

void read_limits(Section& section, control::LimitsConfig& limits) {
    section.into(limits.entries, "entries", k_table_bounds);
    section.into(limits.entry_idle, "entry-idle", k_age_bounds);
    section.into(limits.negative_lifetime, "negative-lifetime", k_age_bounds);
    if (toml::table const* const table = section.table("punt")) {
        Section punt(*table, "[limits.punt]", section.reporter());
        punt.into(limits.punt.dvmrp, "dvmrp", k_rate_bounds);
        punt.into(limits.punt.igmp, "igmp", k_rate_bounds);
        punt.into(limits.punt.query, "query", k_rate_bounds);
        punt.into(limits.punt.miss, "miss", k_rate_bounds);
        punt.into(limits.punt.host, "host", k_rate_bounds);
        punt.finish();
    }
    section.finish();
}

// An absolute path that fits into a socket address; what was there stays when it is not.
void read_path(Section& section, std::string_view key, bool may_be_empty, std::string& path) {
    auto const text = section.text(key);
    if (!text) {
        return;
    }
    if (text->empty() && may_be_empty) {
        path.clear();
    } else if (!text->starts_with('/')) {
        section.reporter().error(
            section.at(key),
            fmt::format("{} in [socket] is {}, not an absolute path", key, quoted(*text)),
            "write a path that begins with '/', such as \"/run/mcastd/ctl.sock\"");
    } else if (text->size() > k_longest_socket_path) {
        section.reporter().error(
            section.at(key), fmt::format("{} in [socket] has {} characters", key, text->size()),
            fmt::format("the path of a socket has at most {}", k_longest_socket_path));
    } else {
        path = *text;
    }
}

void read_socket(Section& section, control::SocketConfig& socket) {
    read_path(section, "path", false, socket.path);
    if (section.has("group") && section.text("group") != "") {
        socket.group = section.name("group").value_or("");
    }
    read_path(section, "monitor-path", true, socket.monitor_path);
    if (socket.monitor_path == socket.path) {
        section.reporter().error(section.at("monitor-path"),
                                 "monitor-path in [socket] is the same as path",
                                 "give the monitor socket a path of its own");
    }
    section.finish();
}

void read_log(Section& section, control::LogConfig& log) {
    std::vector<std::string> const levels{"debug", "info", "notice", "warning", "error", "none"};
    if (auto const level = section.word("level", levels)) {
        log.level = levels[*level];
    }
    section.finish();
}

} // namespace

void read_control(Section& root, Draft& draft) {
    auto& config = draft.config.control;
    config.socket.path = default_socket_path(draft.config.platform.instance);
    if (toml::table const* const table = root.table("limits")) {
        Section section(*table, "[limits]", root.reporter());
        read_limits(section, config.limits);
    }
    if (toml::table const* const table = root.table("socket")) {
        Section section(*table, "[socket]", root.reporter());
        read_socket(section, config.socket);
    }
    if (toml::table const* const table = root.table("log")) {
        Section section(*table, "[log]", root.reporter());
        read_log(section, config.log);
    }
    if (toml::table const* const table = root.table("igmp")) {
        Section section(*table, "[igmp]", root.reporter());
        read_ssm(section, config.igmp);
        section.into(config.igmp.max_entries, "max-entries", k_table_bounds);
        section.into(config.igmp.max_megabytes, "max-megabytes", {1, 65536});
        section.into(config.igmp.warning_percent, "warning-percent", {0, 100});
        section.finish();
    }
}

} // namespace mcast::config
