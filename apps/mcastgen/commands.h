// The five things that mcastgen does. Each returns an exit code of the process and has said on
// standard error why, when it is not 0.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mcast::gen {

inline constexpr int k_exit_ok = 0;
inline constexpr int k_exit_not_clean = 1;
inline constexpr int k_exit_usage = 64;
inline constexpr int k_exit_bad_scenario = 65;
inline constexpr int k_exit_no_interface = 69;
inline constexpr int k_exit_cannot_create = 73;
// 71 and 77, what DPDK could not have or may not do, come from platform/start_error.h.

struct PcapCommand {
    std::string scenario;
    std::string directory; // one file a port: DIRECTORY/PORT.pcap
    std::string file;      // all ports in one; exactly one of both is given
    bool progress = false; // said each second, even when standard error is no terminal
};
int run(PcapCommand const& command);

struct SendCommand {
    std::string scenario;
    std::vector<std::string> interfaces; // "IF", or "PORT=IF" each
    std::vector<std::string> devices;    // "DEVICE", or "PORT=DEVICE" each; instead of interfaces
    std::vector<std::string> eal;        // DPDK's own arguments
    std::optional<std::uint64_t> rate{}; // these three: see pace.h
    std::optional<std::uint64_t> count{};
    std::string duration; // or empty
};
int run(SendCommand const& command);

struct CheckCommand {
    std::string file;
    std::string interface;
    std::string device;                // DPDK's; exactly one of the three is given
    std::vector<std::string> eal;      // DPDK's own arguments
    std::string scenario;              // for the names of flows; may be empty
    std::vector<std::string> expected; // "FLOW=FIRST-LAST", "FLOW=COUNT" or "none"
    std::string late_after;            // a duration, or empty
    std::uint64_t window = 65536;      // sequence numbers
    std::string duration = "10s";      // of listening on an interface or device
    std::string quiet;                 // ends earlier after so long without a stamped frame
    bool json = false;
};
int run(CheckCommand const& command);

// Forged messages; see forge.h.
struct FloodCommand {
    std::string interface;
    std::string router;  // "ADDRESS/LENGTH"
    std::string victims; // "GROUP/LENGTH", or empty
    std::string source;  // of the victims' streams, or empty
    std::uint64_t count = 100'000;
    std::uint64_t rate = 10'000; // a second
    std::uint64_t seed = 1;
    bool json = false;
};
int run(FloodCommand const& command);

// The methodology of RFC 3918; see rfc3918/plan.h.
struct Rfc3918Command {
    std::string plan;
    std::vector<std::string> eal; // DPDK's own arguments
    std::string report;           // a JSON file beside what is printed, or empty
    bool json = false;
};
int run(Rfc3918Command const& command);

// Ends the running command early, as after its time; for a signal handler.
void ask_to_stop();
bool asked_to_stop();

} // namespace mcast::gen
