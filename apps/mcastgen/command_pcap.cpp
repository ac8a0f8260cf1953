#include "commands.h"

#include "capture.h"
#include "progress.h"
#include "timeline.h"

#include <filesystem>
#include <iostream>

#include <fmt/format.h>
#include <unistd.h>

namespace mcast::gen {
namespace {

constexpr std::uint64_t k_frames_between_looks = 1024; // at the clock

// One writer a port, or a single one for all of them.
std::expected<std::vector<CaptureWriter>, std::string> open_writers(PcapCommand const& command,
                                                                    Scenario const& scenario) {
    std::vector<std::string> paths;
    if (!command.file.empty()) {
        paths.push_back(command.file);
    } else {
        std::error_code failure;
        std::filesystem::create_directories(command.directory, failure);
        for (auto const& port : scenario.ports) {
            paths.push_back(fmt::format("{}/{}.pcap", command.directory, port));
        }
    }
    std::vector<CaptureWriter> writers;
    for (auto const& path : paths) {
        auto writer = CaptureWriter::open(path);
        if (!writer) {
            return std::unexpected(writer.error());
        }
        writers.push_back(std::move(*writer));
    }
    return writers;
}

} // namespace

int run(PcapCommand const& command) {
    auto const scenario = read_scenario(command.scenario);
    if (!scenario) {
        for (auto const& error : scenario.error()) {
            std::cerr << error.text() << '\n';
        }
        return k_exit_bad_scenario;
    }
    auto writers = open_writers(command, *scenario);
    if (!writers) {
        std::cerr << fmt::format("mcastgen: {}\n", writers.error());
        return k_exit_cannot_create;
    }
    std::vector<std::uint64_t> written(scenario->ports.size());
    std::uint64_t all = 0;
    Progress progress(Progress::Clock::now(), std::chrono::seconds{1});
    bool const says = command.progress || ::isatty(STDERR_FILENO) == 1;
    Timeline timeline(*scenario);
    while (auto const event = timeline.next()) {
        auto& writer = (*writers)[writers->size() == 1 ? 0 : event->port];
        writer.write(event->frame, scenario->start_time + event->at);
        ++written[event->port];
        if (++all % k_frames_between_looks == 0 && says && progress.due(Progress::Clock::now())) {
            std::cerr << fmt::format("mcastgen: {} frames so far\n", all);
        }
    }
    bool complete = true;
    for (auto& writer : *writers) {
        complete = writer.close() && complete;
    }
    if (!complete) {
        std::cerr << "mcastgen: not all frames could be written; is the disk full?\n";
        return k_exit_cannot_create;
    }
    for (std::size_t port = 0; port < written.size(); ++port) {
        std::cout << fmt::format("{}: {} frames\n", scenario->ports[port], written[port]);
    }
    return k_exit_ok;
}

} // namespace mcast::gen
