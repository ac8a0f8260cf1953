// How long a packet takes through one worker, ring to ring, at shares of the rate that it can do.
//
//   latency_bench [ROUNDS]    figures for scripts/bench; rounds (5) turn about with the floor
//
// The worker has core 0. This thread, on core 1, puts stamped packets on the ring that the worker
// receives from, when they are due, and takes copies off the rings that it sends to; so delays are
// as coarse as one of this thread's rounds, which is printed too. The floor is a loop that receives
// and sends as the worker does and nothing else, at the same load. Of the rounds the median counts,
// of the longest delays as well: others on the machine make single ones as long as they please.
#include "meter.h"
#include "packet.h"
#include "race.h"
#include "worker_scene.h"

#include "mcast/base/log.h"
#include "mcast/platform/clock.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <map>
#include <string>

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

namespace {

using namespace mcast;
using namespace mcast::bench;

constexpr std::uint16_t k_copies = 4;
constexpr unsigned k_ring = 4096;
constexpr std::size_t k_frame = 64;
constexpr std::size_t k_stamp = 44; // in the frame, behind IPv4 and UDP
constexpr double k_seconds = 0.08;  // one measurement

struct Stamp {
    std::uint64_t sent;
    std::uint32_t number;
};

// Rings in place of the drivers of the scene's flow port and its first outputs.
class Rings {
public:
    explicit Rings(WorkerScene const& scene) {
        in_ = make("in");
        take_over(scene.dpdk_port(WorkerScene::k_flow_port));
        for (std::uint16_t i = 0; i < k_copies; ++i) {
            out_[i] = make(fmt::format("out{}", i));
            std::uint16_t const port =
                scene.dpdk_port(static_cast<std::uint16_t>(WorkerScene::k_first_output + i));
            struct rte_eth_fp_ops& driver = rte_eth_fp_ops[port];
            drivers_queues_[i] = {port, driver.txq.data[0]};
            driver.tx_pkt_burst = [](void* ring, rte_mbuf** frames, std::uint16_t count) {
                return static_cast<std::uint16_t>(
                    rte_ring_sp_enqueue_burst(static_cast<rte_ring*>(ring),
                                              reinterpret_cast<void**>(frames), count, nullptr));
            };
            driver.txq.data[0] = out_[i];
        }
    }
    // The drivers close their own queues. (The flow port is the FlowSource's to give back.)
    ~Rings() {
        for (auto const& [port, queue] : drivers_queues_) {
            rte_eth_fp_ops[port].txq.data[0] = queue;
        }
    }
    Rings(Rings const&) = delete;
    Rings& operator=(Rings const&) = delete;

    rte_ring* in() const { return in_; }
    std::array<rte_ring*, k_copies> const& out() const { return out_; }

private:
    static rte_ring* make(std::string const& name) {
        rte_ring* const ring =
            rte_ring_create(name.c_str(), k_ring, 0, RING_F_SP_ENQ | RING_F_SC_DEQ);
        if (ring == nullptr) {
            throw std::runtime_error("no memory for a ring");
        }
        return ring;
    }
    void take_over(std::uint16_t port) {
        struct rte_eth_fp_ops& driver = rte_eth_fp_ops[port];
        driver.rx_pkt_burst = [](void* ring, rte_mbuf** frames, std::uint16_t count) {
            return static_cast<std::uint16_t>(rte_ring_sc_dequeue_burst(
                static_cast<rte_ring*>(ring), reinterpret_cast<void**>(frames), count, nullptr));
        };
        driver.rxq.data[0] = in_;
    }

    std::array<std::pair<std::uint16_t, void*>, k_copies> drivers_queues_{};
    rte_ring* in_ = nullptr;
    std::array<rte_ring*, k_copies> out_{};
};

class Delays {
public:
    void add(std::uint64_t cycles) { all_.push_back(static_cast<double>(cycles)); }
    bool empty() const { return all_.empty(); }
    // Nanoseconds; a share of 1 is the longest.
    double at(double share) {
        auto const n = static_cast<std::ptrdiff_t>(share * static_cast<double>(all_.size() - 1));
        std::ranges::nth_element(all_, all_.begin() + n);
        return all_[static_cast<std::size_t>(n)] * 1e9 /
               static_cast<double>(platform::cycles_per_second());
    }

private:
    std::vector<double> all_;
};

// What the thread that sends and collects saw.
struct Seen {
    Delays copies; // from the ring in to each ring out
    Delays spread; // between the first and the last copy of a packet
    Delays rounds; // of this thread
    std::size_t refused = 0;
};

class Prober {
public:
    Prober(Rings const& rings, platform::Pools const& pools)
        : rings_(rings), pools_(pools), template_(frame_of(k_frame)) {}

    // So many packets a second, evenly, for a while. 0: as many as fit, and only the rate counts.
    Seen run(double rate) {
        seen_ = {};
        auto const hz = static_cast<double>(platform::cycles_per_second());
        std::uint64_t const interval = rate == 0 ? 0 : static_cast<std::uint64_t>(hz / rate);
        std::uint64_t const start = platform::cycles();
        std::uint64_t const end = start + static_cast<std::uint64_t>(k_seconds * hz);
        firsts_.clear();
        std::uint64_t due = start;
        std::uint64_t before = start;
        for (std::uint64_t now = start; now < end; now = platform::cycles()) {
            if (now >= due && outstanding() < k_ring / 4) {
                send();
                due = interval == 0 ? now : std::max(due + interval, now - 16 * interval);
            }
            collect();
            seen_.rounds.add(now - before);
            before = now;
        }
        packets_ = firsts_.size();
        for (std::uint64_t const last = platform::cycles() + std::uint64_t(hz / 10);
             taken_ < packets_ * k_copies && platform::cycles() < last;) {
            collect();
        }
        seen_.refused = packets_ * k_copies - taken_;
        taken_ = 0;
        return std::move(seen_);
    }
    double rate() const { return static_cast<double>(packets_) / k_seconds; }

private:
    struct First {
        std::uint64_t at = 0;
        std::uint16_t copies = 0;
    };

    std::size_t outstanding() const { return firsts_.size() - taken_ / k_copies; }

    void send() {
        rte_mbuf* const frame = rte_pktmbuf_alloc(pools_.control());
        if (frame == nullptr) {
            return;
        }
        auto* const bytes = reinterpret_cast<std::uint8_t*>(rte_pktmbuf_append(frame, k_frame));
        std::memcpy(bytes, template_.data(), k_frame);
        Stamp const stamp{platform::cycles(), static_cast<std::uint32_t>(firsts_.size())};
        std::memcpy(bytes + k_stamp, &stamp, sizeof stamp);
        if (rte_ring_sp_enqueue(rings_.in(), frame) != 0) {
            rte_pktmbuf_free(frame);
            return;
        }
        firsts_.emplace_back();
    }

    void collect() {
        for (rte_ring* const ring : rings_.out()) {
            std::array<void*, 32> frames;
            unsigned const count = rte_ring_sc_dequeue_burst(ring, frames.data(), 32, nullptr);
            std::uint64_t const now = count == 0 ? 0 : platform::cycles();
            for (unsigned i = 0; i < count; ++i) {
                take(static_cast<rte_mbuf*>(frames[i]), now);
            }
        }
    }

    void take(rte_mbuf* frame, std::uint64_t now) {
        Stamp stamp;
        std::memcpy(&stamp, rte_pktmbuf_mtod_offset(frame, void const*, k_stamp), sizeof stamp);
        rte_pktmbuf_free(frame);
        ++taken_;
        seen_.copies.add(now - stamp.sent);
        First& first = firsts_[stamp.number];
        if (first.copies++ == 0) {
            first.at = now;
        } else if (first.copies == k_copies) {
            seen_.spread.add(now - first.at);
        }
    }

    Rings const& rings_;
    platform::Pools const& pools_;
    std::vector<std::uint8_t> template_;
    std::vector<First> firsts_; // by number
    std::size_t taken_ = 0;
    std::size_t packets_ = 0;
    Seen seen_;
};

using Body = std::function<void(platform::StopFlag const&)>;

// Receives a burst, gives a reference to each output.
Body floor_of(WorkerScene const& scene) {
    std::array<std::uint16_t, k_copies> out;
    for (std::uint16_t i = 0; i < k_copies; ++i) {
        out[i] = scene.dpdk_port(static_cast<std::uint16_t>(WorkerScene::k_first_output + i));
    }
    return [out, in = scene.dpdk_port(WorkerScene::k_flow_port)](platform::StopFlag const& stop) {
        while (!stop.requested()) {
            std::array<rte_mbuf*, 32> frames;
            std::uint16_t const count = rte_eth_rx_burst(in, 0, frames.data(), 32);
            for (std::uint16_t i = 0; i < count; ++i) {
                rte_mbuf_refcnt_update(frames[i], k_copies - 1);
            }
            for (std::uint16_t const port : out) {
                std::uint16_t const sent = rte_eth_tx_burst(port, 0, frames.data(), count);
                rte_pktmbuf_free_bulk(frames.data() + sent, count - sent);
            }
        }
    };
}

// One measurement with the body running on core 0.
Seen probe(Prober& prober, Body const& body, double rate) {
    platform::Lcores cores;
    auto const alone = [&body](platform::StopFlag const& stop) {
        keep_core(true);
        body(stop);
        keep_core(false);
    };
    if (auto const launched = cores.launch(WorkerId{0}, alone); !launched) {
        throw std::runtime_error(launched.error().sentence);
    }
    keep_core(true);
    Seen seen = prober.run(rate);
    keep_core(false);
    cores.stop();
    cores.join();
    if (seen.copies.empty() || seen.spread.empty()) {
        throw std::runtime_error("no packet came through");
    }
    return seen;
}

void bench_all(WorkerScene& scene, int rounds) {
    scene.publish(k_flow, WorkerScene::k_flow_port, k_copies);
    Rings const rings(scene);
    Prober prober(rings, scene.pools());
    auto const worker = scene.worker(0, {WorkerScene::k_flow_port});
    Body const ours = [&](platform::StopFlag const& stop) { worker->run(stop); };
    Body const floor = floor_of(scene);
    // What comes through when the ring is never empty: the worker's rate, or this thread's.
    Samples rates;
    for (int round = 0; round < rounds; ++round) {
        probe(prober, ours, 0);
        rates.add(prober.rate());
    }
    figure("latency-rate", rates.median() / 1e6, "Mpps");
    std::map<std::string, double> const shares{
        {"p50", 0.5}, {"p99", 0.99}, {"p999", 0.999}, {"max", 1.0}};
    Samples round_length;
    Samples refused;
    for (int const load : {10, 50, 90}) {
        std::map<std::string, std::array<Samples, 2>> samples;
        for (int round = 0; round < rounds; ++round) {
            for (std::size_t who = 0; who < 2; ++who) {
                Seen seen = probe(prober, who == 0 ? ours : floor, rates.median() * load / 100);
                for (auto const& [name, share] : shares) {
                    samples["latency-" + name][who].add(seen.copies.at(share));
                    samples["spread-" + name][who].add(seen.spread.at(share));
                }
                round_length.add(seen.rounds.at(0.5));
                refused.add(static_cast<double>(seen.refused));
            }
        }
        for (auto const& [name, who] : samples) {
            figure(fmt::format("{}-load{}", name, load), who[0].median(), "ns", "floor",
                   who[1].median());
        }
    }
    figure("latency-resolution", round_length.median(), "ns");
    figure("latency-copies-refused", refused.median(), "copies");
}

} // namespace

int main(int argc, char** argv) {
    log::set_level(log::Level::error);
    try {
        WorkerScene scene(k_frame);
        bench_all(scene, argc > 1 ? std::max(std::atoi(argv[1]), 1) : 5);
    } catch (std::exception const& error) {
        fmt::print(stderr, "latency_bench: {}\n", error.what());
        return 1;
    }
    return 0;
}
