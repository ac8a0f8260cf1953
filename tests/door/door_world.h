// The C door on a manager: what the C client was told, as words; a turn that ends grace periods.
#pragma once

#include "../mgm/world.h"
#include "c_client.h"

#include "mcast/mgm/c_door.h"

#include <optional>

namespace mcast::mgm::test {

inline constexpr DWORD k_exact_mask = 0xffffffff;

inline DWORD net(Ipv4 address) {
    return std::byteswap(address.value);
}
inline Ipv4 host(DWORD address) {
    return {std::byteswap(address)};
}

// One event as one line, e.g. "local_join(*, 239.1.1.1) if1".
std::string show(CEvent const& event);

class DoorWorld : public World {
protected:
    DoorWorld() { c_reset(); }
    ~DoorWorld() override { door.reset(); }

    void open(CDoor::Turn turn) {
        door.reset();
        auto bound = CDoor::bind(mgm, std::move(turn));
        ASSERT_TRUE(bound);
        door.emplace(std::move(*bound));
    }
    // Workers pass at every turn; gives up after a hundred, which no test needs.
    void open() {
        open([this, turns = 0]() mutable {
            grace.end_all();
            mgm.step(now);
            return ++turns < 100;
        });
    }
    // What the C client was told and did since the last call.
    static Trace heard() {
        Trace result;
        for (unsigned n = 0; n < c_event_count; ++n) {
            result.push_back(show(c_events[n]));
        }
        c_forget_events();
        return result;
    }

    std::optional<CDoor> door;
    DWORD const g = net(k_g);
    DWORD const h = net(k_h);
};

} // namespace mcast::mgm::test
