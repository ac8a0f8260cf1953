// The group manager at scale: memory, and the turns of control while an interface with 100,000
// memberships changes hands. Prints one figure a line, "name value unit", for scripts/bench.
#include "mgm_scene.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>

#include <malloc.h>

#include <fmt/format.h>

namespace {

using namespace mcast;
using namespace mcast::bench;

void figure(std::string_view name, double value, std::string_view unit) {
    fmt::print("{} {:.3f} {}\n", name, value, unit);
}

// Bytes that the heap has given out, its own overhead included.
double heap() {
    struct mallinfo2 const info = mallinfo2();
    return static_cast<double>(info.uordblks + info.hblkhd);
}

void memory() {
    constexpr std::uint32_t k_memberships = 1'000'000;
    constexpr std::uint32_t k_groups = k_memberships / k_outputs;
    auto const scene = std::make_unique<Scene>();
    double const empty = heap();
    scene->join_groups(k_groups);
    double const joined = heap();
    figure("memory_per_membership", (joined - empty) / k_memberships, "bytes");
    scene->make_entries(k_entries, k_groups);
    figure("memory_per_entry", (heap() - joined) / static_cast<double>(k_entries), "bytes");
    demand(scene->manager.entries() == k_entries, "not as many entries as asked for");
    handoff::Entry const* const entry = scene->publisher.current(flow(1));
    demand(entry != nullptr && entry->outputs.size() == k_outputs, "not as many outputs");
}

// Of this thread alone, so that a shared machine does not count.
double cpu_milliseconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

// An interface on which IGMP wants 100,000 groups, each with a stream that goes to it and to 15
// more, changes hands and back. As in the appliance, a turn of control adds memberships again in
// parts and lets the manager do a bounded part of its work.
class HandOver {
public:
    static constexpr std::uint32_t k_groups = k_entries;
    static constexpr std::uint32_t k_changing = 40;
    static constexpr std::uint32_t k_part = 256; // as control/control_loop.cpp

    HandOver() {
        for (std::uint32_t n = 0; n < k_groups; ++n) {
            (void)igmp().add(mgm::MembershipKey::of(group(n)), k_join);
            scene_->turn();
        }
        for (std::uint32_t n = 1; n < k_outputs; ++n) {
            (void)scene_->leases[n].add(mgm::MembershipKey::any(), k_join);
        }
        scene_->settle();
        scene_->make_entries(k_entries, k_groups);
        for (std::uint32_t n = 0; n < k_groups; ++n) {
            published_.push_back(scene_->publisher.current(flow(n)));
        }
    }

    void run() {
        turn([&] { lease_ = scene_->router_seat.take(ref(k_changing)).value(); });
        complete();
        report("take");
        turn([&] { lease_->release().value(); });
        complete();
        report("release");
        for (std::uint32_t n = 0; n < k_groups; ++n) {
            demand(published_[n] == scene_->publisher.current(flow(n)),
                   "an entry that both owners want was published anew");
        }
        demand(published_.front()->outputs.size() == k_outputs, "not as many outputs");
    }

private:
    mgm::InterfaceLease& igmp() { return scene_->leases[k_changing]; }

    template <class F>
    void turn(F&& first) {
        double const start = cpu_milliseconds();
        first();
        add_part();
        scene_->turn();
        turns_.push_back(cpu_milliseconds() - start);
        // Untouched at every moment; each turn looks at others of them.
        for (std::uint32_t n = 0; n < 64; ++n) {
            sample_ = (sample_ + 9973) % k_groups;
            demand(published_[sample_] == scene_->publisher.current(flow(sample_)),
                   "an entry that both owners want was published anew");
        }
    }

    void add_part() {
        if (!scene_->igmp.reopened) {
            next_ = 0;
            return;
        }
        for (std::uint32_t n = 0; n < 2 * k_part && next_ < k_groups; ++n, ++next_) {
            igmp().add(mgm::MembershipKey::of(group(next_)), k_join, scene_->igmp.epoch).value();
        }
    }

    // Until the gate is open, everything is added again, and nothing is left to tell.
    void complete() {
        while (!scene_->igmp.reopened || next_ < k_groups || scene_->manager.queued_news() != 0) {
            turn([] {});
            demand(turns_.size() < 100'000, "the hand-over does not come to an end");
        }
        scene_->igmp.reopened = false;
    }

    void report(std::string_view what) {
        std::ranges::sort(turns_);
        auto const at = [&](double share) {
            return turns_[static_cast<std::size_t>(share * static_cast<double>(turns_.size() - 1))];
        };
        figure(fmt::format("{}_turns", what), static_cast<double>(turns_.size()), "turns");
        figure(fmt::format("{}_turn_p50", what), at(0.5), "ms");
        figure(fmt::format("{}_turn_p99", what), at(0.99), "ms");
        figure(fmt::format("{}_turn_max", what), at(1), "ms");
        turns_.clear();
    }

    std::unique_ptr<Scene> scene_ = std::make_unique<Scene>();
    std::vector<handoff::Entry const*> published_;
    std::optional<mgm::InterfaceLease> lease_;
    std::vector<double> turns_;
    std::uint32_t next_ = 0; // group to be added again
    std::uint32_t sample_ = 0;
};

} // namespace

int main(int argc, char** argv) {
    std::string_view const what = argc == 2 ? argv[1] : "";
    try {
        if (what == "memory") {
            memory();
        } else if (what == "handover") {
            HandOver().run();
        } else {
            fmt::print(stderr, "usage: mgm_bench memory|handover\n");
            return 64;
        }
    } catch (std::exception const& error) {
        fmt::print(stderr, "mgm_bench: {}\n", error.what());
        return 1;
    }
    return 0;
}
