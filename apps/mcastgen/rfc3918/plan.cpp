#include "plan.h"

#include "document.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace mcast::gen::rfc3918 {
namespace {

constexpr std::array<TestName, k_tests> k_names{{
    {"mixed-class-throughput", "Mixed class throughput", "4.1", "MCT"},
    {"scaled-group-forwarding", "Scaled group forwarding matrix", "4.2", "SGFM"},
    {"aggregated-throughput", "Aggregated multicast throughput", "4.3", "AMT"},
    {"latency", "Multicast latency", "5.1", "ML"},
    {"min-max-latency", "Min/max multicast latency", "5.2", "Min/Max ML"},
    {"join-delay", "Group join delay", "6.1", "GJD"},
    {"leave-delay", "Group leave delay", "6.2", "GLD"},
    {"group-capacity", "Multicast group capacity", "7.1", "MGC"},
    {"burdened-latency", "Forwarding burdened multicast latency", "8.1", "FBML"},
    {"burdened-join-delay", "Forwarding burdened group join delay", "8.2", "FBJD"},
}};
constexpr std::array<std::string_view, 3> k_tables{"rfc3918", "ingress", "egress"};
constexpr std::uint64_t k_fastest = 100'000'000; // frames a second
constexpr std::uint64_t k_most_groups = 1'000'000;
constexpr std::size_t k_most_ports = 64;
constexpr double k_most_frames = 4e9;
// The tag of a frame and its headers need the first; the second is a jumbo frame.
constexpr std::uint64_t k_smallest_frame = 64;
constexpr std::uint64_t k_largest_frame = 9216;

class PlanParser {
public:
    explicit PlanParser(std::string_view file) : document_(file, "a test plan", errors_) {}

    std::expected<Plan, ScenarioErrors> parse(std::string_view text) {
        document_.parse(text, [this](toml::table const& root) { read(root); });
        if (!errors_.empty()) {
            return std::unexpected(std::move(errors_));
        }
        return std::move(plan_);
    }

private:
    void read(toml::table const& root) {
        document_.refuse_unknown(root, k_tables);
        document_.one(root, "rfc3918", [this](TableReader& in) { read_measure(in); });
        if (plan_.tests.empty()) {
            all_tests();
        }
        bool const there = document_.one(root, "ingress", [this](TableReader& in) {
            plan_.ingress = read_port(in);
            plan_.router = in.has("router") ? in.required_address("router", false) : Ipv4{};
            if (plan_.wants_unicast() && plan_.router == Ipv4{}) {
                in.error("router", "tests with unicast need the router's address on the ingress",
                         "give router = \"10.1.0.1\", or leave the mixed and burdened tests out");
            }
        });
        if (!there) {
            document_.missing("no ingress", "a test plan needs one [ingress]");
        }
        document_.each(root, "egress",
                       [this](TableReader& in) { plan_.egress.push_back(read_port(in)); });
        check_ports();
    }

    void all_tests() {
        for (std::size_t test = 0; test < k_tests; ++test) {
            plan_.tests.push_back(static_cast<Method>(test));
        }
    }

    void read_measure(TableReader& in) {
        read_tests(in);
        read_trials(in);
        read_groups(in);
        read_classes(in);
        check_measure(in);
    }

    void read_tests(TableReader& in) {
        for (auto const& name : in.texts("tests")) {
            auto const found = std::ranges::find(k_names, name, &TestName::name);
            if (found != k_names.end()) {
                plan_.tests.push_back(static_cast<Method>(found - k_names.begin()));
                continue;
            }
            std::vector<std::string_view> known;
            std::ranges::transform(k_names, std::back_inserter(known), &TestName::name);
            in.error("tests", fmt::format("there is no test \"{}\"", name),
                     fmt::format("known are {}; those of tunnels (section 4.4) are not among them",
                                 fmt::join(known, ", ")));
        }
    }

    void read_trials(TableReader& in) {
        Plan& plan = plan_;
        plan.frame_sizes =
            in.integers("frame-sizes", k_smallest_frame, k_largest_frame, plan.frame_sizes);
        plan.trial = in.duration("trial", plan.trial);
        plan.warm_up = in.duration("warm-up", plan.warm_up);
        plan.settle = in.duration("settle", plan.settle);
        plan.drain = in.duration("drain", plan.drain);
        plan.min_rate = in.integer("min-rate", 1, k_fastest, plan.min_rate);
        plan.max_rate = in.integer("max-rate", 1, k_fastest, plan.max_rate);
        plan.resolution = in.percent("resolution", plan.resolution);
        plan.tolerance = in.percent("tolerance", plan.tolerance);
        plan.load = in.integer("load", 0, k_fastest, plan.load);
        plan.ttl = static_cast<std::uint8_t>(in.integer("ttl", 2, 255, plan.ttl));
    }

    void read_groups(TableReader& in) {
        Plan& plan = plan_;
        auto const number = [&](std::string_view key, std::uint32_t fallback) {
            return static_cast<std::uint32_t>(in.integer(key, 1, k_most_groups, fallback));
        };
        plan.groups = number("groups", plan.groups);
        if (in.has("first-group")) {
            plan.first_group = in.required_address("first-group", true);
        }
        plan.group_counts = in.integers("group-counts", 1, k_most_groups, plan.group_counts);
        plan.igmp_version =
            static_cast<std::uint8_t>(in.integer("igmp-version", 2, 3, plan.igmp_version));
        plan.join_rate = in.integer("join-rate", 1, 1'000'000, plan.join_rate);
        plan.delay_timeout = in.duration("delay-timeout", plan.delay_timeout);
        plan.leave_time = in.duration("leave-time", plan.leave_time);
        plan.capacity_first = number("capacity-first", plan.capacity_first);
        plan.capacity_most = number("capacity-most", plan.capacity_most);
        plan.capacity_step = number("capacity-step", plan.capacity_step);
    }

    void read_classes(TableReader& in) {
        plan_.unicast_percent = in.integers("unicast-percent", 1, 99, plan_.unicast_percent);
        plan_.burden = in.percent("burden", plan_.burden);
        auto const word = in.text("unicast", "judged");
        if (word != "judged" && word != "reported") {
            in.error("unicast", fmt::format("unicast cannot be \"{}\"", word),
                     "give \"judged\", or \"reported\" for a router that forwards none");
        }
        plan_.unicast_judged = word == "judged";
        if (plan_.burden >= 100) {
            in.error("burden", "nothing but burden", "give less than 100 percent");
        }
    }

    void check_measure(TableReader& in) {
        Plan const& plan = plan_;
        if (plan.min_rate > plan.max_rate) {
            in.error("min-rate", "min-rate is above max-rate", "lower it");
        }
        if (plan.load > plan.max_rate) {
            in.error("load", "load is above max-rate", "lower it, or raise max-rate");
        }
        if (plan.trial <= Duration::zero()) {
            in.error("trial", "a trial of no time", "give \"30s\"");
        }
        if (plan.capacity_first > plan.capacity_most) {
            in.error("capacity-first", "capacity-first is above capacity-most", "lower it");
        }
        std::uint64_t most = std::max(plan.groups, plan.capacity_most);
        most = std::max(most, *std::ranges::max_element(plan.group_counts));
        if (plan.first_group.value + most - 1 > Ipv4::of(239, 255, 255, 255).value) {
            in.error("first-group", fmt::format("{} groups do not fit behind it", most),
                     "give a lower address");
        }
        if (static_cast<double>(plan.max_rate) * std::chrono::duration<double>(plan.trial).count() >
            k_most_frames) {
            in.error("trial", fmt::format("more than {:.0f} frames in a trial", k_most_frames),
                     "shorten the trial or lower max-rate");
        }
    }

    static PortPlan read_port(TableReader& in) {
        PortPlan port{.interface = in.text("interface", {}),
                      .device = in.text("device", {}),
                      .address = in.required_address("address", false)};
        if (port.interface.empty() == port.device.empty()) {
            in.error(port.device.empty() ? "address" : "device",
                     "a port is either an interface of the kernel or a device of DPDK",
                     "give one of interface = \"eth1\" and device = \"net_memif0,...\"");
        }
        return port;
    }

    void check_ports() {
        if (plan_.egress.empty() || plan_.egress.size() > k_most_ports) {
            document_.missing(fmt::format("{} egress ports", plan_.egress.size()),
                              fmt::format("give from 1 to {} [[egress]]", k_most_ports));
        }
        for (auto const& port : plan_.egress) {
            if (port.device.empty() != plan_.ingress.device.empty()) {
                document_.missing("kernel interfaces and DPDK devices are mixed",
                                  "give interface everywhere, or device everywhere");
                return;
            }
        }
    }

    Plan plan_;
    ScenarioErrors errors_;
    Document document_;
};

} // namespace

TestName const& name_of(Method test) {
    return k_names[static_cast<std::size_t>(test)];
}

bool Plan::wants_unicast() const {
    return std::ranges::any_of(tests, [](Method test) {
        return test == Method::mixed_class || test == Method::burdened_latency ||
               test == Method::burdened_join;
    });
}

std::expected<Plan, ScenarioErrors> parse_plan(std::string_view text, std::string_view file) {
    return PlanParser(file).parse(text);
}

std::expected<Plan, ScenarioErrors> read_plan(std::string const& path) {
    ScenarioErrors errors;
    auto const text = read_text(path, errors);
    if (!text) {
        return std::unexpected(std::move(errors));
    }
    return parse_plan(*text, path);
}

} // namespace mcast::gen::rfc3918
