#include "timing.h"

#include "mcast/wire/igmp_code.h"

#include <algorithm>

namespace mcast::igmp {

namespace {

constexpr Duration k_tenth = std::chrono::milliseconds{100};
constexpr Duration k_version1_response = std::chrono::seconds{10};

} // namespace

std::uint8_t code_of(Duration time, std::uint8_t version) {
    std::int64_t const tenths = time / k_tenth;
    switch (version) {
    case 1:
        return 0;
    case 2:
        return static_cast<std::uint8_t>(std::clamp<std::int64_t>(tenths, 1, 255));
    default:
        return wire::encode_code(static_cast<std::uint16_t>(
            std::clamp<std::int64_t>(tenths, 1, wire::k_max_code_value)));
    }
}

Duration time_of(std::uint8_t code, std::uint8_t version) {
    switch (version) {
    case 1:
        return k_version1_response;
    case 2:
        return code * k_tenth;
    default:
        return wire::decode_code(code) * k_tenth;
    }
}

Timing timing_of(InterfaceConfig const& config, std::uint8_t version, Adopted const& adopted) {
    Timing t;
    t.version = version;
    t.robustness = adopted.robustness.value_or(config.robustness);
    t.query_interval = adopted.query_interval.value_or(config.query_interval);
    t.response_code = code_of(config.query_response_interval, version);
    t.response = std::max(time_of(t.response_code, version), adopted.response);
    t.startup_count = std::max<std::uint8_t>(1, config.startup_query_count.value_or(t.robustness));
    t.startup_interval = config.startup_query_interval.value_or(config.query_interval / 4);
    t.last_member_count = config.last_member_query_count.value_or(t.robustness);
    t.last_member_code = code_of(config.last_member_query_interval, version);
    t.last_member_interval = time_of(t.last_member_code, version);
    t.last_member_time = t.last_member_count * t.last_member_interval;

    Duration const rounds = t.robustness * t.query_interval;
    t.membership = rounds + (config.rfc3376_timers ? 1 : 2) * t.response;
    t.other_querier = config.querier_timeout.value_or(rounds + t.response / 2);
    t.older_host = rounds + t.response;
    return t;
}

} // namespace mcast::igmp
