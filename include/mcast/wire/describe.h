// One line of text for people about a frame or a message: logs, mcastgen, test failures. Never
// fails: what cannot be decoded is described by why not. Any thread; no state.
#pragma once

#include "mcast/wire/dvmrp.h"
#include "mcast/wire/igmp.h"
#include "mcast/wire/mtrace.h"

#include <string>

namespace mcast::wire {

// "IGMPv3 report 10.0.0.5 -> 224.0.0.22: 239.1.2.3 TO_EX {}"
std::string describe_frame(Bytes frame);

// "IGMPv3 report: 239.1.2.3 TO_EX {}". At most 8 records and 8 sources of each are spelled out.
std::string describe(Igmp const& message);
// "DVMRP report: 10.1.0.0/16 metric 3, 10.2.0.0/16 metric 35 (depends)".
std::string describe(dvmrp::Message const& message);
// "mtrace query 17: 10.1.0.5 -> 10.9.0.7 by 239.1.2.3, 32 hops, answer to 10.9.0.7".
std::string describe(Mtrace const& trace);

} // namespace mcast::wire
