#include "mcast/base/log.h"

#include <array>
#include <cstdlib>
#include <memory>
#include <utility>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace mcast::log {

namespace {

struct Name {
    Level level;
    std::string_view name;
    spdlog::level::level_enum spdlog_level;
};

constexpr std::array<Name, 6> k_names{{
    {Level::debug, "debug", spdlog::level::debug},
    {Level::info, "info", spdlog::level::info},
    {Level::notice, "notice", spdlog::level::info},
    {Level::warning, "warning", spdlog::level::warn},
    {Level::error, "error", spdlog::level::err},
    {Level::none, "none", spdlog::level::off},
}};

Level current_level = Level::notice;

// In no registry: when memory does not suffice for it, the next line tries again.
// Under systemd the journal adds time and severity itself; it reads the severity from "<N>".
std::shared_ptr<spdlog::logger> make_logger() {
    auto logger = std::make_shared<spdlog::logger>(
        "mcastd", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_level(spdlog::level::trace);
    bool const journal = std::getenv("JOURNAL_STREAM") != nullptr;
    logger->set_pattern(journal ? "%v" : "%Y-%m-%dT%H:%M:%S.%f %v");
    return logger;
}

spdlog::logger& logger() {
    static std::shared_ptr<spdlog::logger> const instance = make_logger();
    return *instance;
}

} // namespace

std::optional<Level> parse_level(std::string_view name) {
    for (Name const& known : k_names) {
        if (known.name == name) {
            return known.level;
        }
    }
    return std::nullopt;
}

std::string_view name_of(Level level) {
    return k_names[std::to_underlying(level)].name;
}

void set_level(Level level) {
    current_level = level;
}

Level level() {
    return current_level;
}

void write(Level level, std::string_view subsystem, std::string_view text) {
    if (level < current_level || level == Level::none) {
        return;
    }
    Name const& name = k_names[std::to_underlying(level)];
    logger().log(name.spdlog_level, "{} {}: {}", name.name, subsystem, text);
    logger().flush();
}

} // namespace mcast::log
