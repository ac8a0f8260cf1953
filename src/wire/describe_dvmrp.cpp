#include "describe_parts.h"
#include "mcast/wire/describe.h"

namespace mcast::wire {

namespace {

using namespace dvmrp;

// 3.255 is what everybody speaks, and not worth a word.
std::string version_text(Version version) {
    return version == Version{} ? std::string{}
                                : fmt::format(", version {}.{}", version.major, version.minor);
}

std::string metric_text(std::uint8_t metric) {
    if (metric == 0 || metric > k_max_poison) {
        return fmt::format("metric {} (illegal)", metric);
    }
    if (metric == k_infinity) {
        return "unreachable";
    }
    return fmt::format("metric {}{}", metric, metric > k_infinity ? " (depends)" : "");
}

std::string route_text(Route const& route) {
    return to_string(route.prefix) + " " + metric_text(route.metric);
}

std::string record_text(NeighborRecord const& record) {
    return fmt::format("{} metric {} threshold {} flags {:#04x} {}", to_string(record.local),
                       record.metric, record.threshold, record.flags,
                       addresses_text(record.neighbors));
}

template <class Pruning>
std::string pair_text(Pruning const& value) {
    std::string const mask = value.mask ? " mask " + to_string(*value.mask) : std::string{};
    return to_string(value.source) + mask + ", " + to_string(value.group);
}

struct Content {
    std::string operator()(Probe const& probe) const {
        if (!probe.generation) {
            return fmt::format("{} bytes unread", probe.unread_bytes);
        }
        return fmt::format("generation {:#010x}, heard {}", *probe.generation,
                           addresses_text(probe.neighbors));
    }
    std::string operator()(Report const& report) const {
        return report.routes.empty() ? "no routes" : join(report.routes, ", ", route_text);
    }
    std::string operator()(AskNeighbors2 const&) const { return "who is there"; }
    std::string operator()(Neighbors2 const& neighbors) const {
        return neighbors.records.empty() ? "no interfaces"
                                         : join(neighbors.records, "; ", record_text);
    }
    std::string operator()(Prune const& prune) const {
        return fmt::format("{}, {} s{}", pair_text(prune), prune.lifetime,
                           trailing_text(prune.trailing_bytes));
    }
    std::string operator()(Graft const& graft) const {
        return pair_text(graft) + trailing_text(graft.trailing_bytes);
    }
    std::string operator()(GraftAck const& ack) const {
        return pair_text(ack) + trailing_text(ack.trailing_bytes);
    }
};

std::string content_text(Message const& message) {
    return std::visit(Content{}, message.body) + version_text(message.version);
}

std::string block_text(TraceBlock const& block) {
    return fmt::format("{} {}", to_string(block.outgoing), name_of(block.code));
}

std::string title_of(Mtrace const& trace) {
    char const* const kind = trace.response ? "response" : trace.is_query() ? "query" : "request";
    return fmt::format("mtrace {} {}", kind, trace.query_id);
}

std::string content_text(Mtrace const& trace) {
    std::string const blocks =
        trace.blocks.empty() ? std::string{} : ": " + join(trace.blocks, ", ", block_text);
    return fmt::format("{} -> {} by {}, {} hops, answer to {}{}", to_string(trace.source),
                       to_string(trace.destination), to_string(trace.group), trace.hops,
                       to_string(trace.response_address), blocks);
}

} // namespace

std::string describe(dvmrp::Message const& message) {
    return fmt::format("DVMRP {}: {}", name_of(message.body), content_text(message));
}

std::string describe(Mtrace const& trace) {
    return title_of(trace) + ": " + content_text(trace);
}

std::string dvmrp_text(Ipv4Header const& ip, Bytes payload) {
    auto const message = decode_dvmrp(payload);
    if (!message) {
        return fmt::format("DVMRP {}: {}", between(ip), name_of(message.error()));
    }
    return fmt::format("DVMRP {} {}: {}", name_of(message->body), between(ip),
                       content_text(*message));
}

std::string mtrace_text(Ipv4Header const& ip, Bytes payload) {
    auto const trace = decode_mtrace(payload);
    if (!trace) {
        return fmt::format("mtrace {}: {}", between(ip), name_of(trace.error()));
    }
    return fmt::format("{} {}: {}", title_of(*trace), between(ip), content_text(*trace));
}

} // namespace mcast::wire
