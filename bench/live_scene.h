// The router of igmp_scene.h as mcastd runs it: worker and control on threads of their own, on the
// wall's clock, with the naps of mcastd. The thread that makes it is the world outside: it sends,
// and drains what comes out. When the worker hands a copy of a guest's stream to the port, it is
// stamped there, so how fast the world looks does not count.
#pragma once

#include "igmp_scene.h"

#include "mcast/platform/clock.h"
#include "mcast/platform/lcores.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <thread>

namespace mcast::bench {

inline constexpr std::uint32_t k_guests = 1024; // groups that come and go
inline constexpr Ipv4 k_first_guest = Ipv4::of(239, 200, 0, 0);

class LiveRouter {
public:
    // Worker and control rest until launch(): until then Router is driven in lock-step.
    explicit LiveRouter(Duration last_member_interval);
    ~LiveRouter();

    Router& router() { return router_; }
    void launch();
    void halt();

    // In cycles; 0: no copy since forget().
    std::uint64_t first_copy(std::uint32_t guest) const { return read(guest).first.load(k_order); }
    std::uint64_t last_copy(std::uint32_t guest) const { return read(guest).last.load(k_order); }
    // While no copies of it can come.
    void forget(std::uint32_t guest);

private:
    static constexpr auto k_order = std::memory_order_relaxed;
    // The worker writes; the outside reads.
    struct Stamps {
        std::atomic<std::uint64_t> first{0};
        std::atomic<std::uint64_t> last{0};
    };
    Stamps const& read(std::uint32_t guest) const { return stamps_[guest]; }
    static std::uint16_t sending(std::uint16_t port, std::uint16_t queue, rte_mbuf** frames,
                                 std::uint16_t count, void* self);
    void run_control();

    Router router_;
    std::array<Stamps, k_guests> stamps_{};
    platform::Lcores lcores_;
    std::atomic<bool> running_{false};
    TimePoint launched_{};
    TimePoint since_{}; // the router's time then
    std::thread control_;
};

} // namespace mcast::bench
