#include "commands.h"

#include "real_wires.h"

#include "rfc3918/measured.h"
#include "rfc3918/report.h"

#include <fstream>
#include <iostream>

#include <fmt/format.h>

namespace mcast::gen {
namespace {

int fail(int code, std::string const& why) {
    std::cerr << fmt::format("mcastgen: {}\n", why);
    return code;
}

// Each test of the plan until the wires fail; what was found so far is kept.
std::vector<rfc3918::Measured> measure_all(rfc3918::Bench& bench) {
    std::vector<rfc3918::Measured> all;
    for (rfc3918::Method const test : bench.plan().tests) {
        if (!bench.usable()) {
            break;
        }
        std::cerr << fmt::format("mcastgen: {}\n", rfc3918::name_of(test).title);
        all.push_back(rfc3918::measure(bench, test));
        if (!all.back().good()) {
            std::cerr << fmt::format("mcastgen: {}: {}\n", rfc3918::name_of(test).name,
                                     all.back().why);
        }
    }
    return all;
}

bool write(std::string const& path, rfc3918::Row const& report) {
    std::ofstream file(path);
    file << report.dump(2) << '\n';
    return file.flush().good();
}

} // namespace

int run(Rfc3918Command const& command) {
    auto const plan = rfc3918::read_plan(command.plan);
    if (!plan) {
        for (auto const& error : plan.error()) {
            std::cerr << error.text() << '\n';
        }
        return k_exit_bad_scenario;
    }
    if (plan->ingress.device.empty() && !command.eal.empty()) {
        return fail(k_exit_usage, "arguments behind -- go to DPDK: the plan has no device");
    }
    // Before an hour of measuring: whether its report can be kept.
    if (!command.report.empty() && !write(command.report, rfc3918::Row::object())) {
        return fail(k_exit_cannot_create, fmt::format("{}: cannot be written; name a file in a "
                                                      "folder that exists",
                                                      command.report));
    }
    auto wires = open_wires(*plan, command.eal);
    if (!wires) {
        return fail(wires.error().exit_code, wires.error().sentence);
    }
    rfc3918::Bench bench(*plan, **wires, [](std::string const& line) {
        std::cerr << fmt::format("mcastgen: {}\n", line);
    });
    if (plan->wants_unicast() && !bench.station().find_router()) {
        return fail(k_exit_no_interface,
                    fmt::format("{} does not answer ARP on the ingress; look at the cable and at "
                                "router in [ingress], or leave out tests with unicast",
                                to_string(plan->router)));
    }
    auto const all = measure_all(bench);
    bench.leave_all();
    auto const report = rfc3918::report_of(*plan, all, bench.failure());
    std::cout << (command.json ? report.dump(2) + "\n" : rfc3918::report_text(report));
    if (!command.report.empty() && !write(command.report, report)) {
        return fail(k_exit_cannot_create,
                    fmt::format("{}: cannot be written any more", command.report));
    }
    return report.at("complete").get<bool>() ? k_exit_ok : k_exit_not_clean;
}

} // namespace mcast::gen
