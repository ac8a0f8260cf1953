// A graft of ours that waits for its acknowledgement (section 3.6.1). No input or output.
#pragma once

#include "neighbor.h"

#include "mcast/base/ipv4.h"
#include "mcast/base/time.h"

#include <algorithm>
#include <cstdint>

namespace mcast::dvmrp {

struct SentGraft {
    Ipv4 source{};
    Ipv4 neighbor{};        // upstream
    Span memory = 0;        // of that neighbour
    std::uint32_t sent = 1; // how often
    TimePoint first_sent{};
    TimePoint resend_at{};
    Duration pause{};
};

inline SentGraft first_graft(Ipv4 source, Neighbor const& upstream, Config const& config,
                             TimePoint now) {
    return {.source = source,
            .neighbor = upstream.address,
            .memory = upstream.memory,
            .first_sent = now,
            .resend_at = now + config.graft_retransmit,
            .pause = config.graft_retransmit};
}

// After a repetition: twice as long, up to the longest pause.
inline void put_off(SentGraft& graft, Config const& config, TimePoint now) {
    ++graft.sent;
    graft.pause = std::min(graft.pause * 2, config.longest_graft_retransmit);
    graft.resend_at = now + graft.pause;
}

} // namespace mcast::dvmrp
