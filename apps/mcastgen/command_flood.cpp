#include "commands.h"

#include "capture.h"
#include "forge.h"
#include "progress.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <iostream>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace mcast::gen {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds k_progress_every{5};
constexpr std::chrono::milliseconds k_nap{1};
// A sender that was kept waiting does not make up for more than this at once.
constexpr double k_longest_gap = 0.01;

int fail(int code, std::string const& why) {
    std::cerr << fmt::format("mcastgen: {}\n", why);
    return code;
}

std::expected<ForgeryPlan, std::string> plan_of(FloodCommand const& command) {
    ForgeryPlan plan{.seed = command.seed};
    auto const router = Ipv4Prefix::parse(command.router);
    if (!router || router->length < 8 || router->length > 30) {
        return std::unexpected("--router wants the router's address with the link's prefix "
                               "length, 8 to 30: \"10.2.0.1/24\"");
    }
    plan.router = *router;
    if (!command.victims.empty()) {
        auto const victims = Ipv4Prefix::parse(command.victims);
        if (!victims || !victims->address.is_multicast() || victims->length < 8) {
            return std::unexpected("--victims wants groups: \"239.9.0.0/25\"");
        }
        plan.victims = *victims;
    }
    if (!command.source.empty()) {
        auto const source = Ipv4::parse(command.source);
        if (!source) {
            return std::unexpected("--source wants an address: \"10.1.0.10\"");
        }
        plan.victims_source = *source;
    }
    return plan;
}

class Flood {
public:
    Flood(FloodCommand const& command, ForgeryPlan const& plan, FrameSink sink)
        : command_(command), forger_(plan), sink_(std::move(sink)) {}

    std::expected<void, std::string> run() {
        auto const start = Clock::now();
        auto last = start;
        Progress progress(start, k_progress_every);
        double allowed = 0;
        while (sent_ < command_.count && !asked_to_stop()) {
            auto const now = Clock::now();
            double const gap = std::chrono::duration<double>(now - last).count();
            last = now;
            allowed += std::min(gap, k_longest_gap) * static_cast<double>(command_.rate);
            for (; allowed >= 1 && sent_ < command_.count; --allowed) {
                auto const forged = forger_.next();
                if (auto const done = sink_.send(forged.frame); !done) {
                    return std::unexpected(done.error());
                }
                ++sent_;
                ++by_kind_[static_cast<std::size_t>(forged.kind)];
            }
            if (progress.due(now)) {
                std::cerr << fmt::format("mcastgen: {} of {} forged messages sent ({}%)\n", sent_,
                                         command_.count, sent_ * 100 / command_.count);
            }
            std::this_thread::sleep_for(k_nap);
        }
        seconds_ = std::chrono::duration<double>(Clock::now() - start).count();
        return {};
    }

    void report() const {
        nlohmann::ordered_json kinds;
        for (std::size_t kind = 0; kind < k_forgeries; ++kind) {
            kinds[std::string{name_of(static_cast<Forgery>(kind))}] = by_kind_[kind];
        }
        if (command_.json) {
            nlohmann::ordered_json const all{
                {"sent", sent_}, {"seconds", seconds_}, {"seed", command_.seed}, {"kinds", kinds}};
            std::cout << all.dump(2) << '\n';
            return;
        }
        for (auto const& [name, count] : kinds.items()) {
            std::cout << fmt::format("{:<16} {:>10}\n", name, count.get<std::uint64_t>());
        }
        std::cout << fmt::format("{} of {} forged messages sent in {:.3f} s, seed {}\n", sent_,
                                 command_.count, seconds_, command_.seed);
    }

    bool complete() const { return sent_ == command_.count; }

private:
    FloodCommand const& command_;
    Forger forger_;
    FrameSink sink_;
    std::uint64_t sent_ = 0;
    std::array<std::uint64_t, k_forgeries> by_kind_{};
    double seconds_ = 0;
};

} // namespace

int run(FloodCommand const& command) {
    auto const plan = plan_of(command);
    if (!plan) {
        return fail(k_exit_usage, plan.error());
    }
    auto sink = FrameSink::open_interface(command.interface);
    if (!sink) {
        return fail(k_exit_no_interface, sink.error());
    }
    Flood flood(command, *plan, std::move(*sink));
    auto const done = flood.run();
    flood.report();
    if (!done) {
        return fail(k_exit_no_interface, done.error());
    }
    return flood.complete() ? k_exit_ok : k_exit_not_clean;
}

} // namespace mcast::gen
