#include "mcast/wire/mtrace.h"

#include "mcast/wire/checksum.h"

namespace mcast::wire {

namespace {

constexpr std::size_t k_header_size = 24;
constexpr std::size_t k_block_size = 32;
constexpr std::size_t k_checksum_offset = 2;
constexpr std::uint32_t k_max_query_id = 0xffffff;
constexpr std::uint8_t k_source_bit = 0x40;
constexpr std::uint8_t k_mask_bits = 0x3f;

TraceBlock read_block(Reader& in) {
    TraceBlock block;
    block.arrival = in.u32();
    block.incoming = in.ipv4();
    block.outgoing = in.ipv4();
    block.previous_hop = in.ipv4();
    block.input_packets = in.u32();
    block.output_packets = in.u32();
    block.flow_packets = in.u32();
    block.routing_protocol = in.u8();
    block.needed_ttl = in.u8();
    auto const mask = in.u8();
    block.source_counted = (mask & k_source_bit) != 0;
    block.mask_length = mask & k_mask_bits;
    block.code = TraceCode{in.u8()};
    return block;
}

void write_block(TraceBlock const& block, Writer& out) {
    if (block.mask_length > k_mask_bits) {
        out.fail();
        return;
    }
    out.u32(block.arrival);
    out.ipv4(block.incoming);
    out.ipv4(block.outgoing);
    out.ipv4(block.previous_hop);
    out.u32(block.input_packets);
    out.u32(block.output_packets);
    out.u32(block.flow_packets);
    out.u8(block.routing_protocol);
    out.u8(block.needed_ttl);
    out.u8(
        static_cast<std::uint8_t>((block.source_counted ? k_source_bit : 0) | block.mask_length));
    out.u8(static_cast<std::uint8_t>(block.code));
}

} // namespace

std::string_view name_of(TraceCode code) {
    switch (code) {
    case TraceCode::no_error:
        return "no_error";
    case TraceCode::wrong_interface:
        return "wrong_interface";
    case TraceCode::prune_sent:
        return "prune_sent";
    case TraceCode::pruned:
        return "pruned";
    case TraceCode::scoped:
        return "scoped";
    case TraceCode::no_route:
        return "no_route";
    case TraceCode::wrong_last_hop:
        return "wrong_last_hop";
    case TraceCode::not_forwarding:
        return "not_forwarding";
    case TraceCode::reached_rp:
        return "reached_rp";
    case TraceCode::rpf_interface:
        return "rpf_interface";
    case TraceCode::no_multicast:
        return "no_multicast";
    case TraceCode::hidden:
        return "hidden";
    case TraceCode::no_space:
        return "no_space";
    case TraceCode::old_router:
        return "old_router";
    case TraceCode::prohibited:
        return "prohibited";
    }
    return "unknown";
}

std::string_view name_of(MtraceError error) {
    switch (error) {
    case MtraceError::too_short:
        return "too_short";
    case MtraceError::not_mtrace:
        return "not_mtrace";
    case MtraceError::bad_checksum:
        return "bad_checksum";
    case MtraceError::bad_length:
        return "bad_length";
    case MtraceError::count_:
        break;
    }
    return "unknown";
}

std::expected<Mtrace, MtraceError> decode_mtrace(Bytes payload) {
    if (payload.size() < k_header_size) {
        return std::unexpected(MtraceError::too_short);
    }
    if (!is_mtrace(payload)) {
        return std::unexpected(MtraceError::not_mtrace);
    }
    if (internet_checksum(payload) != 0) {
        return std::unexpected(MtraceError::bad_checksum);
    }
    if ((payload.size() - k_header_size) % k_block_size != 0) {
        return std::unexpected(MtraceError::bad_length);
    }
    Reader in(payload);
    Mtrace trace;
    trace.response = in.u8() == k_type_mtrace_response;
    trace.hops = in.u8();
    in.skip(2);
    trace.group = in.ipv4();
    trace.source = in.ipv4();
    trace.destination = in.ipv4();
    trace.response_address = in.ipv4();
    auto const last = in.u32();
    trace.response_ttl = static_cast<std::uint8_t>(last >> 24);
    trace.query_id = last & k_max_query_id;
    trace.blocks.reserve(in.remaining() / k_block_size);
    while (in.remaining() > 0) {
        trace.blocks.push_back(read_block(in));
    }
    return trace;
}

bool encode(Mtrace const& trace, Writer& out) {
    if (trace.query_id > k_max_query_id) {
        out.fail();
        return false;
    }
    std::size_t const start = out.size();
    out.u8(trace.response ? k_type_mtrace_response : k_type_mtrace_request);
    out.u8(trace.hops);
    out.u16(0); // checksum, see below
    out.ipv4(trace.group);
    out.ipv4(trace.source);
    out.ipv4(trace.destination);
    out.ipv4(trace.response_address);
    out.u32(std::uint32_t{trace.response_ttl} << 24 | trace.query_id);
    for (TraceBlock const& block : trace.blocks) {
        write_block(block, out);
    }
    if (out.ok()) {
        out.patch_u16(start + k_checksum_offset, internet_checksum(out.written().subspan(start)));
    }
    return out.ok();
}

} // namespace mcast::wire
