#include "mcast/wire/ethernet.h"

namespace mcast::wire {

std::string_view name_of(EthernetError error) {
    switch (error) {
    case EthernetError::short_frame:
        return "short_frame";
    }
    return "unknown";
}

std::expected<EthernetHeader, EthernetError> decode_ethernet(Bytes frame) {
    Reader in(frame);
    EthernetHeader header{
        .destination = in.mac(), .source = in.mac(), .ether_type = in.u16(), .vlan = {}};
    if (header.ether_type == k_ether_vlan) {
        header.vlan = static_cast<std::uint16_t>(in.u16() & 0xfff);
        header.ether_type = in.u16();
    }
    if (!in.ok()) {
        return std::unexpected(EthernetError::short_frame);
    }
    return header;
}

bool encode(EthernetHeader const& header, Writer& out) {
    out.mac(header.destination);
    out.mac(header.source);
    if (header.vlan) {
        if (*header.vlan > 0xfff) {
            out.fail();
        }
        out.u16(k_ether_vlan);
        out.u16(*header.vlan);
    }
    out.u16(header.ether_type);
    return out.ok();
}

} // namespace mcast::wire
