#include "link.h"

#include <algorithm>

#include <fmt/format.h>

namespace mcast::igmp::crowd {

namespace {

constexpr IfIndex k_lan{1};
constexpr Ipv4 k_router = Ipv4::of(192, 0, 2, 1);
constexpr Mac k_router_mac{{2, 0, 0, 0, 0, 1}};
constexpr Mac k_host_mac{{2, 0, 0, 0, 0, 99}};

// What nobody wants, while others in exclude mode refuse it: once the old hosts are forgotten, a
// source is on a timer of its own as soon as one such refusal comes through.
constexpr Duration k_refused =
    k_older_host + k_robustness * k_query_interval + k_response + k_membership;

double seconds(TimePoint at) {
    return std::chrono::duration<double>(at.time_since_epoch()).count();
}

Ipv4 address_of(std::size_t host) {
    return Ipv4{Ipv4::of(192, 0, 2, 11).value + static_cast<std::uint32_t>(host)};
}

std::string name_of(int group, int source) {
    std::string const what =
        source < k_named ? std::string{static_cast<char>('a' + source)} : "any other source";
    return what + (group == k_ssm ? " of the channel group" : " of the group");
}

bool all_of(Story const& story, std::uint8_t version) {
    return std::ranges::all_of(story.versions, [=](auto v) { return v == version; });
}

} // namespace

std::string text_of(Story const& story) {
    std::string text = story.lossy ? "packets are lost;" : "no packet is lost;";
    for (std::size_t h = 0; h < story.versions.size(); ++h) {
        text += fmt::format(" h{} has version {},", h, story.versions[h]);
    }
    text += fmt::format(" delays of seed {}\n", story.seed);
    TimePoint at{};
    for (Deed const& deed : story.deeds) {
        at += deed.after;
        text += fmt::format("{:9.3f} s  h{} wants {} of {}\n", seconds(at), deed.host,
                            text_of(deed.filter), to_string(group_address(deed.group)));
    }
    return text;
}

Link::Link(Story const& story) : story_(story), random_(story.seed), engine_(Config{}) {
    for (std::size_t h = 0; h < story.versions.size(); ++h) {
        members_.push_back({Host(story.versions[h], random_())});
    }
    igmp::Link const link{.address = {k_router, 24}, .mac = k_router_mac};
    engine_.add_interface(k_lan, InterfaceConfig{}, link, now_, out_);
    collect();
}

std::optional<std::string> Link::run() {
    for (Deed const& deed : story_.deeds) {
        if (!pass(now_ + deed.after)) {
            return fault_;
        }
        act(deed);
        look();
    }
    pass(now_ + k_refused + 1s);
    for (std::size_t h = 0; h < members_.size() && !fault_; ++h) {
        for (int g = 0; g < k_groups; ++g) {
            act({.host = h, .group = g, .filter = {}});
        }
        look();
    }
    if (!fault_ && pass(now_ + k_membership + 1s) && engine_.entries() != 0) {
        blame("nobody wants anything, and the router still remembers something");
    }
    return fault_;
}

std::optional<TimePoint> Link::next_due() const {
    auto first = engine_.next_due();
    for (Member const& member : members_) {
        if (auto const due = member.host.next_due(); due && (!first || *due < *first)) {
            first = due;
        }
    }
    return first;
}

// What arrives at a moment comes before the timers of that moment (IGMP-169).
bool Link::pass(TimePoint end) {
    while (!fault_) {
        auto const due = next_due();
        if (!due || *due > end) {
            break;
        }
        now_ = std::max(now_, *due);
        for (std::size_t h = 0; h < members_.size(); ++h) {
            deliver(h, members_[h].host.speak(now_));
        }
        while (engine_.next_due() && *engine_.next_due() <= now_) {
            engine_.expire(now_, 1, out_);
            collect();
        }
        look();
    }
    now_ = end;
    return !fault_;
}

void Link::act(Deed const& deed) {
    Member& member = members_[deed.host];
    auto const said = member.host.want(deed.group, deed.filter, now_);
    for (int s = 0; s < k_sources; ++s) {
        if (!member.host.wants(deed.group, s)) {
            member.told[static_cast<std::size_t>(deed.group)] &= ~(1U << s);
        }
    }
    deliver(deed.host, said);
}

void Link::deliver(std::size_t from, std::vector<Utterance> const& said) {
    for (Utterance const& each : said) {
        auto const* v3 = std::get_if<wire::ReportV3>(&each.message);
        bool const silent = v3 != nullptr && v3->records.empty();
        if (!silent && lose(members_[from], each.pays)) {
            continue;
        }
        pay(members_[from], each.pays);
        if (!silent) {
            receive(from, each.message);
            spread(from, each.message);
        }
    }
}

// Who else hears it: hosts of versions 1 and 2 leave it at one report.
void Link::spread(std::size_t from, wire::Igmp const& message) {
    std::uint8_t const version = std::holds_alternative<wire::ReportV1>(message)   ? 1
                                 : std::holds_alternative<wire::ReportV2>(message) ? 2
                                                                                   : 0;
    for (std::size_t h = 0; h < members_.size() && version != 0; ++h) {
        for (int g = 0; g < k_groups && h != from; ++g) {
            if (stated(message, g) != 0) {
                pay(members_[h], members_[h].host.overhear(g, version));
            }
        }
    }
}

// The sources of the group that the message asks for.
Mask Link::stated(wire::Igmp const& message, int group) {
    constexpr Mask k_all = (1U << k_sources) - 1;
    Ipv4 const address = group_address(group);
    if (auto const* v1 = std::get_if<wire::ReportV1>(&message)) {
        return v1->group == address ? k_all : 0;
    }
    if (auto const* v2 = std::get_if<wire::ReportV2>(&message)) {
        return v2->group == address ? k_all : 0;
    }
    Mask mask = 0;
    if (auto const* v3 = std::get_if<wire::ReportV3>(&message)) {
        for (wire::GroupRecord const& record : v3->records) {
            using enum wire::RecordType;
            Mask const list = mask_of(record.sources);
            bool const excludes = record.type == is_ex || record.type == to_ex;
            if (record.group == address && record.type != block) {
                mask |= excludes ? k_all & ~list : list;
            }
        }
    }
    return mask;
}

void Link::receive(std::size_t from, wire::Igmp const& message) {
    std::array<std::uint8_t, 256> room{};
    wire::Writer writer(room);
    if (!wire::encode(message, writer)) {
        blame("a message that has no form");
        return;
    }
    engine_.receive({.interface = k_lan,
                     .source = address_of(from),
                     .destination = wire::usual_destination(message),
                     .ttl = 1,
                     .router_alert = true,
                     .source_mac = k_host_mac,
                     .payload = std::span(room).first(writer.size())},
                    now_, out_);
    Member& member = members_[from];
    for (int g = 0; g < k_groups; ++g) {
        for (int s = 0; s < k_sources; ++s) {
            if (in(stated(message, g), s) && member.host.wants(g, s)) {
                member.told[static_cast<std::size_t>(g)] |= 1U << s;
            }
        }
    }
    collect();
}

// Carries out what the engine wants: forwarding as announced, and its queries.
void Link::collect() {
    for (igmp::Change const& change : out_.changes) {
        for (int g = 0; g < k_groups; ++g) {
            if (change.group != group_address(g)) {
                continue;
            }
            Wish const wish = engine_.wish(k_lan, change.group);
            for (int s = 0; s < k_sources; ++s) {
                auto& flow = flows_[static_cast<std::size_t>(g)][static_cast<std::size_t>(s)];
                auto const& list = wish.any_source ? wish.exclude : wish.include;
                bool const listed = std::ranges::binary_search(list, source_address(s));
                tally_.stops += flow.forwarded && listed == wish.any_source ? 1 : 0;
                flow.forwarded = listed != wish.any_source;
            }
        }
    }
    auto const queries = std::move(out_.queries);
    out_.clear();
    for (QueryToSend const& query : queries) {
        tally_.specific_queries += query.query.is_general() ? 0 : 1;
        for (Member& member : members_) {
            if (!lose(member, debts_of(query.query))) {
                member.host.hear(query.query, now_);
            }
        }
    }
}

bool Link::lose(Member& member, Debts const& debts) {
    // What pays no debt is a leave of version 2: said once, and nothing ends when it is lost.
    if (!story_.lossy || random_.below(3) != 0) {
        return false;
    }
    auto const each = [&](auto f) {
        for (std::size_t g = 0; g < debts.size(); ++g) {
            for (std::size_t d = 0; d < k_debts; ++d) {
                if (((debts[g] >> d) & 1U) != 0) {
                    f(member.lost[g][d]);
                }
            }
        }
    };
    bool may = true;
    each([&](std::uint8_t lost) { may = may && lost < k_robustness - 1; });
    if (may) {
        each([](std::uint8_t& lost) { ++lost; });
        ++tally_.lost;
    }
    return may;
}

void Link::pay(Member& member, Debts const& debts) {
    for (std::size_t g = 0; g < debts.size(); ++g) {
        for (std::size_t d = 0; d < k_debts; ++d) {
            if (((debts[g] >> d) & 1U) != 0) {
                member.lost[g][d] = 0;
            }
        }
    }
}

bool Link::wanted(int group, int source) const {
    return std::ranges::any_of(members_,
                               [&](Member const& m) { return m.host.wants(group, source); });
}

void Link::look() {
    for (int g = 0; g < k_groups && !fault_; ++g) {
        judge(g);
    }
}

void Link::judge(int group) {
    auto const g = static_cast<std::size_t>(group);
    bool any = false;
    bool const excluding = std::ranges::any_of(
        members_, [&](Member const& member) { return member.host.filter(group).exclude; });
    excluding_[g].follow(excluding, now_);
    for (int s = 0; s < k_sources; ++s) {
        Flow& flow = flows_[g][static_cast<std::size_t>(s)];
        flow.wanted.follow(wanted(group, s), now_);
        any = any || flow.wanted.on;
    }
    any_wanted_[g].follow(any, now_);
    for (int s = 0; s < k_sources; ++s) {
        Flow const& flow = flows_[g][static_cast<std::size_t>(s)];
        for (std::size_t h = 0; h < members_.size(); ++h) {
            if (!flow.forwarded && in(members_[h].told[g], s)) {
                blame(fmt::format("h{} wants {}, has said so, and it is not forwarded", h,
                                  name_of(group, s)));
            }
        }
        if (flow.forwarded && !flow.wanted.on && now_ > must_have_stopped(group, s)) {
            blame(fmt::format("nobody wants {} since {:.3f} s, and it is still forwarded",
                              name_of(group, s), seconds(flow.wanted.since)));
        }
    }
}

TimePoint Link::must_have_stopped(int group, int source) const {
    auto const g = static_cast<std::size_t>(group);
    TimePoint const since = flows_[g][static_cast<std::size_t>(source)].wanted.since;
    TimePoint end = since + k_refused;
    if (!any_wanted_[g].on) {
        end = std::min(end, any_wanted_[g].since + k_membership);
    }
    bool const told = !story_.lossy && (all_of(story_, 3) || all_of(story_, 2));
    if (told && !any_wanted_[g].on) {
        end = std::min(end, any_wanted_[g].since + k_last_member_time);
    }
    if (told && !excluding_[g].on) {
        end = std::min(end, std::max(since, excluding_[g].since) + k_last_member_time);
    }
    return end;
}

void Link::blame(std::string what) {
    if (!fault_) {
        fault_ = fmt::format("at {:.3f} s: {}", seconds(now_), what);
    }
}

} // namespace mcast::igmp::crowd
