// All workers of the configuration: built together, launched on their cores, stopped and joined.
#pragma once

#include "mcast/config/config.h"
#include "mcast/dataplane/worker.h"
#include "mcast/platform/lcores.h"
#include "mcast/platform/pools.h"
#include "mcast/platform/ports.h"
#include "mcast/platform/qsbr.h"

#include <expected>
#include <memory>
#include <vector>

namespace mcastd {

// Slots long enough for the longest frame of any port.
mcast::handoff::ChannelSizes channel_sizes(mcast::platform::Config const& config);

class Workers {
public:
    Workers(mcast::config::Config const& config, mcast::platform::Ports const& ports,
            mcast::platform::Pools const& pools, mcast::handoff::Shared& shared,
            mcast::platform::Qsbr& grace);

    // The first worker, to be driven by hand.
    mcast::dataplane::Worker& only() { return *workers_.front(); }

    std::expected<void, mcast::platform::StartError> launch();
    // Returns when every worker has returned and freed what it held.
    void stop();

private:
    std::vector<std::unique_ptr<mcast::dataplane::Worker>> workers_;
    mcast::platform::Lcores lcores_; // joined before the workers go
};

} // namespace mcastd
