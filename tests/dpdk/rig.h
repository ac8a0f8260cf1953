// A worker on a bench: ports are pairs of rings whose other ends the test holds.
//
// When it goes, it checks what must hold at the end of every test: the accounting identity, and
// that every mbuf is back in its pool.
#pragma once

#include "packet.h"

#include "mcast/dataplane/worker.h"
#include "mcast/handoff/publisher.h"
#include "mcast/platform/pools.h"
#include "mcast/platform/qsbr.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

struct rte_mbuf;
struct rte_ring;

namespace mcast::test {

struct RigOptions {
    std::size_t workers = 1;
    bool multi_segment = true;
    platform::Idle idle = platform::Idle::spin;
    std::uint32_t wake_up_within = 50;
    dataplane::PuntLimits limits{.dvmrp = 0, .igmp = 0, .query = 0, .miss = 0, .host = 0};
    platform::PoolsConfig pools{
        .receive = 1023, .headers = 1023, .control = 255, .cache = 32, .buffer_bytes = 2176};
    platform::PoolNodes nodes{};
    int node = platform::k_any_node; // of the workers
    handoff::ChannelSizes sizes{
        .punt_slots = {8, 8, 64, 8, 8}, .inject_slots = 16, .slot_bytes = 9728};
};

// A frame that the worker sent. The mbuf lives until Rig::release().
struct Sent {
    rte_mbuf* frame;
    Octets bytes;
    std::size_t segments;
};

// Sums over all interfaces and ports of all workers.
struct Totals {
    std::uint64_t received = 0;
    std::uint64_t reinjected = 0;
    std::uint64_t forwarded = 0;
    std::uint64_t drops = 0;
    std::uint64_t punted = 0;
    std::uint64_t copies = 0;
    std::uint64_t fragments = 0;
    std::uint64_t frames_sent = 0;
    std::uint64_t copy_drops = 0;
};

class Rig {
public:
    static constexpr std::size_t k_ports = 18;
    static constexpr std::uint16_t k_small_port = 17; // its transmit ring holds 15 frames

    explicit Rig(RigOptions options = {});
    ~Rig();

    // Interface i on port i, untagged, router MAC, up, 10.0.i.1/24, unless changed.
    handoff::Interface plain(std::uint16_t port) const;
    void publish(std::vector<std::pair<std::uint16_t, handoff::Interface>> const& interfaces,
                 IfSet const& alerting = {}, std::optional<IfSet> const& dvmrp = {});
    // Interfaces 0..count-1, all plain.
    void publish_plain(std::uint16_t count);
    void publish_entry(handoff::EntrySpec const& spec) { publisher_->publish(spec); }
    void forward_to(std::initializer_list<std::uint16_t> outputs);

    // A chain from the receive pool, cut into segments of at most `segment` bytes.
    rte_mbuf* frame(std::span<std::uint8_t const> bytes, std::size_t segment = 2048);
    void receive(std::uint16_t port, rte_mbuf* frame, TimePoint at = {});
    // Together, in one turn.
    void receive(std::uint16_t port, std::span<rte_mbuf*> burst, TimePoint at);
    void receive(std::uint16_t port, Octets const& bytes) { receive(port, frame(bytes)); }
    // Through the port's receive ring and the next poll_once().
    void enqueue(std::uint16_t port, rte_mbuf* frame);

    std::vector<Sent> sent(std::uint16_t port);
    // Frees what sent() gave.
    void release();

    std::uint64_t drops(handoff::Drop why) const;
    std::uint64_t copy_drops(handoff::CopyDrop why) const;
    std::uint64_t punts(handoff::PuntClass to) const;
    Totals totals() const;
    handoff::InterfaceCounters const& counters(std::uint16_t interface) const;
    // The bytes of the next punted frame of this class.
    std::optional<std::pair<IfIndex, Octets>> punted(handoff::PuntClass to);
    // The next head of a packet on the wrong interface.
    std::optional<std::pair<IfIndex, Octets>> alerted();
    void inject(std::uint16_t interface, handoff::Injection what, Octets const& bytes);

    dataplane::Worker& worker(std::size_t i = 0) { return *workers_[i]; }
    platform::Pools& pools() { return *pools_; }
    handoff::Shared& shared() { return *shared_; }
    platform::Qsbr& grace() { return grace_; }
    handoff::Publisher& publisher() { return *publisher_; }

private:
    void check_balance();

    RigOptions options_;
    platform::Qsbr grace_{4};
    std::optional<platform::Pools> pools_;
    std::unique_ptr<handoff::Shared> shared_;
    std::unique_ptr<handoff::Publisher> publisher_;
    std::vector<rte_ring*> relays_;
    std::vector<std::unique_ptr<dataplane::Worker>> workers_;
    std::vector<rte_mbuf*> held_;
};

} // namespace mcast::test
