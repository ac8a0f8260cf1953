// Single sources of groups that are not flooded: the engine learns where they are wanted as soon as
// they are, since no packet comes before it has asked.
#include "dvmrp_component.h"

#include <algorithm>

namespace mcast::control {

void DvmrpComponent::note_channel(mgm::MembershipKey const& key) {
    if (!key.group || !key.source) {
        return;
    }
    bool const asked_for =
        std::ranges::any_of(config_.dvmrp->explicit_groups,
                            [&](Ipv4Prefix range) { return range.contains(*key.group); });
    if (asked_for) {
        dirty_channels_.insert({*key.source, *key.group});
    }
}

// Of our own interfaces IGMP knows; of others the manager, for whatever component.
void DvmrpComponent::follow_channel(FlowKey key) {
    IfSet wanted;
    for (mgm::OutputVerdict const& verdict : manager_.explain(key).outputs) {
        IfIndex const i = verdict.interface.index;
        bool const others = verdict.reason == mgm::OutputReason::forwards && !holds(i);
        if (others || (holds(i) && wanted_by_members(i, key))) {
            wanted.insert(i);
        }
    }
    if (wanted.empty()) {
        channels_.erase(key);
    } else {
        channels_.insert(key);
    }
    engine_.set_channel_members(key, wanted, now_, output_);
    carry_out(output_);
}

} // namespace mcast::control
