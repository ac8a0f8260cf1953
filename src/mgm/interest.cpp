#include "interest.h"

#include <algorithm>

namespace mcast::mgm {

Member* Interest::find(IfIndex index) const {
    auto const at =
        std::ranges::lower_bound(members, index, {}, [](auto const& each) { return each->index; });
    return at != members.end() && (*at)->index == index ? at->get() : nullptr;
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
    std::erase_if(accounts,
                  [&](Account& each) { return each.wish == wish && --each.members == 0; });
}

} // namespace mcast::mgm
