// The whole engine with state behind it: neighbours, routes, flows, channels, prunes, traces and
// time, as the bytes say. Whatever comes, the promises of the engine hold and its work comes to an
// end.
#include "fuzz.h"
#include "mcast/dvmrp/engine.h"
#include "mcast/wire/dvmrp.h"
#include "mcast/wire/mtrace.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

namespace mcast {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t k_links = 3;
constexpr std::size_t k_max_routes = 64;
constexpr std::size_t k_max_flows = 32;
constexpr std::size_t k_max_prunes = 16;
constexpr std::size_t k_max_neighbors = 4;

constexpr unsigned k_unused_bits = 0x30; // of the byte that names a flow

Ipv4 address_on(std::size_t link, std::uint8_t host) {
    return Ipv4::of(10, static_cast<std::uint8_t>(link), 0, host);
}

dvmrp::Config const k_config{.max_routes = k_max_routes,
                             .max_flows = k_max_flows,
                             .max_prunes = k_max_prunes,
                             .explicit_groups = {{Ipv4::of(239, 2, 0, 0), 16}},
                             .answer_neighbors = true,
                             .answer_traces = true};

dvmrp::Link at(std::uint16_t link) {
    return {.address = {address_on(link, 2), 24},
            .boundaries = {{Ipv4::of(239, static_cast<std::uint8_t>(link), 0, 0), 16}}};
}

class World {
public:
    explicit World(bool point_to_point) : engine_(k_config, {.random = 7, .generation = 1}) {
        each_.point_to_point = point_to_point;
        each_.max_neighbors = k_max_neighbors;
        for (std::uint16_t link = 0; link < k_links; ++link) {
            engine_.add_interface({link}, each_, at(link), now_, out_);
        }
    }

    void run(wire::Reader in) {
        while (in.remaining() > 0 && in.ok()) {
            step(in);
            work_off();
            check();
        }
    }

private:
    static IfIndex link_of(std::uint8_t byte) {
        return {static_cast<std::uint16_t>(byte % k_links)};
    }
    static FlowKey flow_of(std::uint8_t byte) {
        return {Ipv4::of(172, 16, byte & 3, 1), Ipv4::of(239, byte >> 6, 0, (byte >> 2) & 3)};
    }

    void step(wire::Reader& in) {
        auto const what = in.u8();
        auto const with = in.u8();
        switch (what % 9) {
        case 0:
        case 1:
            raw_message(in, with);
            break;
        case 2:
            probe(with, in.u8());
            break;
        case 3:
            now_ += std::chrono::seconds{with};
            break;
        case 4:
            engine_.open_flow(flow_of(with), now_, out_);
            break;
        case 5:
            if ((what & 0x80) != 0) {
                trace(in, with);
            } else if ((what & 0x40) != 0) {
                want_channel(flow_of(with), in.u8());
            } else {
                engine_.close_flow(flow_of(with));
            }
            break;
        case 7:
            reconfigure(what, with);
            break;
        case 6:
            engine_.data(flow_of(with), now_, out_);
            engine_.set_wanted_elsewhere(flow_of(with), (what & 0x80) != 0, now_, out_);
            break;
        default:
            if ((what & 0x80) != 0) {
                engine_.set_link(link_of(with), (what & 0x40) != 0, now_, out_);
            } else {
                engine_.set_member(link_of(with), flow_of(with).group, (what & 0x40) != 0, now_,
                                   out_);
            }
            break;
        }
    }

    // Another configuration, address or external route; what is not chosen goes back to what it
    // was.
    void reconfigure(std::uint8_t what, std::uint8_t with) {
        IfIndex const on = link_of(with);
        dvmrp::Link link = at(on.value);
        dvmrp::InterfaceConfig config = each_;
        dvmrp::Config all = k_config;
        switch (what >> 5) {
        case 0:
            config.metric = static_cast<std::uint8_t>(1 + (with >> 4));
            config.flood_unknown = (with & 4) != 0;
            break;
        case 1:
            config.announce_routes = {{.prefix = {Ipv4::of(172, 16, 1, 0), 24}, .allow = false}};
            config.default_route = static_cast<std::uint8_t>(with >> 6);
            break;
        case 2:
            config.accept_routes = {{.prefix = {Ipv4::of(172, 16, 2, 0), 24}, .allow = false}};
            config.force_leaf = (with & 8) != 0;
            break;
        case 3:
            config.no_transit = true;
            config.passive = true;
            break;
        case 4:
            link.boundaries.clear();
            unbounded_.insert(on);
            link.address.address.value += with >> 7; // another address of the same subnet
            engine_.change_link(on, link, now_, out_);
            return;
        case 5:
            all.aggregates = {{.prefix = {Ipv4::of(172, 16, 0, 0), 16},
                               .metric = static_cast<std::uint8_t>(with >> 3),
                               .with_parts = (with & 1) != 0}};
            all.redistribute = {{.from = dvmrp::Redistribution::From::statics, .metric = 3}};
            break;
        case 6:
            engine_.set_external({dvmrp::Redistribution::From::statics,
                                  {Ipv4::of(172, 16, with & 3, 0), 24},
                                  {static_cast<std::uint16_t>(with >> 2 & 7)}},
                                 now_, out_);
            return;
        default:
            engine_.remove_external({Ipv4::of(172, 16, with & 3, 0), 24}, now_, out_);
            return;
        }
        fuzz::require(engine_.reconfigure(on, config, now_, out_));
        fuzz::require(engine_.reconfigure(all, now_, out_));
    }

    void hear(IfIndex on, Ipv4 from, std::span<std::uint8_t const> payload) {
        engine_.receive({.interface = on,
                         .source = from,
                         .destination = wire::dvmrp::k_all_routers,
                         .ttl = 1,
                         .payload = payload},
                        now_, out_);
    }

    // A code and a body as they come, with a header that is good.
    void raw_message(wire::Reader& in, std::uint8_t with) {
        auto const code = in.u8();
        auto const body = in.bytes(std::min<std::size_t>(in.u8(), in.remaining()));
        std::vector<std::uint8_t> payload{0x13, code, 0, 0, 0, 0x0e, 0xff, 3};
        payload.insert(payload.end(), body.begin(), body.end());
        fuzz::repair_checksum(payload, 2);
        hear(link_of(with), address_on(with % k_links, with >> 5), payload);
    }

    // A query or a request, of whatever length.
    void trace(wire::Reader& in, std::uint8_t with) {
        auto const body = in.bytes(std::min<std::size_t>(in.u8(), in.remaining()));
        std::vector<std::uint8_t> payload{0x1f, 8, 0, 0};
        payload.insert(payload.end(), body.begin(), body.end());
        fuzz::repair_checksum(payload, 2);
        std::size_t const link = with % k_links;
        engine_.trace({.interface = link_of(with),
                       .source = address_on(link, with >> 5),
                       .destination = address_on(link, (with & 4) != 0 ? 2 : 9),
                       .ttl = 8,
                       .payload = payload},
                      7, now_, out_);
    }

    void want_channel(FlowKey flow, std::uint8_t where) {
        IfSet interfaces;
        for (std::uint16_t link = 0; link < k_links; ++link) {
            if ((where >> link & 1) != 0) {
                interfaces.insert({link});
            }
        }
        engine_.set_channel_members(flow, interfaces, now_, out_);
    }

    void probe(std::uint8_t with, std::uint8_t generation) {
        std::size_t const link = with % k_links;
        wire::dvmrp::Probe probe{.generation = generation & 3U};
        if ((generation & 0x80) == 0) {
            probe.neighbors = {address_on(link, 2)};
        }
        auto const payload = fuzz::written_by([&](wire::Writer& out) {
            encode(wire::dvmrp::Message{.capabilities = 0x0e, .version = {}, .body = probe}, out);
        });
        hear(link_of(with), address_on(link, with >> 5), payload);
    }

    // Everything that is due now, and it must come to an end.
    void work_off() {
        std::size_t pieces = 0;
        while (engine_.expire(now_, 16, out_) > 0) {
            fuzz::require(++pieces < 10'000);
        }
        fuzz::require(!engine_.next_due() || *engine_.next_due() > now_);
    }

    void check() {
        for (dvmrp::ToSend const& it : out_.messages) {
            auto const bytes =
                fuzz::written_by([&](wire::Writer& out) { encode(it.message, out); });
            fuzz::require(bytes.size() <= wire::dvmrp::k_header_size + wire::dvmrp::k_max_body);
            fuzz::require(wire::dvmrp::decode_dvmrp(bytes) == it.message);
        }
        for (dvmrp::TraceToSend const& it : out_.traces) {
            auto const bytes = fuzz::written_by([&](wire::Writer& out) { encode(it.trace, out); });
            fuzz::require(wire::decode_mtrace(bytes) == it.trace);
        }
        out_.clear();
        // Learned ones, subnets, external ones, an aggregate and the default route.
        fuzz::require(engine_.route_count() <= k_max_routes + k_links + 4 + 2);
        fuzz::require(engine_.flow_count() <= k_max_flows);
        fuzz::require(engine_.prune_count() <= k_max_prunes);
        for (std::size_t link = 0; link < k_links; ++link) {
            fuzz::require(engine_.neighbors({static_cast<std::uint16_t>(link)}).size() <=
                          k_max_neighbors);
        }
        for (unsigned byte = 0; byte < 256; ++byte) {
            if ((byte & k_unused_bits) == 0) {
                check(flow_of(static_cast<std::uint8_t>(byte)));
            }
        }
    }

    void check(FlowKey flow) {
        auto const outputs = engine_.outputs(flow, now_);
        if (!outputs) {
            return;
        }
        auto const rpf = engine_.rpf(flow.source);
        fuzz::require(rpf && outputs->arrival == rpf->interface);
        fuzz::require(!outputs->wanted.contains(rpf->interface));
        fuzz::require((outputs->wanted - outputs->members_served).empty());
        fuzz::require((outputs->dependents - outputs->wanted).empty());
        outputs->wanted.for_each([&](IfIndex on) {
            bool const scoped = ((flow.group.value >> 16) & 0xff) == on.value;
            fuzz::require(!scoped || unbounded_.contains(on));
        });
    }

    dvmrp::InterfaceConfig each_;
    IfSet unbounded_; // without the boundaries of the beginning
    dvmrp::Engine engine_;
    TimePoint now_{};
    dvmrp::Output out_{};
};

} // namespace
} // namespace mcast

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size > 0) {
        mcast::World world((data[0] & 1) != 0);
        world.run(mcast::wire::Reader({data + 1, size - 1}));
    }
    return 0;
}
