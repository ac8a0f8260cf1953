#include "mcast/handoff/worker_channel.h"

namespace mcast::handoff {

WorkerChannel::WorkerChannel(ChannelSizes const& sizes)
    : alerts(sizes.alert_slots, k_alert_bytes), inject(sizes.inject_slots, sizes.slot_bytes),
      counters(std::make_unique<WorkerCounters>()) {
    for (std::size_t i = 0; i < k_punt_classes; ++i) {
        punts[i] = std::make_unique<FrameQueue>(sizes.punt_slots[i], sizes.slot_bytes);
    }
}

Shared::Shared(std::size_t worker_count, std::size_t entries, ChannelSizes const& sizes,
               GracePeriod& grace, std::uint64_t seed)
    : table(entries, grace, seed), interfaces(grace) {
    workers.reserve(worker_count);
    for (std::size_t i = 0; i < worker_count; ++i) {
        workers.push_back(std::make_unique<WorkerChannel>(sizes));
    }
}

} // namespace mcast::handoff
