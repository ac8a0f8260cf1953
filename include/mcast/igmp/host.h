// IGMP, host side, as a machine: values in, values out. What a proxy is on its upstream interface
// (RFC 4605 section 4): RFC 9776 sections 5 and 7.2, RFC 2236 sections 3 and 6, RFC 4604 section 2.
//
// The host is told what is wanted of each group, by want(); it reports every change at once and
// again until it has been reported `robustness` times, answers queries after a random delay, and
// speaks the version of the oldest querier that it has heard lately. It never queries and takes no
// part in any election. Nothing is sent within a call but expire() and farewell(): a change is due
// at once, and a turn that makes many changes sends few reports.
//
// Version 3: per group, a count of reports still owed for a change of the filter mode, and one for
// each source that came or went; what is owed is merged into the next report. Lists that do not fit
// are split, except those of IS_EX and TO_EX, which are cut (RFC 9776 section 4.2.16). A large
// answer to a general query is spread over the time that the querier gives. Nobody suppresses.
// Versions 1 and 2: one report for a new group, repeated; somebody else's report makes ours
// unnecessary; leaving sends a Leave in version 2 if ours was the last report. What is wanted
// of single sources is asked for as any source. For a source-specific group no older version has
// words: nothing is sent (RFC 4604).
//
// A deleted group is reported as TO_IN of nothing. What is owed is forgotten when the version
// changes: the query that changed it is answered in the new one.
//
// Randomness is the caller's seed; time comes in. One thread.
#pragma once

#include "mcast/base/ipv4.h"
#include "mcast/base/random.h"
#include "mcast/base/time.h"
#include "mcast/igmp/engine.h"
#include "mcast/igmp/host_config.h"
#include "mcast/igmp/host_view.h"
#include "mcast/timer/wheel.h"
#include "mcast/wire/igmp.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace mcast::igmp {

// To be sent with TTL 1, TOS 0xC0 and Router Alert.
struct ReportToSend {
    Ipv4 source{};
    Ipv4 destination{};
    wire::Igmp message{};

    bool operator==(ReportToSend const&) const = default;
};

struct HostVersionChanged {
    std::uint8_t version = 0;
    Ipv4 querier{}; // 0.0.0.0: no older querier was heard for long enough
};

struct HostOutput {
    std::vector<ReportToSend> reports;
    std::vector<HostVersionChanged> events;

    void clear() {
        reports.clear();
        events.clear();
    }
};

struct HostGroup;
class ReportPacker;

class Host {
public:
    // `ssm_ranges`: where versions 1 and 2 do not reach.
    Host(HostConfig const& config, Link link, std::vector<Ipv4Prefix> ssm_ranges,
         std::uint64_t seed);
    ~Host();
    Host(Host const&) = delete;
    Host& operator=(Host const&) = delete;

    // Link down: silence; what is wanted is kept, and reported as new when the link is up again.
    void set_link(bool up, TimePoint now);
    // From now on this is wanted; an empty wish ends the group. Precondition: lists sorted, the
    // group is no link-local one.
    void want(Ipv4 group, Wish const& wish, TimePoint now);
    void receive(Received const& message, TimePoint now, HostOutput& out);
    // What this very router asks on the link, being its querier: other routers wait for the answer.
    void asked_by_us(wire::Query const& query, Ipv4 us, TimePoint now, HostOutput& out) {
        hear(query, us, now, out);
    }

    // Runs what is due at `now`, `limit` timers at most; returns how many ran.
    std::size_t expire(TimePoint now, std::size_t limit, HostOutput& out);
    std::optional<TimePoint> next_due() const { return wheel_.next_due(); }
    // Ends all groups and says so once; nothing is reported again.
    void farewell(HostOutput& out);

    std::uint8_t version() const { return version_; }
    HostView view() const;
    // At most `max` groups above `after`, in order; those whose end is still reported too.
    std::vector<HostGroupView> groups(std::optional<Ipv4> after, std::size_t max) const;
    // Of the same groups, all of them.
    std::vector<Ipv4> addresses() const;
    HostCounters const& counters() const { return counters_; }

private:
    enum class Timer : std::uint8_t { changes, again, answer, older_v1, older_v2, group };
    using Groups = std::map<Ipv4, std::unique_ptr<HostGroup>>;
    // The answer to a general query, cut into slices that are spread over the time given.
    struct Answer {
        TimePoint began{};
        Duration span{};
        std::size_t slices = 0;
        std::size_t next = 0;
        std::optional<Ipv4> after{};
        std::optional<Duration> once_more{}; // a query came when it had begun: its time to answer
    };

    bool enabled() const { return link_.up && !link_.address.address.is_unspecified(); }
    bool speakable(Ipv4 group) const;
    HostGroup* find(Ipv4 group) const;
    void erase(Ipv4 group);
    // A timer that runs is moved.
    void arm(timer::Handle& handle, TimePoint due, Timer kind, Ipv4 group = {});
    void run(Timer kind, Ipv4 group, TimePoint now, HostOutput& out);
    void hear(wire::Query const& query, Ipv4 from, TimePoint now, HostOutput& out);
    void hear_general(wire::Query const& query, Ipv4 from, TimePoint now, HostOutput& out);
    void follow_version(Ipv4 querier, TimePoint now, HostOutput& out);
    // Wanted groups that nobody was told of yet.
    std::vector<Ipv4> unsaid() const;
    void forget_pending();
    void want_anew(Ipv4 group, TimePoint now);
    void send(wire::Igmp message, HostOutput& out);
    void send(ReportPacker const& packer, HostOutput& out);

    // host_v3.cpp
    void announce(HostGroup& group, Wish const& wish, TimePoint now);
    void answer_general(Duration within, TimePoint now);
    void arm_slice(TimePoint now);
    void answer_group(HostGroup& group, wire::Query const& query, Duration within, TimePoint now);
    void changes_due(TimePoint now, HostOutput& out);
    void again_due(TimePoint now, HostOutput& out);
    void slice_due(TimePoint now, HostOutput& out);
    void group_answer_due(HostGroup& group, HostOutput& out);
    void report_change(Ipv4 group, ReportPacker& packer);
    void go_on_with_pending(TimePoint now);

    // host_v2.cpp
    void want_older(HostGroup& group, Wish const& wish, TimePoint now);
    void older_general(Duration within, TimePoint now);
    void older_query(HostGroup& group, Duration within, TimePoint now);
    void older_due(HostGroup& group, TimePoint now, HostOutput& out);
    void older_report_heard(Ipv4 group);

    HostConfig const config_;
    InterfaceConfig rules_; // what accept() judges by
    Link link_;
    std::vector<Ipv4Prefix> const ssm_ranges_;
    Random random_;
    HostCounters counters_;
    std::uint8_t version_;
    timer::Wheel wheel_;
    Groups groups_;
    std::set<Ipv4> fresh_;              // changed, and not reported since
    std::set<Ipv4> pending_;            // reported, but not often enough
    std::optional<Ipv4> again_after_{}; // where a round of pending_ goes on
    std::size_t state_bytes_ = 0;       // of current-state records of all groups
    std::optional<Answer> answer_{};
    std::optional<TimePoint> last_older_general_{};
    timer::Handle changes_;
    timer::Handle again_;
    timer::Handle slice_;
    timer::Handle older_v1_;
    timer::Handle older_v2_;
    Ipv4 querier_{};
    std::uint8_t querier_version_ = 0;
    TimePoint querier_heard_{};
};

} // namespace mcast::igmp
