// A host as the RFCs define it, and nothing of a router: RFC 9776 section 5 (version 3), RFC 2236
// section 6 (version 2), RFC 1112 appendix I (version 1). It keeps its version whatever it hears,
// as a host of that time does.
//
// Every message says which debts it pays: the queries that it answers, or the change that it tells.
// The link decides by them what may be lost.
#pragma once

#include "filter.h"

#include "mcast/base/random.h"
#include "mcast/base/time.h"
#include "mcast/wire/igmp.h"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace mcast::igmp::crowd {

// By group a set of bits: one for each source that was asked about, then the following.
inline constexpr int k_whole = k_sources;
inline constexpr int k_general = k_sources + 1;
inline constexpr int k_change = k_sources + 2;
inline constexpr int k_debts = k_sources + 3;
using Debts = std::array<unsigned, k_groups>;

// What a query asks a host; nothing where it is not for such hosts.
Debts debts_of(wire::Query const& query);

struct Utterance {
    wire::Igmp message;
    Debts pays{};
};

class Host {
public:
    Host(std::uint8_t version, std::uint64_t seed) : version_(version), random_(seed) {}

    std::uint8_t version() const { return version_; }
    Filter const& filter(int group) const { return wants_[index(group)]; }
    // Whether the service that it asks for exists: old hosts and exclude mode have none in SSM.
    bool wants(int group, int source) const;

    // The application's call. What must be said at once.
    std::vector<Utterance> want(int group, Filter filter, TimePoint now);
    void hear(wire::Query const& query, TimePoint now);
    // Another host's report of version 1 or 2. The debts that it pays for us.
    Debts overhear(int group, std::uint8_t version);

    std::optional<TimePoint> next_due() const;
    std::vector<Utterance> speak(TimePoint now);

private:
    struct Answer { // pending
        TimePoint due{};
        Mask about = 0; // 0: the whole state
        Debts pays{};
    };
    struct Change { // being told
        TimePoint due{};
        int mode_left = 0;
        std::array<int, k_sources> left{};
        bool over() const;
    };

    static std::size_t index(int group) { return static_cast<std::size_t>(group); }
    Duration delay(Duration longest) {
        // Below the longest, so that an answer is never as late as the timer that waits for it.
        return random_.delay_up_to(longest - 1ms);
    }
    void hear_v3(wire::Query const& query, TimePoint now);
    void hear_old(wire::Query const& query, TimePoint now);
    wire::GroupRecord state_record(int group) const;
    std::optional<wire::GroupRecord> answer_record(int group, Answer const& answer) const;
    std::optional<Utterance> tell_change(int group, TimePoint now);
    std::vector<Utterance> old_report(int group, TimePoint now);

    std::uint8_t version_;
    Random random_;
    std::array<Filter, k_groups> wants_{};
    std::optional<Answer> general_{};                       // version 3
    std::array<std::optional<Answer>, k_groups> answers_{}; // versions 1 and 2: the report
    std::array<std::optional<Change>, k_groups> changes_{}; // version 3
    std::array<int, k_groups> unsolicited_{};               // versions 1 and 2: copies left
};

} // namespace mcast::igmp::crowd
