#include "core.h"

#include <algorithm>

namespace mcast::dvmrp {

namespace {

using namespace wire::dvmrp;

constexpr std::size_t k_record_head = 8; // bytes

NeighborRecord head_of(Interface const& interface) {
    auto const bit = [](NeighborFlag flag) { return static_cast<unsigned>(flag); };
    bool const tunnel = interface.is_tunnel();
    bool const works = interface.link().up && (!tunnel || interface.has_neighbors());
    unsigned const down = works ? 0 : bit(NeighborFlag::down);
    unsigned const kind = tunnel ? bit(NeighborFlag::tunnel) : 0;
    unsigned const leaf = interface.has_neighbors() ? 0 : bit(NeighborFlag::leaf);
    unsigned const querier = interface.is_querier() ? bit(NeighborFlag::querier) : 0;
    return {.local = interface.address(),
            .metric = interface.config().metric,
            .threshold = interface.config().threshold,
            .flags = static_cast<std::uint8_t>(kind | down | leaf | querier)};
}

// One-way neighbours are left out; without any the tool needs 0.0.0.0, or the end of the tunnel,
// which is then told as down.
std::vector<Ipv4> listed(Interface const& interface) {
    std::vector<Ipv4> result;
    for (auto const& [address, neighbor] : interface.neighbors()) {
        if (neighbor.two_way()) {
            result.push_back(address);
        }
    }
    if (result.empty()) {
        result.push_back(interface.link().remote);
    }
    return result;
}

} // namespace

std::vector<Neighbors2> describe_neighbors(Interfaces const& interfaces) {
    std::vector<Neighbors2> parts(1);
    std::size_t room = k_max_body;
    for (auto const& [index, interface] : interfaces) {
        auto const all = listed(interface);
        for (std::size_t done = 0; done < all.size();) {
            if (room < k_record_head + 4) {
                parts.emplace_back();
                room = k_max_body;
            }
            NeighborRecord record = head_of(interface);
            std::size_t const count = std::min(all.size() - done, (room - k_record_head) / 4);
            auto const from = all.begin() + static_cast<std::ptrdiff_t>(done);
            record.neighbors.assign(from, from + static_cast<std::ptrdiff_t>(count));
            parts.back().records.push_back(std::move(record));
            room -= k_record_head + 4 * count;
            done += count;
        }
    }
    return parts;
}

} // namespace mcast::dvmrp
