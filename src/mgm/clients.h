// Who is registered, and the guard that keeps questions from calling back. Control thread.
#pragma once

#include "mcast/mgm/component.h"
#include "mcast/mgm/views.h"

#include <cstddef>
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
    AlertCounts told;
};

class Clients {
public:
    // `told`: what all of them were told and asked.
    explicit Clients(AlertCounts& told) : told_(told) {}

    Result<ClientSerial> add(ComponentId id, ProtocolListener& listener);
    void remove(ClientSerial client) { clients_.erase(client); }
    void silence(ClientSerial client);
    bool any_silent() const { return silent_ != 0; }
    // Those of them for which `may_go(ClientSerial)`.
    template <class F>
    void remove_silent(F&& may_go) {
        if (silent_ != 0) {
            silent_ -= std::erase_if(clients_, [&](auto const& each) {
                return each.second.listener == nullptr && may_go(each.first);
            });
        }
    }

    Client const* find(ClientSerial client) const;
    bool is_igmp(ClientSerial client) const;
    // It is there, and not on its way out.
    bool listens(ClientSerial client) const;
    std::optional<ComponentId> id_of(ClientSerial client) const;
    // In the order of registration.
    std::map<ClientSerial, Client> const& all() const { return clients_; }

    // True while a component is inside a callback from which it may not call the manager.
    bool busy() const { return busy_; }
    // Counts and calls f(ProtocolListener&, IgmpListener*); nothing when the client is gone or
    // silent.
    template <class F>
    void call(ClientSerial client, AlertKind kind, F&& f) {
        auto const found = clients_.find(client);
        if (found == clients_.end() || found->second.listener == nullptr) {
            return;
        }
        found->second.told.add(kind);
        told_.add(kind);
        f(*found->second.listener, found->second.igmp); // may end the registration
    }
    // The same under the guard.
    template <class F>
    void call_guarded(ClientSerial client, AlertKind kind, F&& f) {
        call(client, kind, [&](ProtocolListener& listener, IgmpListener* igmp) {
            busy_ = true;
            f(listener, igmp);
            busy_ = false;
        });
    }

private:
    AlertCounts& told_;
    std::map<ClientSerial, Client> clients_;
    std::size_t silent_ = 0;
    ClientSerial last_ = k_nobody;
    bool busy_ = false;
};

} // namespace mcast::mgm
