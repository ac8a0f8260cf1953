#include "scenario.h"

#include "document.h"
#include "stamp.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace mcast::gen {
namespace {

// The UDP payload of the largest IPv4 packet.
constexpr std::uint64_t k_max_size = 65535 - 20 - 8;
constexpr std::uint64_t k_max_count = 1'000'000'000;
constexpr std::array<std::string_view, 4> k_tables{"scenario", "port", "flow", "igmp"};
constexpr Duration k_longest = std::chrono::hours{24 * 365 * 60};

template <class T>
struct Named {
    std::string_view name;
    T value;
};

constexpr std::array<Named<Fault>, 4> k_faults{{
    {"none", Fault::none},
    {"ip-checksum", Fault::ip_checksum},
    {"udp-checksum", Fault::udp_checksum},
    {"payload", Fault::payload},
}};

constexpr std::array<Named<Action>, 6> k_actions{{
    {"join", Action::join},
    {"leave", Action::leave},
    {"include", Action::include},
    {"exclude", Action::exclude},
    {"allow", Action::allow},
    {"block", Action::block},
}};

template <class T, std::size_t N>
std::optional<T> find_named(std::array<Named<T>, N> const& all, std::string_view name) {
    auto const found = std::ranges::find(all, name, &Named<T>::name);
    return found == all.end() ? std::nullopt : std::optional{found->value};
}

class Parser {
public:
    explicit Parser(std::string_view file) : document_(file, "a scenario", errors_) {}

    std::expected<Scenario, ScenarioErrors> parse(std::string_view text);

private:
    void read_root(toml::table const& root);
    void read_port(TableReader& in);
    void read_flow(TableReader& in);
    void read_conversation(TableReader& in);
    void check_conversation(TableReader& in, Conversation const& spoken);
    std::size_t port(TableReader& in);
    std::optional<std::uint16_t> vlan(TableReader& in);
    Duration interval(TableReader& in, Duration fallback);
    void check_length(TableReader& in, Duration start, std::uint64_t count, Duration interval);

    Scenario scenario_;
    ScenarioErrors errors_;
    Document document_;
};

std::expected<Scenario, ScenarioErrors> Parser::parse(std::string_view text) {
    document_.parse(text, [this](toml::table const& root) { read_root(root); });
    if (!errors_.empty()) {
        return std::unexpected(std::move(errors_));
    }
    return std::move(scenario_);
}

void Parser::read_root(toml::table const& root) {
    document_.refuse_unknown(root, k_tables);
    document_.one(root, "scenario", [this](TableReader& in) {
        scenario_.start_time = in.duration("start-time", scenario_.start_time);
    });
    document_.each(root, "port", [this](TableReader& in) { read_port(in); });
    document_.each(root, "flow", [this](TableReader& in) { read_flow(in); });
    document_.each(root, "igmp", [this](TableReader& in) { read_conversation(in); });
    if (scenario_.ports.empty()) {
        document_.missing("no port", "a scenario needs at least one [[port]]");
    }
}

void Parser::read_port(TableReader& in) {
    auto name = in.required_text("name");
    if (std::ranges::find(scenario_.ports, name) != scenario_.ports.end()) {
        in.error("name", fmt::format("port \"{}\" is there twice", name), "name it otherwise");
    }
    if (name.find('/') != std::string::npos) {
        in.error("name", "a port's name is also a file's", "leave the slash out");
    }
    scenario_.ports.push_back(std::move(name));
}

std::size_t Parser::port(TableReader& in) {
    auto const name = in.required_text("port");
    auto const found = std::ranges::find(scenario_.ports, name);
    if (found == scenario_.ports.end()) {
        if (in.has("port")) {
            in.error("port", fmt::format("no port is named \"{}\"", name),
                     "name one of the [[port]] tables");
        }
        return 0;
    }
    return static_cast<std::size_t>(found - scenario_.ports.begin());
}

std::optional<std::uint16_t> Parser::vlan(TableReader& in) {
    auto const number = in.integer("vlan", 1, 4094, 0);
    return number == 0 ? std::nullopt : std::optional{static_cast<std::uint16_t>(number)};
}

Duration Parser::interval(TableReader& in, Duration fallback) {
    auto const value = in.duration("interval", fallback);
    if (value <= Duration::zero()) {
        in.error("interval", "interval is zero", "give at least \"1us\"");
    }
    return value;
}

// Keeps every time stamp within 64 bits of nanoseconds.
void Parser::check_length(TableReader& in, Duration start, std::uint64_t count, Duration interval) {
    auto const length = static_cast<double>(start.count()) +
                        static_cast<double>(count) * static_cast<double>(interval.count());
    if (length > static_cast<double>(k_longest.count())) {
        in.error("count", "lasts longer than 60 years", "lower count or interval");
    }
}

void Parser::read_flow(TableReader& in) {
    Flow flow;
    flow.id = static_cast<std::uint32_t>(scenario_.flows.size() + 1);
    flow.name = in.text("name", fmt::format("flow{}", flow.id));
    if (std::ranges::find(scenario_.flows, flow.name, &Flow::name) != scenario_.flows.end()) {
        in.error("name", fmt::format("flow \"{}\" is there twice", flow.name), "name it otherwise");
    }
    flow.port = port(in);
    flow.source = in.required_address("source", false);
    flow.group = in.required_address("group", true);
    flow.ttl = static_cast<std::uint8_t>(in.integer("ttl", 0, 255, flow.ttl));
    flow.size = static_cast<std::uint16_t>(in.integer("size", k_stamp_size, k_max_size, flow.size));
    flow.vlan = vlan(in);
    flow.start = in.duration("start", flow.start);
    flow.count = in.integer("count", 1, k_max_count, flow.count);
    flow.interval = interval(in, flow.interval);
    check_length(in, flow.start, flow.count, flow.interval);
    flow.dont_fragment = in.flag("dont-fragment", flow.dont_fragment);
    flow.source_port =
        static_cast<std::uint16_t>(in.integer("source-port", 1, 65535, flow.source_port));
    flow.destination_port =
        static_cast<std::uint16_t>(in.integer("destination-port", 1, 65535, flow.destination_port));
    auto const fault = find_named(k_faults, in.text("fault", "none"));
    if (!fault) {
        in.error("fault", "no such fault", "known are none, ip-checksum, udp-checksum, payload");
    }
    flow.fault = fault.value_or(Fault::none);
    scenario_.flows.push_back(std::move(flow));
}

void Parser::read_conversation(TableReader& in) {
    Conversation spoken;
    spoken.port = port(in);
    spoken.host = in.required_address("host", false);
    spoken.version = static_cast<std::uint8_t>(in.integer("version", 1, 3, spoken.version));
    spoken.at = in.duration("at", spoken.at);
    spoken.group = in.required_address("group", true);
    auto const action = in.required_text("action");
    auto const known = find_named(k_actions, action);
    if (in.has("action") && !known) {
        in.error("action", fmt::format("no such action: \"{}\"", action),
                 "known are join, leave, include, exclude, allow, block");
    }
    spoken.action = known.value_or(Action::join);
    spoken.sources = in.addresses("sources");
    spoken.vlan = vlan(in);
    spoken.count = in.integer("count", 1, k_max_count, spoken.count);
    spoken.interval = interval(in, spoken.interval);
    check_length(in, spoken.at, spoken.count, spoken.interval);
    check_conversation(in, spoken);
    scenario_.conversations.push_back(std::move(spoken));
}

void Parser::check_conversation(TableReader& in, Conversation const& spoken) {
    bool const plain = spoken.action == Action::join || spoken.action == Action::leave;
    if (spoken.version < 3 && !plain) {
        in.error("action", fmt::format("version {} knows no sources", spoken.version),
                 "set version = 3");
    }
    if (spoken.version == 1 && spoken.action == Action::leave) {
        in.error("action", "version 1 has no leave message", "leave it out: hosts went silently");
    }
    if (plain && !spoken.sources.empty()) {
        in.error("sources", "join and leave speak of all sources",
                 "use include, exclude, allow or block");
    }
    bool const lists = spoken.action == Action::allow || spoken.action == Action::block;
    if (lists && spoken.sources.empty()) {
        in.error("sources", "allow and block need sources", "give sources = [\"10.0.0.1\"]");
    }
    if (spoken.sources.size() > 360) {
        in.error("sources", "more sources than one message holds", "give at most 360");
    }
}

} // namespace

std::string ScenarioError::text() const {
    return fmt::format("{}:{}:{}: {}; {}", file, line, column, what, remedy);
}

std::expected<Scenario, ScenarioErrors> parse_scenario(std::string_view text,
                                                       std::string_view file_name) {
    return Parser(file_name).parse(text);
}

std::expected<Scenario, ScenarioErrors> read_scenario(std::string const& path) {
    ScenarioErrors errors;
    auto const text = read_text(path, errors);
    if (!text) {
        return std::unexpected(std::move(errors));
    }
    return parse_scenario(*text, path);
}

std::optional<Duration> parse_duration(std::string_view text) {
    double number = 0;
    auto const [rest, failure] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (failure != std::errc{} || number < 0) {
        return std::nullopt;
    }
    constexpr std::array<Named<double>, 6> k_units{
        {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}}};
    std::string_view const unit(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
    auto const factor = find_named(k_units, unit);
    if (!factor || number * *factor > static_cast<double>(k_longest.count())) {
        return std::nullopt;
    }
    return Duration{std::llround(number * *factor)};
}

} // namespace mcast::gen
