#include "accounts.h"

#include "mcast/base/log.h"

#include <cstdint>

namespace mcastd {

using namespace mcast;

namespace {

bool log_packets(api::Json const& sums) {
    auto const number = [&](char const* name) { return sums.at(name).get<std::int64_t>(); };
    bool const right = number("difference") == 0 && number("copy_difference") == 0;
    log::line(
        right ? log::Level::notice : log::Level::error, "accounting",
        "received {} + reinjected {} = forwarded {} + dropped {} + punted {} (difference {}); "
        "copies {} + fragments {} = frames sent {} + copies dropped {} (difference {})",
        number("received"), number("reinjected"), number("forwarded"), number("dropped"),
        number("punted"), number("difference"), number("copies"), number("fragments"),
        number("frames_sent"), number("copy_drops"), number("copy_difference"));
    return right;
}

bool log_buffers(platform::PoolBalance const& used) {
    bool const right = used.total() == 0;
    log::line(right ? log::Level::notice : log::Level::error, "accounting",
              "mbuf balance {} (still in use: receive {}, headers {}, references {}, control {})",
              used.total(), used.receive, used.headers, used.references, used.control);
    return right;
}

} // namespace

bool close_the_books(control::ControlLoop const& control, platform::Pools const& pools,
                     TimePoint now) {
    api::Reply const status = control.answer({"show", {"status"}, api::Json::object()}, now);
    bool const packets = log_packets(status.data.at("accounting"));
    bool const buffers = log_buffers(pools.in_use());
    return packets && buffers;
}

} // namespace mcastd
