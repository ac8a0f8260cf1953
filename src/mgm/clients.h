// Who is registered, and the guard that keeps questions from calling back. Control thread.
#pragma once

#include "mcast/mgm/component.h"

#include <cstdint>
#include <map>
#include <optional>

namespace mcast::mgm {

// Names one registration for ever: a number is never used twice, so a stale one is just unknown.
using ClientSerial = std::uint64_t;
inline constexpr ClientSerial k_nobody = 0;

struct Client {
    ComponentId id{};
    ProtocolListener* listener = nullptr; // nullptr: on its way out, is told nothing more
    IgmpListener* igmp = nullptr;         // for IGMP, the same object
};

class Clients {
public:
    Result<ClientSerial> add(ComponentId id, ProtocolListener& listener);
    void remove(ClientSerial client) { clients_.erase(client); }
    void silence(ClientSerial client);

    Client const* find(ClientSerial client) const;
    bool is_igmp(ClientSerial client) const;
    std::optional<ComponentId> id_of(ClientSerial client) const;
    // In the order of registration.
    std::map<ClientSerial, Client> const& all() const { return clients_; }

    // True while a component is inside a callback from which it may not call the manager.
    bool busy() const { return busy_; }
    // Calls f(Client const&) under that guard; nothing when the client is gone or silent.
    template <class F>
    void call_guarded(ClientSerial client, F&& f) {
        Client const* found = find(client);
        if (found == nullptr || found->listener == nullptr) {
            return;
        }
        Client const copy = *found;
        busy_ = true;
        f(copy);
        busy_ = false;
    }

private:
    std::map<ClientSerial, Client> clients_;
    ClientSerial last_ = k_nobody;
    bool busy_ = false;
};

} // namespace mcast::mgm
