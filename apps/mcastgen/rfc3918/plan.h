// What is to be measured, with what, and between which ports. Text to values.
//
//   [rfc3918]
//   tests = ["aggregated-throughput", ...]   default: all
//   frame-sizes = [64, 128, ...]             bytes on the wire, FCS included
//   trial = "30s"  warm-up = "1s"  settle = "1s"  drain = "2s"
//   min-rate = 100  max-rate = 1000000       frames a second at the ingress
//   resolution = 1.0                         of the search, percent of the rate
//   tolerance = 0.0                          loss that counts as none, percent
//   load = 0                                 rate of tests that do not search; 0: the throughput
//   groups = 1  first-group = "239.18.0.1"
//   group-counts = [1, 10, 100]              of the matrix and of the delays
//   unicast-percent = [50]                   mixed classes
//   unicast = "judged"                       or "reported": its loss is no loss
//   burden = 50.0                            unicast of the burdened tests, percent of all frames
//   igmp-version = 3  join-rate = 1000       groups a second and port
//   delay-timeout = "10s"  leave-time = "3s"
//   capacity-first = 16  capacity-most = 4096  capacity-step = 1
//   ttl = 16
//   [ingress]                                interface = "eth1", or device = "net_memif0,..."
//   address = "10.1.0.10"
//   router = "10.1.0.1"                      for unicast
//   [[egress]]                               one or more
//   interface = "eth2"
//   address = "10.2.0.10"
//
// Plain values. Any thread.
#pragma once

#include "scenario.h"

#include "mcast/base/ipv4.h"
#include "mcast/base/mac.h"
#include "mcast/base/time.h"

#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace mcast::gen::rfc3918 {

enum class Method : std::uint8_t {
    mixed_class,
    group_matrix,
    aggregated,
    latency,
    min_max_latency,
    join_delay,
    leave_delay,
    capacity,
    burdened_latency,
    burdened_join,
    count_
};
inline constexpr std::size_t k_tests = static_cast<std::size_t>(Method::count_);

struct TestName {
    std::string_view name;
    std::string_view title;
    std::string_view section; // of RFC 3918
    std::string_view term;    // of RFC 2432
};
TestName const& name_of(Method test);

struct PortPlan {
    std::string interface{}; // of the kernel; or
    std::string device{};    // of DPDK
    Ipv4 address{};
};

struct Plan {
    std::vector<Method> tests{};
    std::vector<std::uint64_t> frame_sizes{64, 128, 256, 512, 1024, 1280, 1518};
    Duration trial = std::chrono::seconds{30};
    Duration warm_up = std::chrono::seconds{1};
    Duration settle = std::chrono::seconds{1}; // after the last report
    Duration drain = std::chrono::seconds{2};  // after the last frame
    std::uint64_t min_rate = 100;
    std::uint64_t max_rate = 1'000'000;
    double resolution = 1.0;
    double tolerance = 0.0;
    std::uint64_t load = 0;
    std::uint32_t groups = 1;
    Ipv4 first_group = Ipv4::of(239, 18, 0, 1);
    std::vector<std::uint64_t> group_counts{1, 10, 100};
    std::vector<std::uint64_t> unicast_percent{50};
    bool unicast_judged = true;
    double burden = 50.0;
    std::uint8_t igmp_version = 3;
    std::uint64_t join_rate = 1000;
    Duration delay_timeout = std::chrono::seconds{10};
    Duration leave_time = std::chrono::seconds{3};
    std::uint32_t capacity_first = 16;
    std::uint32_t capacity_most = 4096;
    std::uint32_t capacity_step = 1;
    std::uint8_t ttl = 16;
    PortPlan ingress{};
    Ipv4 router{};
    std::vector<PortPlan> egress{};

    Ipv4 group(std::uint32_t number) const { return {first_group.value + number}; }
    // Whether a test of the plan sends unicast.
    bool wants_unicast() const;
};

std::expected<Plan, ScenarioErrors> parse_plan(std::string_view text, std::string_view file);
std::expected<Plan, ScenarioErrors> read_plan(std::string const& path);

} // namespace mcast::gen::rfc3918
