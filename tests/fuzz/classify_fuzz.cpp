// Any frame on any port gets one verdict, the same from its head alone, what may be forwarded is
// whole, and the usual packet is judged alike at one look. The first byte of the input names the
// port.
#include "fuzz.h"
#include "mcast/dataplane/classify.h"
#include "mcast/dataplane/usual.h"
#include "mcast/wire/ethernet.h"

#include <algorithm>
#include <span>

namespace mcast {
namespace {

using dataplane::Action;
using dataplane::FrameView;
using dataplane::Verdict;
using handoff::Drop;

constexpr Mac k_router{{0x02, 0, 0, 0, 0, 1}};

handoff::InterfaceTable make_table() {
    handoff::InterfaceTable table;
    table.router_mac = k_router;
    auto const add = [&](std::uint16_t index, std::uint16_t port, std::uint16_t vlan, bool up) {
        handoff::Interface interface;
        interface.port = PortId{static_cast<PortId::rep>(port)};
        interface.vlan = vlan;
        interface.up = up;
        interface.mac = k_router;
        interface.address = {Ipv4::of(10, 0, static_cast<std::uint8_t>(index), 1), 24};
        if (index == 1) {
            interface.boundaries.push_back({Ipv4::of(239, 1, 0, 0), 16});
        }
        table.add(IfIndex{index}, std::move(interface));
    };
    add(0, 0, 0, true);
    add(1, 0, 100, true);
    add(2, 1, 200, true);
    add(3, 2, 0, false);
    handoff::Interface tunnel = table.interfaces[0];
    tunnel.tunnel = handoff::Tunnel{.over = IfIndex{0},
                                    .local = tunnel.address.address,
                                    .remote = Ipv4::of(198, 51, 100, 7),
                                    .next_hop = Mac{}};
    tunnel.address.length = 32;
    table.add(IfIndex{4}, tunnel);
    return table;
}

bool same(Verdict const& a, Verdict const& b) {
    return a.action == b.action && a.drop == b.drop && a.punt == b.punt &&
           a.dont_fragment == b.dont_fragment && a.arrival == b.arrival && a.key == b.key &&
           a.total_length == b.total_length && a.link_length == b.link_length &&
           a.header_length == b.header_length && a.ttl == b.ttl;
}

void run(PortId port, std::span<std::uint8_t const> frame) {
    static handoff::InterfaceTable const table = make_table();
    Verdict const verdict = dataplane::classify({frame, frame.size()}, port, table);
    fuzz::require((verdict.action == Action::drop) == (verdict.drop != Drop::none));
    std::vector<std::uint8_t> const head(
        frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(
                                           std::min(frame.size(), dataplane::k_head_bytes)));
    fuzz::require(same(verdict, dataplane::classify({head, frame.size()}, port, table)));
    auto const length = static_cast<std::uint32_t>(frame.size());
    dataplane::Usual const usual{port, table};
    if (length >= dataplane::Usual::k_bytes && usual.is_usual(frame.data(), length)) {
        fuzz::require(same(verdict, dataplane::Usual::verdict(frame.data(), usual.arrival())));
        fuzz::require(dataplane::Usual::Train{frame.data()}.takes(frame.data(), length));
    }
    if (verdict.action != Action::drop) {
        fuzz::require(table.up.contains(verdict.arrival));
        fuzz::require(std::size_t{verdict.link_length} + verdict.total_length <= frame.size());
    }
    if (verdict.action == Action::forward) {
        fuzz::require(verdict.key.group.is_multicast() &&
                      !verdict.key.group.is_link_local_multicast());
        fuzz::require(verdict.header_length >= 20 && verdict.total_length >= verdict.header_length);
    }
    if (verdict.action == Action::decapsulate) {
        std::vector<std::uint8_t> inner(frame.begin(), frame.begin() + 14);
        auto const at = [&](std::size_t offset) {
            return frame.begin() + static_cast<std::ptrdiff_t>(offset);
        };
        std::size_t const outer = verdict.link_length;
        inner[12] = 0x08;
        inner[13] = 0x00;
        inner.insert(inner.end(), at(outer + verdict.header_length),
                     at(outer + verdict.total_length));
        Verdict const second =
            dataplane::classify_on({inner, inner.size()}, verdict.arrival, table);
        fuzz::require(second.action != Action::decapsulate && second.arrival == verdict.arrival);
    }
}

} // namespace
} // namespace mcast

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    mcast::PortId const port{static_cast<mcast::PortId::rep>(data[0] % 4)};
    std::vector<std::uint8_t> frame(data + 1, data + size);
    mcast::run(port, frame);
    if (auto const ethernet = mcast::wire::decode_ethernet(frame)) {
        mcast::fuzz::repair_ipv4_checksum(std::span{frame}.subspan(ethernet->size()));
    }
    mcast::run(port, frame);
    return 0;
}
