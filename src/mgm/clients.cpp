#include "clients.h"

namespace mcast::mgm {

Result<ClientSerial> Clients::add(ComponentId id, ProtocolListener& listener) {
    for (auto const& [serial, client] : clients_) {
        if (client.id == id) {
            return std::unexpected(
                Failure{MgmError::already_exists, to_string(id) + " is registered already"});
        }
    }
    IgmpListener* igmp = nullptr;
    if (id.protocol == k_igmp_protocol) {
        igmp = dynamic_cast<IgmpListener*>(&listener);
        if (igmp == nullptr) {
            return std::unexpected(
                Failure{MgmError::invalid_parameter,
                        "IGMP must register an IgmpListener: it has to hear of its gates"});
        }
    }
    clients_.emplace(++last_, Client{id, &listener, igmp, {}});
    return last_;
}

void Clients::silence(ClientSerial client) {
    auto const found = clients_.find(client);
    if (found != clients_.end() && found->second.listener != nullptr) {
        ++silent_;
        found->second.listener = nullptr;
        found->second.igmp = nullptr;
    }
}

Client const* Clients::find(ClientSerial client) const {
    auto const found = clients_.find(client);
    return found == clients_.end() ? nullptr : &found->second;
}

bool Clients::is_igmp(ClientSerial client) const {
    Client const* found = find(client);
    return found != nullptr && found->id.protocol == k_igmp_protocol;
}

bool Clients::listens(ClientSerial client) const {
    Client const* found = find(client);
    return found != nullptr && found->listener != nullptr;
}

std::optional<ComponentId> Clients::id_of(ClientSerial client) const {
    Client const* found = find(client);
    return found == nullptr ? std::nullopt : std::optional{found->id};
}

} // namespace mcast::mgm
