#include "reassembly.h"

#include <algorithm>

namespace mcast::gen {

bool Reassembly::Pending::complete() const {
    if (!length || present.size() < *length) {
        return false;
    }
    return std::ranges::all_of(present, [](bool here) { return here; });
}

Reassembly::Pending& Reassembly::pending(wire::Ipv4Header const& ip) {
    auto const found =
        std::ranges::find_if(pending_, [&](Pending const& one) { return one.is_of(ip); });
    if (found != pending_.end()) {
        return *found;
    }
    if (pending_.size() == k_max_pending) {
        pending_.pop_front();
        ++given_up_;
    }
    auto& fresh = pending_.emplace_back();
    fresh.source = ip.source;
    fresh.destination = ip.destination;
    fresh.id = ip.id;
    fresh.protocol = ip.protocol;
    return fresh;
}

std::optional<std::vector<std::uint8_t>> Reassembly::add(wire::Ipv4Header const& ip,
                                                         wire::Bytes payload) {
    Pending& whole = pending(ip);
    std::size_t const end = ip.fragment_offset + payload.size();
    if (whole.bytes.size() < end) {
        whole.bytes.resize(end);
        whole.present.resize(end);
    }
    std::ranges::copy(payload, whole.bytes.begin() + ip.fragment_offset);
    std::fill_n(whole.present.begin() + ip.fragment_offset, payload.size(), true);
    if (!ip.more_fragments) {
        whole.length = end;
    }
    if (!whole.complete()) {
        return std::nullopt;
    }
    auto bytes = std::move(whole.bytes);
    std::erase_if(pending_, [&](Pending const& one) { return one.is_of(ip); });
    return bytes;
}

} // namespace mcast::gen
