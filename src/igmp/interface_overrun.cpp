// Timers that end while messages are refused before they come here: by a limit of rate, or because
// a queue is full. Then silence proves nothing, and whoever can fill a queue could end the streams
// of others with a few forged leaves.
//
// A timer that ran out of a check is believed when nothing was refused since the check began, any
// other when nothing was refused as long as a membership lasts. Else hosts are asked, by a check
// that begins now. Where they cannot be asked, they get one round of general queries in which
// nothing is refused. It fails toward delivery: while an overload lasts, leaves wait for its end.
#include "interface.h"

#include <algorithm>

namespace mcast::igmp {

bool Interface::is_silence(bool checking, TimePoint deadline, bool can_ask, TimePoint now) const {
    Timing const& timing = querier_.timing();
    if (checking) {
        return deadline - timing.last_member_time >= *overrun_;
    }
    Duration const round = timing.query_interval + timing.response;
    return *overrun_ + (can_ask ? timing.membership : round) <= now;
}

void Interface::doubt(Group& group, TimePoint now, Output& out) {
    if (!overrun_) {
        return;
    }
    Timing const& timing = querier_.timing();
    // Hosts of version 1 answer general queries only.
    bool const can_ask = querier_.asks_who_stays() && timing.version > 1 && !group.v1_host_until;
    bool const can_name = can_ask && timing.version > 2;
    Duration const wait = queries_.ready(now) ? Duration{} : timing.last_member_interval;
    TimePoint const asked = now + wait + timing.last_member_time + Duration{1}; // start() lowers it
    TimePoint const round = *overrun_ + timing.query_interval + timing.response;
    Check check;
    if (group.mode == FilterMode::exclude && group.deadline <= now &&
        !is_silence(group.checking, group.deadline, can_ask, now)) {
        group.deadline = can_ask ? asked : std::max(round, now + Duration{1});
        group.checking = false;
        check.group = can_ask;
        ++counters_.timers_doubted;
    }
    for (Source& source : group.sources) {
        if (!source.running || source.deadline > now ||
            is_silence(source.checking, source.deadline, can_name, now)) {
            continue;
        }
        source.deadline = can_name ? asked : std::max(round, now + Duration{1});
        source.checking = false;
        if (can_name) {
            check.sources.append(source.address);
        }
        ++counters_.timers_doubted;
    }
    auto const queries = igmp::start(group, check, timing, now, wait);
    if (wait == Duration{}) {
        send(group, queries, now, out);
    } else {
        counters_.queries_deferred += queries.size();
    }
}

} // namespace mcast::igmp
