#include "prune.h"

#include <algorithm>

namespace mcast::dvmrp {

namespace {

constexpr Duration k_shortest_sent = std::chrono::seconds{10};

} // namespace

void Ledger::add(Span memory) {
    ++size_;
    ++of_[memory];
}

void Ledger::remove(Span memory) {
    --size_;
    auto const at = of_.find(memory);
    if (--at->second == 0) {
        of_.erase(at);
    }
}

std::size_t Ledger::of(Span memory) const {
    auto const at = of_.find(memory);
    return at != of_.end() ? at->second : 0;
}

void ReceivedPrunes::set(ReceivedPrune const& prune, Ledger& ledger) {
    auto const at = std::ranges::find_if(prunes_, [&](ReceivedPrune const& it) {
        return it.interface == prune.interface && it.neighbor == prune.neighbor &&
               it.host == prune.host;
    });
    ledger.add(prune.memory);
    if (at == prunes_.end()) {
        prunes_.push_back(prune);
        return;
    }
    ledger.remove(at->memory);
    *at = prune;
}

void ReceivedPrunes::remove(IfIndex interface, Ipv4 neighbor, Ledger& ledger) {
    std::erase_if(prunes_, [&](ReceivedPrune const& it) {
        bool const gone = it.interface == interface && it.neighbor == neighbor;
        if (gone) {
            ledger.remove(it.memory);
        }
        return gone;
    });
}

void ReceivedPrunes::remove_ended(Spans const& spans, TimePoint now, Ledger& ledger) {
    std::erase_if(prunes_, [&](ReceivedPrune const& it) {
        bool const ended = !in_force(it, spans, now);
        if (ended) {
            ledger.remove(it.memory);
        }
        return ended;
    });
}

bool ReceivedPrunes::covers(IfIndex interface, Ipv4 neighbor, Ipv4 source, Spans const& spans,
                            TimePoint now) const {
    return std::ranges::any_of(prunes_, [&](ReceivedPrune const& it) {
        return it.interface == interface && it.neighbor == neighbor &&
               (!it.host || *it.host == source) && in_force(it, spans, now);
    });
}

std::optional<TimePoint> ReceivedPrunes::first_end(Spans const& spans, TimePoint now) const {
    std::optional<TimePoint> first;
    for (ReceivedPrune const& it : prunes_) {
        if (in_force(it, spans, now)) {
            first = first ? std::min(*first, it.until) : it.until;
        }
    }
    return first;
}

bool ReceivedPrunes::any_of_hosts() const {
    return std::ranges::any_of(prunes_,
                               [](ReceivedPrune const& it) { return it.host.has_value(); });
}

std::optional<Duration> prune_lifetime(Config const& config, Random& random, TimePoint now,
                                       std::optional<TimePoint> first_end_below) {
    Duration const spread = config.max_prune_lifetime - config.min_prune_lifetime;
    Duration lifetime = config.min_prune_lifetime +
                        Duration{static_cast<Duration::rep>(
                            random.below(static_cast<std::uint64_t>(spread.count()) + 1))};
    if (first_end_below) {
        lifetime = std::min(lifetime, *first_end_below - now);
    }
    return lifetime < k_shortest_sent ? std::nullopt : std::optional{lifetime};
}

void put_off(SentPrune& prune, Random& random, TimePoint now) {
    auto const half = static_cast<std::uint64_t>((prune.pause / 2).count());
    prune.resend_at =
        now + prune.pause * 3 / 4 + Duration{static_cast<Duration::rep>(random.below(half + 1))};
    prune.pause *= 2;
}

} // namespace mcast::dvmrp
