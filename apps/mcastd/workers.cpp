#include "workers.h"

#include "mcast/platform/clock.h"

#include <algorithm>

namespace mcastd {

using namespace mcast;

handoff::ChannelSizes channel_sizes(platform::Config const& config) {
    // Ethernet header, a tag, and what a port may receive beyond its MTU.
    constexpr std::size_t k_beyond_mtu = 64;
    handoff::ChannelSizes sizes;
    sizes.slot_bytes = 2048;
    for (platform::PortConfig const& port : config.ports) {
        sizes.slot_bytes = std::max(sizes.slot_bytes, port.mtu + k_beyond_mtu);
    }
    return sizes;
}

Workers::Workers(config::Config const& config, platform::Ports const& ports,
                 platform::Pools const& pools, handoff::Shared& shared, platform::Qsbr& grace) {
    control::PuntLimits const& limits = config.control.limits.punt;
    for (std::size_t w = 0; w < config.platform.workers.cores.size(); ++w) {
        WorkerId const id{static_cast<WorkerId::rep>(w)};
        dataplane::WorkerSetup setup{
            .id = id,
            .queues = ports.queues_of(id),
            .limits = {limits.dvmrp, limits.igmp, limits.miss, limits.host},
            .idle = config.platform.workers.idle,
            .cycles_per_second = platform::cycles_per_second()};
        workers_.push_back(
            std::make_unique<dataplane::Worker>(std::move(setup), shared, pools, grace));
    }
}

std::expected<void, platform::StartError> Workers::launch() {
    for (std::size_t w = 0; w < workers_.size(); ++w) {
        dataplane::Worker* const worker = workers_[w].get();
        auto launched =
            lcores_.launch(WorkerId{static_cast<WorkerId::rep>(w)},
                           [worker](platform::StopFlag const& stop) { worker->run(stop); });
        if (!launched) {
            return launched;
        }
    }
    return {};
}

void Workers::stop() {
    lcores_.stop();
    lcores_.join();
    for (auto const& worker : workers_) {
        worker->drain_relays();
    }
    workers_.clear(); // frees what they held
}

} // namespace mcastd
