#include "real_wires.h"

#include "capture.h"
#include "device.h"

#include <chrono>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace mcast::gen {
namespace {

using rfc3918::Plan;
using rfc3918::PortPlan;
using rfc3918::Wires;

// What is further away than the first is slept for, a little at a time: both cores may be shared.
constexpr std::chrono::microseconds k_worth_a_nap{200};
constexpr std::chrono::microseconds k_nap{50};
constexpr int k_burst = 64;

TimePoint clock_now() {
    return TimePoint{std::chrono::steady_clock::now().time_since_epoch()};
}

std::vector<PortPlan> ports_of(Plan const& plan) {
    std::vector<PortPlan> all{plan.ingress};
    all.insert(all.end(), plan.egress.begin(), plan.egress.end());
    return all;
}

// What both kinds of ports share: the clock, waiting, and the failure that latches.
class RealWires : public Wires {
public:
    TimePoint now() override { return clock_now(); }
    bool usable() override { return failure_.empty() && !asked_to_stop(); }
    std::string failure() override {
        return failure_.empty() && asked_to_stop() ? "stopped by a signal" : failure_;
    }
    void receive(TimePoint until, Taker const& taker) override {
        while (usable() && !poll(taker)) {
            auto const left = until - now();
            if (left <= Duration::zero()) {
                return;
            }
            if (left > k_worth_a_nap) {
                std::this_thread::sleep_for(k_nap);
            }
        }
    }

protected:
    // Hands over what is there; false when nothing is.
    virtual bool poll(Taker const& taker) = 0;
    void fail(std::string why) {
        if (failure_.empty()) {
            failure_ = std::move(why);
        }
    }

private:
    std::string failure_;
};

class KernelWires : public RealWires {
public:
    std::expected<void, std::string> open(Plan const& plan) {
        for (PortPlan const& port : ports_of(plan)) {
            auto source = FrameSource::open_interface(port.interface, Delivery::at_once);
            auto sink = FrameSink::open_interface(port.interface);
            if (!source || !sink) {
                return std::unexpected(source ? sink.error() : source.error());
            }
            sources_.push_back(std::move(*source));
            sinks_.push_back(std::move(*sink));
        }
        return {};
    }
    bool send(std::size_t port, wire::Bytes frame) override {
        auto const sent = sinks_[port].send(frame);
        if (!sent) {
            fail(sent.error());
        }
        return sent.has_value();
    }
    std::uint64_t missed() override {
        std::uint64_t all = 0;
        for (FrameSource const& source : sources_) {
            all += source.missed();
        }
        return all;
    }

private:
    bool poll(Taker const& taker) override {
        bool any = false;
        for (std::size_t port = 0; port < sources_.size(); ++port) {
            for (int n = 0; n < k_burst && read(port, taker); ++n) {
                any = true;
            }
        }
        return any;
    }
    bool read(std::size_t port, Taker const& taker) {
        auto const taken = sources_[port].read_now(
            [&](wire::Bytes frame, Duration) { taker(port, frame, clock_now()); });
        if (!taken) {
            fail(taken.error());
        }
        return taken && *taken == FrameSource::Read::frame;
    }

    std::vector<FrameSource> sources_;
    std::vector<FrameSink> sinks_;
};

class DeviceWires : public RealWires {
public:
    explicit DeviceWires(Ports ports, std::size_t count)
        : ports_(std::move(ports)), count_(count) {}

    bool send(std::size_t port, wire::Bytes frame) override {
        switch (ports_.send(place(port), frame)) {
        case Ports::Sent::yes:
            return true;
        case Ports::Sent::full:
            return false;
        case Ports::Sent::too_long:
            break;
        }
        fail("a frame is longer than the port can send; leave the size out of frame-sizes");
        return false;
    }
    std::uint64_t missed() override {
        std::uint64_t all = 0;
        for (std::size_t port = 0; port < count_; ++port) {
            auto const stats = ports_.stats(place(port));
            all += stats.missed + stats.no_buffers;
        }
        return all;
    }

private:
    static PortId place(std::size_t port) { return PortId{static_cast<PortId::rep>(port)}; }
    bool poll(Taker const& taker) override {
        bool any = false;
        for (std::size_t port = 0; port < count_; ++port) {
            any =
                ports_.receive(place(port),
                               [&](wire::Bytes frame) { taker(port, frame, clock_now()); }) != 0 ||
                any;
        }
        return any;
    }

    Ports ports_;
    std::size_t count_;
};

std::expected<std::unique_ptr<Wires>, platform::StartError>
open_ports(Plan const& plan, std::span<std::string const> eal) {
    std::vector<platform::NamedDevice> devices;
    for (PortPlan const& port : ports_of(plan)) {
        devices.push_back({to_string(port.address), port.device});
    }
    auto ports = open_devices(devices, eal);
    if (!ports) {
        return std::unexpected(std::move(ports.error()));
    }
    return std::make_unique<DeviceWires>(std::move(*ports), devices.size());
}

} // namespace

std::expected<std::unique_ptr<Wires>, platform::StartError>
open_wires(Plan const& plan, std::span<std::string const> eal) {
    if (!plan.ingress.device.empty()) {
        return open_ports(plan, eal);
    }
    auto wires = std::make_unique<KernelWires>();
    if (auto const opened = wires->open(plan); !opened) {
        return std::unexpected(
            platform::StartError{.exit_code = k_exit_no_interface, .sentence = opened.error()});
    }
    return wires;
}

} // namespace mcast::gen
