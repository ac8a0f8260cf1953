// Between the words of mgm_c.h and those of the manager: byte order, masks, interfaces, codes.
#pragma once

#include "mcast/base/flow.h"
#include "mcast/mgm/component.h"
#include "mcast/mgm/mgm_c.h"

#include <bit>
#include <cstdint>
#include <limits>
#include <optional>

namespace mcast::mgm::c {

inline constexpr DWORD k_exact = 0xffffffff; // the mask of one address

constexpr DWORD to_network(std::uint32_t host) {
    return std::endian::native == std::endian::little ? std::byteswap(host) : host;
}
constexpr DWORD to_c(Ipv4 address) {
    return to_network(address.value);
}
constexpr Ipv4 from_c(DWORD address) {
    return {to_network(address)}; // the same change both ways
}

// Absent: address and mask 0, both ways.
struct Masked {
    DWORD address = 0;
    DWORD mask = 0;
};
constexpr Masked to_c(std::optional<Ipv4> part) {
    return part ? Masked{to_c(*part), k_exact} : Masked{};
}
// nullopt for a range.
constexpr std::optional<MembershipKey> key_of(Masked source, Masked group) {
    auto const legal = [](Masked part) {
        return part.mask == k_exact || (part.mask == 0 && part.address == 0);
    };
    if (!legal(source) || !legal(group)) {
        return std::nullopt;
    }
    auto const part = [](Masked one) {
        return one.mask == 0 ? std::nullopt : std::optional{from_c(one.address)};
    };
    return MembershipKey{part(source), part(group)};
}

// A number that no interface can have becomes k_no_interface, which nobody owns.
constexpr InterfaceRef interface_of(DWORD index, DWORD next_hop) {
    IfIndex const known = index < std::numeric_limits<IfIndex::rep>::max()
                              ? IfIndex{static_cast<IfIndex::rep>(index)}
                              : k_no_interface;
    return {known, from_c(next_hop)};
}
constexpr DWORD to_c(IfIndex index) {
    return index == k_no_interface ? MGM_NO_INTERFACE : DWORD{index.value};
}

constexpr DWORD to_c(MgmError code) {
    switch (code) {
    case MgmError::already_exists:
        return ERROR_ALREADY_EXISTS;
    case MgmError::invalid_parameter:
        return ERROR_INVALID_PARAMETER;
    case MgmError::not_found:
        return ERROR_NOT_FOUND;
    case MgmError::no_memory:
        return ERROR_NOT_ENOUGH_MEMORY;
    case MgmError::cannot_complete:
        break;
    }
    return ERROR_CAN_NOT_COMPLETE;
}
template <class T>
DWORD to_c(Result<T> const& result) {
    return result ? NO_ERROR : to_c(result.error().code);
}

} // namespace mcast::mgm::c
