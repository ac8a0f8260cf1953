#include "query.h"

#include "mcast/wire/igmp_code.h"

#include <algorithm>

namespace mcast::igmp {

namespace {

wire::Query query_of(Timing const& timing, std::uint8_t code, Ipv4 group) {
    wire::Query query{.version = timing.version, .max_resp_code = code, .group = group};
    if (timing.version >= 3) {
        auto const seconds = timing.query_interval / std::chrono::seconds{1};
        query.qrv = timing.robustness <= 7 ? timing.robustness : std::uint8_t{0};
        query.qqic = wire::encode_code(static_cast<std::uint16_t>(
            std::clamp<std::int64_t>(seconds, 1, wire::k_max_code_value)));
    }
    return query;
}

} // namespace

wire::Query general_query(Timing const& timing) {
    return query_of(timing, timing.response_code, {});
}

std::vector<wire::Query> specific_queries(Timing const& timing, Ipv4 group,
                                          SpecificQuery const& query, std::uint16_t mtu) {
    bool const expressible = timing.version >= 3 || (timing.version == 2 && query.sources.empty());
    if (!expressible) {
        return {};
    }
    wire::Query one = query_of(timing, timing.last_member_code, group);
    one.suppress = timing.version >= 3 && query.suppress;
    if (query.sources.empty()) {
        return {one};
    }
    std::vector<wire::Query> result;
    std::size_t const most = std::max<std::size_t>(1, wire::max_query_sources(mtu));
    auto const& all = query.sources.sorted();
    for (std::size_t at = 0; at < all.size(); at += most) {
        auto const from = all.begin() + static_cast<std::ptrdiff_t>(at);
        auto const count = static_cast<std::ptrdiff_t>(std::min(most, all.size() - at));
        one.sources.assign(from, from + count);
        result.push_back(one);
    }
    return result;
}

} // namespace mcast::igmp
