#include "live_scene.h"

#include "pace.h" // of mcastd

#include "mcast/wire/be.h"
#include "mcast/wire/ipv4.h"

#include <ctime>
#include <stdexcept>

#include <poll.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>

namespace mcast::bench {

namespace {

constexpr std::size_t k_protocol_at = 14 + 9;
constexpr std::size_t k_destination_at = 14 + 16;

void nap(Duration longest) {
    timespec const time{.tv_sec = 0, .tv_nsec = static_cast<long>(longest.count())};
    ppoll(nullptr, 0, &time, nullptr);
}

} // namespace

LiveRouter::LiveRouter(Duration last_member_interval) : router_(last_member_interval) {
    std::uint16_t const port = router_.wire().dpdk_port(k_lan);
    if (rte_eth_add_tx_callback(port, 0, sending, this) == nullptr) {
        throw std::runtime_error("no callback");
    }
}

LiveRouter::~LiveRouter() {
    halt();
}

// On the worker.
std::uint16_t LiveRouter::sending(std::uint16_t, std::uint16_t, rte_mbuf** frames,
                                  std::uint16_t count, void* self) {
    auto& stamps = static_cast<LiveRouter*>(self)->stamps_;
    std::uint64_t const now = platform::cycles();
    for (std::uint16_t i = 0; i < count; ++i) {
        auto const* const bytes = rte_pktmbuf_mtod(frames[i], std::uint8_t const*);
        std::uint8_t const* const at = bytes + k_destination_at;
        std::uint32_t const guest =
            Ipv4::of(at[0], at[1], at[2], at[3]).value - k_first_guest.value;
        if (bytes[k_protocol_at] != wire::k_protocol_igmp && guest < k_guests) {
            Stamps& its = stamps[guest];
            if (its.first.load(k_order) == 0) {
                its.first.store(now, k_order);
            }
            its.last.store(now, k_order);
        }
    }
    return count;
}

void LiveRouter::forget(std::uint32_t guest) {
    stamps_[guest].first.store(0, k_order);
    stamps_[guest].last.store(0, k_order);
}

void LiveRouter::launch() {
    since_ = router_.now();
    launched_ = platform::now();
    running_.store(true, k_order);
    auto const launched = lcores_.launch(
        WorkerId{0}, [this](platform::StopFlag const& flag) { router_.worker().run(flag); });
    if (!launched) {
        throw std::runtime_error(launched.error().sentence);
    }
    control_ = std::thread([this] { run_control(); });
}

void LiveRouter::halt() {
    if (!running_.exchange(false, k_order)) {
        return;
    }
    control_.join();
    lcores_.stop();
    lcores_.join();
    router_.skip(platform::now() - launched_); // its time does not go back
}

// As mcastd does it, without links and sockets.
void LiveRouter::run_control() {
    TimePoint last_busy = platform::now();
    while (running_.load(k_order)) {
        TimePoint const now = platform::now();
        TimePoint const its_now = since_ + (now - launched_);
        if (router_.control().step(its_now)) {
            last_busy = now;
        } else {
            nap(mcastd::until_next(router_.control(), its_now, its_now - (now - last_busy)));
        }
    }
}

} // namespace mcast::bench
