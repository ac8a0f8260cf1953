#include "dvmrp_format.h"
#include "mcast/wire/checksum.h"
#include "mcast/wire/dvmrp.h"

namespace mcast::wire::dvmrp {

namespace {

void write_addresses(std::vector<Ipv4> const& addresses, Writer& out) {
    for (Ipv4 const address : addresses) {
        out.ipv4(address);
    }
}

// The default route stands under the mask of /8.
std::uint32_t mask_on_wire(Ipv4Prefix prefix) {
    return prefix.length == 0 ? 0xff000000 : prefix.mask();
}

bool has_wire_form(Route const& route) {
    Ipv4Prefix const prefix = route.prefix;
    if (route.metric > k_max_metric_field || prefix.length > 32) {
        return false;
    }
    if (prefix.length == 0) {
        return prefix.address.is_unspecified();
    }
    // 0.0.0.0/8 would be read as the default route.
    if (prefix.length < 8 || (prefix.length == 8 && prefix.address.is_unspecified())) {
        return false;
    }
    std::size_t const bits = 8 * network_octets(prefix.length);
    return bits == 32 || (prefix.address.value << bits) == 0;
}

void write_mask(std::uint32_t mask, Writer& out) {
    out.u8(static_cast<std::uint8_t>(mask >> 16));
    out.u8(static_cast<std::uint8_t>(mask >> 8));
    out.u8(static_cast<std::uint8_t>(mask));
}

void write_route(Route const& route, bool last, Writer& out) {
    for (std::size_t i = 0; i < network_octets(route.prefix.length); ++i) {
        out.u8(static_cast<std::uint8_t>(route.prefix.address.value >> (24 - 8 * i)));
    }
    out.u8(static_cast<std::uint8_t>(route.metric | (last ? k_last_route : 0)));
}

template <class Pruning>
void write_tail(Pruning const& value, Writer& out) {
    if (value.mask) {
        out.ipv4(*value.mask);
    } else if (value.trailing_bytes >= k_mask_size) {
        out.fail(); // would be read as a mask
    }
    out.zeros(value.trailing_bytes);
}

struct BodyWriter {
    Version version;
    Writer& out;

    void operator()(Probe const& probe) const {
        bool const fits = has_generation(version) ? probe.generation && probe.unread_bytes == 0
                                                  : !probe.generation && probe.neighbors.empty();
        if (!fits) {
            out.fail();
            return;
        }
        if (probe.generation) {
            out.u32(*probe.generation);
        }
        write_addresses(probe.neighbors, out);
        out.zeros(probe.unread_bytes);
    }
    void operator()(Report const& report) const {
        auto const& routes = report.routes;
        for (std::size_t i = 0; i < routes.size(); ++i) {
            if (!has_wire_form(routes[i])) {
                out.fail();
                return;
            }
            auto const mask = mask_on_wire(routes[i].prefix);
            if (i == 0 || mask_on_wire(routes[i - 1].prefix) != mask) {
                write_mask(mask, out);
            }
            bool const last = i + 1 == routes.size() || mask_on_wire(routes[i + 1].prefix) != mask;
            write_route(routes[i], last, out);
        }
    }
    void operator()(AskNeighbors2 const&) const {}
    void operator()(Neighbors2 const& neighbors) const {
        for (NeighborRecord const& record : neighbors.records) {
            if (record.neighbors.size() > 0xff) {
                out.fail();
                return;
            }
            out.ipv4(record.local);
            out.u8(record.metric);
            out.u8(record.threshold);
            out.u8(record.flags);
            out.u8(static_cast<std::uint8_t>(record.neighbors.size()));
            write_addresses(record.neighbors, out);
        }
    }
    void operator()(Prune const& prune) const {
        out.ipv4(prune.source);
        out.ipv4(prune.group);
        out.u32(prune.lifetime);
        write_tail(prune, out);
    }
    void operator()(Graft const& graft) const { write_graft(graft); }
    void operator()(GraftAck const& ack) const { write_graft(ack); }

private:
    template <class Grafting>
    void write_graft(Grafting const& graft) const {
        out.ipv4(graft.source);
        out.ipv4(graft.group);
        write_tail(graft, out);
    }
};

struct Code {
    std::uint8_t operator()(Probe const&) const { return k_code_probe; }
    std::uint8_t operator()(Report const&) const { return k_code_report; }
    std::uint8_t operator()(AskNeighbors2 const&) const { return k_code_ask_neighbors2; }
    std::uint8_t operator()(Neighbors2 const&) const { return k_code_neighbors2; }
    std::uint8_t operator()(Prune const&) const { return k_code_prune; }
    std::uint8_t operator()(Graft const&) const { return k_code_graft; }
    std::uint8_t operator()(GraftAck const&) const { return k_code_graft_ack; }
};

} // namespace

bool encode(Message const& message, Writer& out) {
    if (class_of(message.version) == VersionClass::old) {
        out.fail();
        return false;
    }
    std::size_t const start = out.size();
    out.u8(k_type);
    out.u8(std::visit(Code{}, message.body));
    out.u16(0); // checksum, see below
    out.u8(0);
    out.u8(message.capabilities);
    out.u8(message.version.minor);
    out.u8(message.version.major);
    std::visit(BodyWriter{message.version, out}, message.body);
    if (out.ok()) {
        out.patch_u16(start + k_checksum_offset, internet_checksum(out.written().subspan(start)));
    }
    return out.ok();
}

} // namespace mcast::wire::dvmrp
