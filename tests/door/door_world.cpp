#include "door_world.h"

#include <utility>

namespace mcast::mgm::test {

namespace {

std::string part(DWORD address, DWORD mask) {
    if (mask == 0) {
        return address == 0 ? "*" : "an address without a mask";
    }
    return mask == k_exact_mask ? to_string(host(address)) : "a range";
}

std::string key(CEvent const& e) {
    return "(" + part(e.source, e.source_mask) + ", " + part(e.group, e.group_mask) + ")";
}

std::string outputs(CEvent const& e) {
    std::string text = ":";
    for (DWORD n = 0; n < e.count; ++n) {
        text += " if" + std::to_string(e.outputs[n]) + (e.igmp[n] != FALSE ? "+igmp" : "");
    }
    return text;
}

} // namespace

std::string show(CEvent const& e) {
    std::string const link = e.next_hop == 0 ? "" : "/" + to_string(host(e.next_hop));
    std::string const where = " if" + std::to_string(e.interface) + link;
    std::string const cause = e.member != FALSE ? " membership" : " entry";
    switch (e.kind) {
    case C_RPF:
        return "rpf" + key(e) + where;
    case C_CREATED:
        return "created" + key(e) + " from" + where + outputs(e);
    case C_PRUNE:
        return "prune" + key(e) + where + cause + " " + std::to_string(e.timeout);
    case C_JOIN:
        return "join" + key(e) + cause;
    case C_WRONG_IF:
        return "wrong interface" + where;
    case C_LOCAL_JOIN:
        return "local_join" + key(e) + where;
    case C_LOCAL_LEAVE:
        return "local_leave" + key(e) + where;
    case C_DISABLE:
        return "disable" + where;
    case C_ENABLE:
        return "enable" + where;
    case C_READY:
        return "ready" + where;
    case C_TAKE:
        return "take" + where;
    case C_TAKE_RETURNED:
        return "take returns" + where;
    case C_RELEASE:
        return "release" + where;
    case C_RELEASE_RETURNED:
        return "release returns" + where;
    case C_ADD:
        return "add" + key(e) + where;
    }
    std::unreachable();
}

} // namespace mcast::mgm::test
