// What control makes of any punted frame: a value whose views lie in the frame, or one fate.
#include "demux.h"
#include "fuzz.h"

#include <span>
#include <variant>

namespace mcast {
namespace {

using control::Interfaces;

control::Config make_config() {
    control::Config config;
    for (std::uint8_t i = 0; i < 2; ++i) {
        control::InterfaceConfig interface;
        interface.name = i == 0 ? "lan0" : "lan1";
        interface.port = "p";
        interface.vlan = i;
        interface.address = {Ipv4::of(10, 0, i, 1), 24};
        config.interfaces.push_back(interface);
    }
    return config;
}

Interfaces const& interfaces() {
    static control::Config const config = make_config();
    static Interfaces const made(config, {{"p", Mac{{0x02, 0, 0, 0, 0, 1}}, true, 1500, true}});
    return made;
}

bool lies_in(wire::Bytes part, wire::Bytes whole) {
    return part.empty() || (part.data() >= whole.data() &&
                            part.data() + part.size() <= whole.data() + whole.size());
}

void run(wire::Bytes frame) {
    for (bool const runs : {false, true}) {
        auto const host = control::demux(frame, interfaces(), {.igmp = runs, .dvmrp = runs});
        if (!host) {
            fuzz::require(!control::name_of(host.error()).empty());
        } else if (auto const* igmp = std::get_if<control::IgmpFrame>(&*host)) {
            fuzz::require(runs && igmp->ip.ttl == 1 && lies_in(igmp->payload, frame));
        } else if (auto const* dvmrp = std::get_if<control::DvmrpFrame>(&*host)) {
            fuzz::require(runs && !dvmrp->payload.empty() && lies_in(dvmrp->payload, frame));
        } else if (auto const* echo = std::get_if<control::EchoFrame>(&*host)) {
            fuzz::require(interfaces().is_own_address(echo->ip.destination));
        }
    }
    if (auto const parked = control::demux_miss(frame)) {
        fuzz::require(parked->flow.group.is_multicast());
        fuzz::require(parked->packet.size() >= 20 && lies_in(parked->packet, frame));
    }
}

} // namespace
} // namespace mcast

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    mcast::run({data, size});
    std::vector<std::uint8_t> repaired(data, data + size);
    if (auto const ethernet = mcast::wire::decode_ethernet(repaired)) {
        mcast::fuzz::repair_ipv4_checksum(std::span{repaired}.subspan(ethernet->size()));
    }
    mcast::run(repaired);
    return 0;
}
