// News on its way to components: queued when it happens, delivered by a later step, in order.
#pragma once

#include "clients.h"

#include "mcast/mgm/component.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <boost/circular_buffer.hpp>

namespace mcast::mgm {

// How long an entry refuses a flow when the component that was told to prune sets nothing.
inline constexpr std::chrono::seconds k_prune_lifetime{900};

struct NewsItem {
    enum class Kind : std::uint8_t {
        join,
        prune,
        local_join,
        local_leave,
        gate_closed,
        gate_opened,
        interface_ready,
        wrong_interface
    };

    ClientSerial to = k_nobody;
    Kind kind{};
    MembershipKey key{};
    InterfaceRef interface{};
    AlertCause cause{};
    Epoch epoch{};
    std::uint64_t entry_serial = 0; // prune by an entry: which one may take the answer; 0: none
    std::shared_ptr<std::vector<std::uint8_t> const> packet{}; // wrong interface: its head
};

AlertKind kind_of(NewsItem const& item);

class News {
public:
    // After it, so many items can be pushed without asking for memory: whoever changes something
    // makes room for the news of it first. std::bad_alloc: nothing has changed.
    void make_room(std::size_t items);
    // Precondition: room for it was made.
    void push(NewsItem const& item) { queue_.push_back(item); }
    // An interface that IGMP has left: nothing about its gate is news any more.
    void forget_gate(InterfaceRef interface);
    // Who took the interface has left it again.
    void forget_ready(InterfaceRef interface);
    // Only this client hears of packets on the wrong interface there.
    void forget_wrong_interface(InterfaceRef interface, ClientSerial except);
    // Nor does it hear any more of what IGMP does there.
    void forget_local(InterfaceRef interface);
    bool empty() const { return queue_.empty(); }
    std::size_t size() const { return queue_.size(); }

    // At most `limit` items, those pushed meanwhile included. `before(item)` is called before each
    // that finds its receiver, `answered(item, lifetime)` after each prune that may set the
    // lifetime of an entry. Returns how many were taken.
    template <class Before, class F>
    std::size_t deliver(std::size_t limit, Clients& clients, Before&& before, F&& answered) {
        std::size_t done = 0;
        for (; done < limit && !queue_.empty(); ++done) {
            NewsItem const item = queue_.front();
            queue_.pop_front();
            if (clients.listens(item.to)) {
                before(item);
            }
            auto const lifetime = tell(item, clients);
            if (item.entry_serial != 0) {
                answered(item, lifetime);
            }
        }
        return done;
    }

private:
    template <class F>
    void forget(F about);
    static std::chrono::seconds tell(NewsItem const& item, Clients& clients);

    boost::circular_buffer<NewsItem> queue_;
};

} // namespace mcast::mgm
