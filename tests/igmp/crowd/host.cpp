#include "host.h"

#include "mcast/wire/igmp_code.h"

#include <algorithm>
#include <utility>

namespace mcast::igmp::crowd {

namespace {

using wire::RecordType;

constexpr unsigned bit(int of) {
    return 1U << of;
}

std::optional<int> group_of(Ipv4 address) {
    for (int g = 0; g < k_groups; ++g) {
        if (group_address(g) == address) {
            return g;
        }
    }
    return std::nullopt;
}

void add(Debts& to, Debts const& more) {
    for (std::size_t g = 0; g < to.size(); ++g) {
        to[g] |= more[g];
    }
}

wire::Igmp report_of(std::uint8_t version, int group) {
    return version == 1 ? wire::Igmp{wire::ReportV1{group_address(group)}}
                        : wire::Igmp{wire::ReportV2{group_address(group)}};
}

} // namespace

Debts debts_of(wire::Query const& query) {
    Debts debts{};
    if (query.is_general()) {
        debts.fill(bit(k_general));
    } else if (auto const group = group_of(query.group)) {
        debts[static_cast<std::size_t>(*group)] =
            query.sources.empty() ? bit(k_whole) : mask_of(query.sources);
    }
    return debts;
}

bool Host::wants(int group, int source) const {
    Filter const& filter = wants_[index(group)];
    bool const served = group != k_ssm || (version_ == 3 && !filter.exclude);
    return served && filter.wants(source);
}

bool Host::Change::over() const {
    return mode_left == 0 && std::ranges::all_of(left, [](int n) { return n == 0; });
}

std::vector<Utterance> Host::want(int group, Filter filter, TimePoint now) {
    Filter const before = std::exchange(wants_[index(group)], filter);
    if (before == filter) {
        return {};
    }
    if (version_ < 3) {
        if (filter.nothing()) {
            answers_[index(group)].reset();
            unsolicited_[index(group)] = 0;
            return version_ == 1 ? std::vector<Utterance>{}
                                 : std::vector<Utterance>{{wire::Leave{group_address(group)}, {}}};
        }
        unsolicited_[index(group)] = k_robustness;
        return old_report(group, now);
    }
    Change change = changes_[index(group)].value_or(Change{});
    if (before.exclude != filter.exclude) {
        change = {.mode_left = k_robustness};
    } else {
        for (int s = 0; s < k_named; ++s) {
            if (in(before.list, s) != in(filter.list, s)) {
                change.left[index(s)] = k_robustness;
            }
        }
    }
    changes_[index(group)] = change;
    auto told = tell_change(group, now);
    return told ? std::vector{std::move(*told)} : std::vector<Utterance>{};
}

// RFC 9776 section 5.1: a change of mode is told with the whole list, a change of the list as far
// as it is new.
std::optional<Utterance> Host::tell_change(int group, TimePoint now) {
    Change& change = *changes_[index(group)];
    Filter const& state = wants_[index(group)];
    wire::ReportV3 report;
    if (change.mode_left > 0) {
        --change.mode_left;
        report.records.push_back({state.exclude ? RecordType::to_ex : RecordType::to_in,
                                  group_address(group), addresses(state.list)});
    } else {
        Mask allow = 0;
        Mask block = 0;
        for (int s = 0; s < k_named; ++s) {
            if (change.left[index(s)] > 0) {
                --change.left[index(s)];
                (state.wants(s) ? allow : block) |= bit(s);
            }
        }
        for (auto const& [type, list] :
             {std::pair{RecordType::allow, allow}, std::pair{RecordType::block, block}}) {
            if (list != 0) {
                report.records.push_back({type, group_address(group), addresses(list)});
            }
        }
    }
    if (change.over()) {
        changes_[index(group)].reset();
    } else {
        change.due = now + delay(k_unsolicited_v3);
    }
    Utterance said{std::move(report)};
    said.pays[index(group)] = bit(k_change);
    return said;
}

void Host::hear(wire::Query const& query, TimePoint now) {
    version_ == 3 ? hear_v3(query, now) : hear_old(query, now);
}

// RFC 9776 section 5.2, rules 1 to 5.
void Host::hear_v3(wire::Query const& query, TimePoint now) {
    Debts const debts = debts_of(query);
    TimePoint const due = now + delay(wire::decode_code(query.max_resp_code) * Duration{100ms});
    if (general_ && general_->due <= due) {
        add(general_->pays, debts);
        return;
    }
    if (query.is_general()) {
        add((general_ = Answer{.due = due, .pays = general_ ? general_->pays : Debts{}})->pays,
            debts);
        return;
    }
    auto const group = group_of(query.group);
    if (!group) {
        return;
    }
    auto& pending = answers_[index(*group)];
    if (!pending) {
        pending = Answer{.due = due, .about = mask_of(query.sources), .pays = debts};
        return;
    }
    pending->due = std::min(pending->due, due);
    bool const whole = query.sources.empty() || pending->about == 0;
    pending->about = whole ? 0 : pending->about | mask_of(query.sources);
    add(pending->pays, debts);
}

// Versions 1 and 2 read the first eight bytes of any query. Version 1 answers general ones only,
// within ten seconds.
void Host::hear_old(wire::Query const& query, TimePoint now) {
    if (version_ == 1 && !query.is_general()) {
        return;
    }
    Duration const longest = version_ == 1 ? k_response : query.max_resp_code * Duration{100ms};
    Debts const debts = debts_of(query);
    for (int g = 0; g < k_groups; ++g) {
        bool const asked = query.is_general() || query.group == group_address(g);
        if (!asked || wants_[index(g)].nothing()) {
            continue;
        }
        auto& pending = answers_[index(g)];
        if (!pending || pending->due > now + longest) {
            pending =
                Answer{.due = now + delay(longest), .pays = pending ? pending->pays : Debts{}};
        }
        pending->pays[index(g)] |= debts[index(g)];
    }
}

Debts Host::overhear(int group, std::uint8_t version) {
    if (version_ > 2 || version > version_ || !answers_[index(group)]) {
        return {};
    }
    Debts const paid = answers_[index(group)]->pays;
    answers_[index(group)].reset();
    unsolicited_[index(group)] = 0;
    return paid;
}

std::vector<Utterance> Host::old_report(int group, TimePoint now) {
    auto& pending = answers_[index(group)];
    Utterance said{report_of(version_, group), pending ? pending->pays : Debts{}};
    said.pays[index(group)] |= bit(k_change);
    pending.reset();
    if (unsolicited_[index(group)] > 0 && --unsolicited_[index(group)] > 0) {
        pending = Answer{.due = now + delay(k_unsolicited_old)};
    }
    return {said};
}

wire::GroupRecord Host::state_record(int group) const {
    Filter const& state = wants_[index(group)];
    return {state.exclude ? RecordType::is_ex : RecordType::is_in, group_address(group),
            addresses(state.list)};
}

std::optional<wire::GroupRecord> Host::answer_record(int group, Answer const& answer) const {
    Filter const& state = wants_[index(group)];
    if (answer.about == 0) {
        return state.nothing() ? std::nullopt : std::optional{state_record(group)};
    }
    Mask const wanted = state.exclude ? answer.about & ~state.list : answer.about & state.list;
    if (wanted == 0) {
        return std::nullopt;
    }
    return wire::GroupRecord{RecordType::is_in, group_address(group), addresses(wanted)};
}

std::optional<TimePoint> Host::next_due() const {
    std::optional<TimePoint> first;
    auto const consider = [&](auto const& what) {
        if (what && (!first || what->due < *first)) {
            first = what->due;
        }
    };
    consider(general_);
    std::ranges::for_each(answers_, consider);
    std::ranges::for_each(changes_, consider);
    return first;
}

std::vector<Utterance> Host::speak(TimePoint now) {
    std::vector<Utterance> said;
    if (general_ && general_->due <= now) {
        wire::ReportV3 report;
        for (int g = 0; g < k_groups; ++g) {
            if (!wants_[index(g)].nothing()) {
                report.records.push_back(state_record(g));
            }
        }
        said.push_back({std::move(report), general_->pays});
        general_.reset();
    }
    for (int g = 0; g < k_groups; ++g) {
        auto& answer = answers_[index(g)];
        if (answer && answer->due <= now && version_ < 3) {
            auto reports = old_report(g, now);
            said.insert(said.end(), reports.begin(), reports.end());
        } else if (answer && answer->due <= now) {
            auto const taken = std::exchange(answer, std::nullopt);
            wire::ReportV3 report;
            if (auto record = answer_record(g, *taken)) {
                report.records.push_back(std::move(*record));
            }
            said.push_back({std::move(report), taken->pays});
        }
        if (changes_[index(g)] && changes_[index(g)]->due <= now) {
            if (auto told = tell_change(g, now)) {
                said.push_back(std::move(*told));
            }
        }
    }
    return said;
}

} // namespace mcast::igmp::crowd
