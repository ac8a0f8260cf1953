// "What happens to this stream, on each interface, and why?" in words and in JSON.
#pragma once

#include "core.h"

#include "mcast/api/messages.h"

#include <optional>
#include <string>
#include <vector>

namespace mcast::control {

// Arguments: SOURCE GROUP, and optionally "in INTERFACE": where it is said to arrive.
api::Reply explain(Core const& core, std::vector<std::string> const& arguments);

// A word for programs and a sentence for people.
struct Because {
    bool forwarded = false;
    std::string reason;
    std::string sentence;
};

// nullptr: the manager knows nothing of the interface.
mgm::OutputVerdict const* verdict_of(mgm::Explanation const& flow, IfIndex interface);

// One interface as an output of the stream, and the stream as a whole.
Because explain_output(Core const& core, mgm::Explanation const& flow, IfIndex interface);
// `arrived_on` is what `flow` was asked with.
Because explain_flow(Core const& core, mgm::Explanation const& flow, IfIndex arrived_on);

// Where DVMRP decides: why it does not send the stream there; nullopt: it does not decide.
std::optional<std::string> explain_dvmrp_output(Core const& core, FlowKey flow, IfIndex interface);
// What follows for a stream that comes from a DVMRP neighbour and that nobody wants.
std::optional<std::string> explain_dvmrp_flow(Core const& core, mgm::Explanation const& flow);

} // namespace mcast::control
