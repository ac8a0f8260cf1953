#include "replay.h"

#include "signals.h"

#include "mcast/base/log.h"

#include <algorithm>

namespace mcastd {

using namespace mcast;

namespace {

// More rounds than this without coming to rest is a fault of ours; time has to go on.
constexpr int k_rounds = 10000;
// What is still due after we have settled waits for nothing that happens here.
constexpr Duration k_smallest_step = std::chrono::milliseconds{1};

} // namespace

void Replay::run(platform::ReplaySource& source) {
    settle();
    while (auto packet = source.next()) {
        advance(std::max(packet->at, now_));
        worker_.process(packet->port, &packet->frame, 1, now_);
        worker_.finish_turn();
        settle();
        ++packets_;
        if (stop_requested()) {
            break;
        }
    }
    log::line(
        log::Level::notice, "replay", "replay finished: {} packets, {} ms of capture time",
        packets_,
        std::chrono::duration_cast<std::chrono::milliseconds>(now_ - k_replay_origin).count());
}

void Replay::advance(TimePoint to) {
    for (auto due = control_.next_due(); due && *due <= to; due = control_.next_due()) {
        now_ = std::min(to, std::max(*due, now_));
        settle();
        auto const still = control_.next_due();
        if (still && *still <= now_) {
            if (now_ == to) {
                break;
            }
            now_ = std::min(to, now_ + k_smallest_step);
        }
    }
    now_ = to;
    settle();
}

void Replay::settle() {
    for (int round = 0; round < k_rounds; ++round) {
        bool busy = control_.step(now_);
        busy = worker_.take_injections(now_) || busy;
        worker_.finish_turn();
        if (!busy) {
            return;
        }
    }
    log::line(log::Level::error, "replay", "does not come to rest at {} ns",
              now_.time_since_epoch().count());
}

} // namespace mcastd
