#include "facts.h"

#include <algorithm>

namespace mcast::mgm {

namespace {

constexpr Ipv4Prefix k_local_scope{Ipv4::of(239, 255, 0, 0), 16};

bool covers(std::vector<Ipv4Prefix> const& prefixes, Ipv4 group) {
    return std::ranges::any_of(prefixes, [&](Ipv4Prefix prefix) { return prefix.contains(group); });
}

} // namespace

bool Facts::set(IfIndex index, InterfaceFacts facts) {
    known_.insert(index);
    auto const found = facts_.find(index);
    if ((found == facts_.end() ? InterfaceFacts{} : found->second) == facts) {
        return false;
    }
    facts_[index] = std::move(facts);
    return true;
}

void Facts::forget(IfIndex index) {
    known_.erase(index);
    facts_.erase(index);
}

std::uint8_t Facts::threshold(IfIndex index) const {
    auto const found = facts_.find(index);
    return found == facts_.end() ? InterfaceFacts{}.ttl_threshold : found->second.ttl_threshold;
}

std::uint8_t Facts::highest_threshold(IfSet const& outputs) const {
    std::uint8_t highest = 0;
    outputs.for_each([&](IfIndex i) { highest = std::max(highest, threshold(i)); });
    return highest;
}

IfSet Facts::blocked(Ipv4 group) const {
    IfSet result;
    for (auto const& [index, facts] : facts_) {
        bool const local = !facts.boundaries.empty() && k_local_scope.contains(group);
        if (local || covers(facts.boundaries, group)) {
            result.insert(index);
        }
    }
    return result;
}

bool Facts::is_ssm(Ipv4 group) const {
    return covers(ssm_ranges_, group);
}

} // namespace mcast::mgm
