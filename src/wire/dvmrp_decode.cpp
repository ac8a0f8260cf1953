#include "dvmrp_format.h"
#include "mcast/wire/checksum.h"
#include "mcast/wire/dvmrp.h"

#include <bit>

namespace mcast::wire::dvmrp {

namespace {

using Result = std::expected<Body, Error>;

std::vector<Ipv4> read_addresses(Reader& in, std::size_t count) {
    Reader addresses(in.bytes(count * 4));
    std::vector<Ipv4> result;
    result.reserve(addresses.remaining() / 4);
    while (addresses.remaining() > 0) {
        result.push_back(addresses.ipv4());
    }
    return result;
}

// Section 3.2.5.
Result decode_probe(Version version, Reader in) {
    if (!has_generation(version)) {
        return Probe{.unread_bytes = in.remaining()};
    }
    if (in.remaining() % 4 != 0 || in.remaining() == 0) {
        return std::unexpected(Error::bad_length);
    }
    Probe probe;
    probe.generation = in.u32();
    probe.neighbors = read_addresses(in, in.remaining() / 4);
    return probe;
}

// A mask of 255.0.0.0 stands for both /8 and, with network 0, the default route (DVMRP-43).
Ipv4Prefix read_prefix(Reader& in, std::uint8_t mask_length) {
    std::size_t const octets = network_octets(mask_length);
    std::uint32_t network = 0;
    for (std::size_t i = 0; i < octets; ++i) {
        network |= std::uint32_t{in.u8()} << (24 - 8 * i);
    }
    bool const is_default = mask_length == 8 && network == 0;
    return {{network}, is_default ? std::uint8_t{0} : mask_length};
}

std::uint32_t read_mask(Reader& in) {
    std::uint32_t mask = 0xff;
    for (std::size_t i = 0; i < k_mask_octets; ++i) {
        mask = mask << 8 | in.u8();
    }
    return mask;
}

// Section 3.4.2: one mask, and its routes up to the one that is marked as the last.
std::optional<Error> read_routes(Reader& in, Report& report) {
    std::uint32_t const mask = read_mask(in);
    if (!in.ok()) {
        return Error::bad_route;
    }
    int const length = std::countl_one(mask);
    if (std::popcount(mask) != length) {
        return Error::bad_mask;
    }
    bool last = false;
    while (!last) {
        if (in.remaining() == 0) {
            return Error::unclosed_routes;
        }
        auto const prefix = read_prefix(in, static_cast<std::uint8_t>(length));
        auto const metric = in.u8();
        if (!in.ok()) {
            return Error::bad_route;
        }
        last = (metric & k_last_route) != 0;
        report.routes.push_back({prefix, static_cast<std::uint8_t>(metric & ~k_last_route)});
    }
    return std::nullopt;
}

Result decode_report(Reader in) {
    Report report;
    while (in.remaining() > 0) {
        if (auto const error = read_routes(in, report)) {
            return std::unexpected(*error);
        }
    }
    return report;
}

// Appendix B: one record for each interface.
Result decode_neighbors2(Reader in) {
    Neighbors2 result;
    while (in.remaining() > 0) {
        NeighborRecord record;
        record.local = in.ipv4();
        record.metric = in.u8();
        record.threshold = in.u8();
        record.flags = in.u8();
        record.neighbors = read_addresses(in, in.u8());
        if (!in.ok()) {
            return std::unexpected(Error::bad_length);
        }
        result.records.push_back(std::move(record));
    }
    return result;
}

// The network of a prune or graft: a host or a network, or 0.0.0.0 for the default route.
std::optional<Error> judge(Ipv4 source, Ipv4 group) {
    bool const in_network_zero = (source.value >> 24) == 0 && !source.is_unspecified();
    if (source.value >= 0xe0000000 || source.is_loopback() || in_network_zero) {
        return Error::bad_source;
    }
    if (!group.is_multicast() || group.is_link_local_multicast()) {
        return Error::bad_group;
    }
    return std::nullopt;
}

// Sections 3.5.6 and 3.6.3: the mask is there when its four bytes are.
template <class Pruning>
void read_tail(Reader& in, Pruning& value) {
    if (in.remaining() >= k_mask_size) {
        value.mask = in.ipv4();
    }
    value.trailing_bytes = in.remaining();
}

Result decode_prune(Reader in) {
    Prune prune{.source = in.ipv4(), .group = in.ipv4(), .lifetime = in.u32()};
    if (!in.ok()) {
        return std::unexpected(Error::bad_length);
    }
    read_tail(in, prune);
    if (auto const error = judge(prune.source, prune.group)) {
        return std::unexpected(*error);
    }
    if (prune.lifetime == 0) {
        return std::unexpected(Error::bad_lifetime);
    }
    return prune;
}

template <class Grafting>
Result decode_graft(Reader in) {
    Grafting graft{.source = in.ipv4(), .group = in.ipv4()};
    if (!in.ok()) {
        return std::unexpected(Error::bad_length);
    }
    read_tail(in, graft);
    if (auto const error = judge(graft.source, graft.group)) {
        return std::unexpected(*error);
    }
    return graft;
}

} // namespace

std::expected<Header, Error> decode_header(Bytes payload) {
    if (payload.size() < k_header_size) {
        return std::unexpected(Error::too_short);
    }
    Reader in(payload);
    if (in.u8() != k_type) {
        return std::unexpected(Error::not_dvmrp);
    }
    if (internet_checksum(payload) != 0) {
        return std::unexpected(Error::bad_checksum);
    }
    Header header;
    header.code = in.u8();
    in.skip(3); // checksum, and a reserved byte that nobody may rely on
    header.capabilities = in.u8();
    header.version.minor = in.u8();
    header.version.major = in.u8();
    return header;
}

std::expected<Body, Error> decode_body(Header const& header, Bytes payload) {
    if (class_of(header.version) == VersionClass::old) {
        return std::unexpected(Error::old_version);
    }
    Reader in(payload);
    in.skip(k_header_size);
    switch (header.code) {
    case k_code_probe:
        return decode_probe(header.version, in);
    case k_code_report:
        return decode_report(in);
    case k_code_ask_neighbors2:
        return AskNeighbors2{};
    case k_code_neighbors2:
        return decode_neighbors2(in);
    case k_code_prune:
        return decode_prune(in);
    case k_code_graft:
        return decode_graft<Graft>(in);
    case k_code_graft_ack:
        return decode_graft<GraftAck>(in);
    case k_code_ask_neighbors:
    case k_code_neighbors:
        return std::unexpected(Error::obsolete_code);
    case k_code_info_request:
    case k_code_info_reply:
        return std::unexpected(Error::vendor_code);
    default:
        return std::unexpected(Error::unknown_code);
    }
}

std::expected<Message, Error> decode_dvmrp(Bytes payload) {
    auto const header = decode_header(payload);
    if (!header) {
        return std::unexpected(header.error());
    }
    auto body = decode_body(*header, payload);
    if (!body) {
        return std::unexpected(body.error());
    }
    return Message{
        .capabilities = header->capabilities, .version = header->version, .body = std::move(*body)};
}

} // namespace mcast::wire::dvmrp
