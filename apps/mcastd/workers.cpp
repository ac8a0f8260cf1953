#include "workers.h"

#include "mcast/platform/clock.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <vector>

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

namespace {

// How many workers poll each port, by PortId.
std::vector<std::uint32_t> pollers(platform::Ports const& ports, std::size_t workers) {
    std::vector<std::uint32_t> count(ports.size());
    for (std::size_t w = 0; w < workers; ++w) {
        std::set<PortId> mine;
        for (auto const& queue : ports.queues_of(WorkerId{static_cast<WorkerId::rep>(w)}).receive) {
            mine.insert(queue.port);
        }
        for (PortId const port : mine) {
            ++count[port.index()];
        }
    }
    return count;
}

// A worker's share of what a port may punt. 0 is unlimited and stays so; no share becomes that.
dataplane::PuntLimits share(control::PuntLimits const& limits, std::uint32_t workers) {
    auto const part = [workers](std::uint32_t limit) {
        return limit == 0 || workers < 2 ? limit : std::max(limit / workers, 1U);
    };
    return {.dvmrp = part(limits.dvmrp),
            .igmp = part(limits.igmp),
            .query = part(limits.query),
            .miss = part(limits.miss),
            .host = part(limits.host),
            .alerts = part(dataplane::PuntLimits{}.alerts)};
}

} // namespace

Workers::Workers(config::Config const& config, platform::Ports const& ports,
                 platform::Pools const& pools, handoff::Shared& shared, platform::Qsbr& grace) {
    control::PuntLimits const& limits = config.control.limits.punt;
    std::vector<dataplane::PuntLimits> port_limits;
    for (std::uint32_t const workers : pollers(ports, config.platform.workers.cores.size())) {
        port_limits.push_back(share(limits, workers));
    }
    for (std::size_t w = 0; w < config.platform.workers.cores.size(); ++w) {
        WorkerId const id{static_cast<WorkerId::rep>(w)};
        dataplane::WorkerSetup setup{.id = id,
                                     .queues = ports.queues_of(id),
                                     .limits = share(limits, 1),
                                     .port_limits = port_limits,
                                     .idle = config.platform.workers.idle_of(w),
                                     .wake_up_within = config.platform.workers.wake_up_within,
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
