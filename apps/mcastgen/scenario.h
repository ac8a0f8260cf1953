// A scenario: which flows and IGMP conversations appear on which port, and when. Text to values.
//
//   [scenario]                 optional
//   start-time = 1000000000    seconds since 1970 of the first moment, for the time stamps
//   [[port]]
//   name = "wan"
//   [[flow]]                   stamped UDP datagrams, one every `interval`
//   name = "news"              default "flow1", "flow2" ... in the order of the file
//   port = "wan"
//   source = "10.1.1.1"
//   group = "239.1.1.1"
//   ttl = 16                   0..255
//   size = 100                 bytes of UDP payload, 32 or more
//   vlan = 100                 optional, 1..4094
//   start = "1s"               after the scenario's first moment
//   count = 10
//   interval = "10ms"
//   dont-fragment = false
//   source-port = 5000
//   destination-port = 5000
//   fault = "none"             or "ip-checksum", "udp-checksum", "payload": sent damaged
//   [[igmp]]                   one message of a host
//   port = "tv"
//   host = "10.2.1.5"
//   version = 3                1, 2 or 3
//   at = "500ms"
//   group = "239.1.1.1"
//   action = "join"            join, leave; version 3 also include, exclude, allow, block
//   sources = ["10.1.1.1"]     with the latter four
//   vlan = 100                 optional
//   count = 1                  repeats, `interval` apart
//   interval = "1s"
//
// Durations are strings with a unit ("10ms", "1.5s", "2m") or integers meaning seconds. Unknown
// keys are errors, and every error names its place. Control values only; any thread.
#pragma once

#include "mcast/base/ipv4.h"
#include "mcast/base/time.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcast::gen {

enum class Fault : std::uint8_t { none, ip_checksum, udp_checksum, payload };

struct Flow {
    std::uint32_t id = 0; // from 1, in the order of the file
    std::string name;
    std::size_t port = 0; // index into Scenario::ports
    Ipv4 source{};
    Ipv4 group{};
    std::uint8_t ttl = 16;
    std::uint16_t size = 100;
    std::optional<std::uint16_t> vlan{};
    Duration start{};
    std::uint64_t count = 1;
    Duration interval = std::chrono::milliseconds{10};
    bool dont_fragment = false;
    std::uint16_t source_port = 5000;
    std::uint16_t destination_port = 5000;
    Fault fault = Fault::none;

    bool operator==(Flow const&) const = default;
};

enum class Action : std::uint8_t { join, leave, include, exclude, allow, block };

struct Conversation {
    std::size_t port = 0;
    Ipv4 host{};
    std::uint8_t version = 3;
    Duration at{};
    Ipv4 group{};
    Action action = Action::join;
    std::vector<Ipv4> sources{};
    std::optional<std::uint16_t> vlan{};
    std::uint64_t count = 1;
    Duration interval = std::chrono::seconds{1};

    bool operator==(Conversation const&) const = default;
};

struct Scenario {
    Duration start_time = std::chrono::seconds{1000000000};
    std::vector<std::string> ports;
    std::vector<Flow> flows;
    std::vector<Conversation> conversations;

    bool operator==(Scenario const&) const = default;
};

struct ScenarioError {
    std::string file;
    unsigned line = 0;
    unsigned column = 0;
    std::string what;
    std::string remedy;

    // "file:line:column: what; remedy"
    std::string text() const;
};
using ScenarioErrors = std::vector<ScenarioError>;

// All errors found, in the order of the file.
std::expected<Scenario, ScenarioErrors> parse_scenario(std::string_view text,
                                                       std::string_view file_name);
std::expected<Scenario, ScenarioErrors> read_scenario(std::string const& path);

// "10ms", "1.5s", "2m"; nullopt on anything else or above 60 years.
std::optional<Duration> parse_duration(std::string_view text);

} // namespace mcast::gen
