#include "host_group.h"

#include <algorithm>

namespace mcast::igmp {

namespace {

bool wants(Wish const& wish, Ipv4 source) {
    return wish.any_source ? !std::ranges::binary_search(wish.exclude, source)
                           : std::ranges::binary_search(wish.include, source);
}

std::vector<Ipv4> const& list_of(Wish const& wish) {
    return wish.any_source ? wish.exclude : wish.include;
}

} // namespace

// A report of the mode carries the whole list: what was owed of single sources is in it. The end of
// a group is one of them, so that it needs no list of what had been wanted.
void change(HostGroup& group, Wish const& next, std::uint8_t times) {
    bool const ends = next.empty() && !group.wish.empty();
    if (ends || next.any_source != group.wish.any_source) {
        group.mode_left = times;
        group.sources_left.clear();
    } else {
        SourceSet const before{list_of(group.wish)};
        SourceSet const now{list_of(next)};
        for (Ipv4 source : (before - now) + (now - before)) {
            group.sources_left[source] = times;
        }
    }
    group.wish = next;
}

std::vector<wire::GroupRecord> owed_records(HostGroup const& group) {
    using wire::RecordType;
    if (group.mode_left != 0) {
        auto const type = group.wish.any_source ? RecordType::to_ex : RecordType::to_in;
        return {{type, group.group, list_of(group.wish), {}}};
    }
    wire::GroupRecord allow{RecordType::allow, group.group, {}, {}};
    wire::GroupRecord block{RecordType::block, group.group, {}, {}};
    for (auto const& [source, left] : group.sources_left) {
        (wants(group.wish, source) ? allow : block).sources.push_back(source);
    }
    std::vector<wire::GroupRecord> records;
    for (wire::GroupRecord* record : {&allow, &block}) {
        if (!record->sources.empty()) {
            records.push_back(std::move(*record));
        }
    }
    return records;
}

// A source whose change is owed is told by a report of the mode, too.
void count_report(HostGroup& group) {
    if (group.mode_left != 0) {
        --group.mode_left;
    }
    for (auto& [source, left] : group.sources_left) {
        --left;
    }
    std::erase_if(group.sources_left, [](auto const& each) { return each.second == 0; });
}

void forget_owed(HostGroup& group) {
    group.mode_left = 0;
    group.sources_left.clear();
}

wire::GroupRecord state_record(HostGroup const& group) {
    auto const type = group.wish.any_source ? wire::RecordType::is_ex : wire::RecordType::is_in;
    return {type, group.group, list_of(group.wish), {}};
}

wire::GroupRecord state_record(HostGroup const& group, SourceSet const& asked) {
    SourceSet const list{list_of(group.wish)};
    SourceSet const wanted = group.wish.any_source ? asked - list : asked * list;
    return {wire::RecordType::is_in, group.group, wanted.sorted(), {}};
}

} // namespace mcast::igmp
