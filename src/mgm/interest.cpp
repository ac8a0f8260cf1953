#include "interest.h"

#include <algorithm>
#include <array>

namespace mcast::mgm {

namespace {

// The interfaces before each.
constexpr auto k_before = [] {
    std::array<IfSet, k_max_interfaces> before{};
    for (std::size_t i = 1; i < before.size(); ++i) {
        before[i] = before[i - 1];
        before[i].insert(IfIndex{static_cast<IfIndex::rep>(i - 1)});
    }
    return before;
}();

} // namespace

std::size_t Interest::place(IfIndex index) const {
    return ((own | igmp) & k_before[index.index()]).size();
}

std::optional<std::uint32_t> Interest::find(IfIndex index) const {
    return own.contains(index) || igmp.contains(index) ? std::optional{members[place(index)]}
                                                       : std::nullopt;
}

void Interest::book(Wish wish) {
    for (Account& each : accounts) {
        if (each.wish == wish) {
            ++each.members;
            return;
        }
    }
    accounts.push_back({wish, 1});
}

void Interest::unbook(Wish wish) {
    auto const found = std::ranges::find(accounts, wish, &Account::wish);
    if (found != accounts.end() && --found->members == 0) {
        accounts.erase(found);
    }
}

} // namespace mcast::mgm
