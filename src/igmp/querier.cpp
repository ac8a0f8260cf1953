#include "querier.h"

#include "mcast/wire/igmp_code.h"

#include <algorithm>

namespace mcast::igmp {

namespace {

// A forged query must neither silence us nor keep memberships for days.
constexpr Duration k_adopted_ceiling = std::chrono::minutes{10};
constexpr Duration k_adopted_response = std::chrono::milliseconds{25'500};
constexpr Duration k_tenth = std::chrono::milliseconds{100};

} // namespace

Querier::Querier(InterfaceConfig const& config)
    : config_(config), timing_(timing_of(config, config.version, {})) {}

QuerierStep Querier::start(Ipv4 self, TimePoint now) {
    stop();
    up_ = true;
    ours_ = true;
    self_ = self;
    address_ = self;
    since_ = now;
    update_timing();
    startup_left_ = static_cast<std::uint8_t>(timing_.startup_count - 1);
    next_general_ = now + (startup_left_ > 0 ? timing_.startup_interval : timing_.query_interval);
    return {.send_general = true, .previous = Ipv4{}};
}

void Querier::stop() {
    *this = Querier(config_);
}

QuerierStep Querier::elect_again(TimePoint now) {
    Ipv4 const querier = address_;
    std::uint8_t const version = timing_.version;
    QuerierStep step = start(self_, now);
    step.previous = querier == self_ ? std::nullopt : std::optional{querier};
    step.version_changed = timing_.version != version;
    return step;
}

QuerierStep Querier::set_self(Ipv4 self, TimePoint now) {
    QuerierStep step;
    self_ = self;
    if (ours_) {
        step.previous = address_;
        address_ = self;
        step.send_general = true; // the others must learn the new number
    } else if (self < address_) {
        take_over(step, now);
    }
    return step;
}

QuerierStep Querier::reconfigure(InterfaceConfig const& config, TimePoint now) {
    QuerierStep step;
    config_ = config;
    std::uint8_t const before = timing_.version;
    timing_.version = operating_version(now);
    update_timing();
    if (!up_) {
        return step;
    }
    step.version_changed = timing_.version != before;
    step.send_general = ours_ && step.version_changed;
    next_general_ = std::min(next_general_, now + timing_.query_interval);
    return step;
}

QuerierStep Querier::hear(Ipv4 source, wire::Query const& query, TimePoint now) {
    QuerierStep step;
    if (query.is_general()) {
        step.wrong_version = query.version != config_.version;
        // Only who wins sets the version: else any host could turn the link back to version 1.
        if (source < to_beat() || (!ours_ && source == address_)) {
            follow_version(query.version, now);
        }
        update_version(step, now);
    } else if (!config_.rfc3376_election) {
        return step;
    }
    if (source < to_beat()) {
        yield_to(source, step, now);
        refresh(query, step, now);
    } else if (!ours_ && source == address_) {
        refresh(query, step, now);
    } else if (!ours_ && source < self_) {
        remember_rival(source, query, now);
    }
    return step;
}

// A router that does not ask is worse than whoever does.
Ipv4 Querier::to_beat() const {
    if (!ours_) {
        return address_;
    }
    return asks_generally() ? self_ : Ipv4::of(255, 255, 255, 255);
}

void Querier::yield_to(Ipv4 source, QuerierStep& step, TimePoint now) {
    step.previous = address_;
    ours_ = false;
    startup_left_ = 0;
    address_ = source;
    since_ = now;
    former_.reset();
}

void Querier::refresh(wire::Query const& query, QuerierStep& step, TimePoint now) {
    if (query.is_general()) {
        peer_version_ = query.version;
        Adopted const offer = offer_of(query, adopted_);
        step.adopted = offer != adopted_;
        adopted_ = offer;
        update_timing();
    }
    other_until_ = now + timing_.other_querier;
}

void Querier::remember_rival(Ipv4 source, wire::Query const& query, TimePoint now) {
    bool const better = !rival_ || rival_->until <= now || source <= rival_->address;
    if (better && query.is_general()) {
        Adopted const offer = offer_of(query, {});
        rival_ = Rival{.address = source,
                       .until = now + timing_of(config_, timing_.version, offer).other_querier,
                       .version = query.version,
                       .offered = offer};
    }
}

// Versions 1 and 2 carry neither value: those in force stay.
Adopted Querier::offer_of(wire::Query const& query, Adopted const& current) const {
    Adopted offer = current;
    offer.response =
        std::min<Duration>(wire::max_response_tenths(query) * k_tenth,
                           std::max(k_adopted_response, config_.query_response_interval));
    if (query.version < 3) {
        return offer;
    }
    offer.robustness = query.qrv == 0 ? std::nullopt : std::optional{query.qrv};
    offer.query_interval.reset();
    if (query.qqic != 0) {
        Duration const told = std::chrono::seconds{wire::decode_code(query.qqic)};
        Duration const ceiling = std::max<Duration>(k_adopted_ceiling, 4 * config_.query_interval);
        offer.query_interval = std::min(
            ceiling,
            std::max(told, std::min(config_.adopted_interval_floor, config_.query_interval)));
    }
    return offer;
}

void Querier::follow_version(std::uint8_t version, TimePoint now) {
    bool const follows = config_.follow_older_querier && config_.compatibility;
    if (follows && version < 3) {
        // As configured: adopted values are another's to choose.
        older_until_[version - 1U] = now + timing_of(config_, version, {}).other_querier;
    }
}

std::uint8_t Querier::operating_version(TimePoint now) const {
    bool const follows = config_.follow_older_querier && config_.compatibility;
    for (std::uint8_t version = 1; follows && version < 3; ++version) {
        auto const& until = older_until_[version - 1U];
        if (until && *until > now) {
            return std::min(version, config_.version);
        }
    }
    return config_.version;
}

void Querier::update_version(QuerierStep& step, TimePoint now) {
    for (auto& until : older_until_) {
        if (until && *until <= now) {
            until.reset();
        }
    }
    std::uint8_t const version = operating_version(now);
    step.version_changed = version != timing_.version;
    timing_.version = version;
    update_timing();
}

void Querier::update_timing() {
    timing_ = timing_of(config_, timing_.version, adopted_);
}

QuerierStep Querier::due(TimePoint now) {
    QuerierStep step;
    if (!up_) {
        return step;
    }
    update_version(step, now);
    if (ours_ && next_general_ <= now) {
        startup_left_ = startup_left_ > 0 ? static_cast<std::uint8_t>(startup_left_ - 1) : 0;
        next_general_ = next_on_cadence(
            next_general_, startup_left_ > 0 ? timing_.startup_interval : timing_.query_interval,
            now);
        step.send_general = true;
    } else if (!ours_ && other_until_ <= now) {
        other_is_gone(step, now);
    }
    return step;
}

void Querier::other_is_gone(QuerierStep& step, TimePoint now) {
    bool const successor = rival_ && rival_->until > now && rival_->address < self_;
    if (!successor) {
        take_over(step, now);
        return;
    }
    step.previous = address_;
    address_ = rival_->address;
    since_ = now;
    peer_version_ = rival_->version;
    step.adopted = adopted_ != rival_->offered;
    adopted_ = rival_->offered;
    other_until_ = rival_->until;
    rival_.reset();
    update_timing();
}

void Querier::take_over(QuerierStep& step, TimePoint now) {
    step.previous = address_;
    former_ = Rival{.address = address_, .until = now + timing_.last_member_time};
    ours_ = true;
    address_ = self_;
    since_ = now;
    rival_.reset();
    adopted_ = {};
    update_timing();
    next_general_ = now + timing_.query_interval;
    step.send_general = true;
}

std::optional<TimePoint> Querier::next_due() const {
    if (!up_) {
        return std::nullopt;
    }
    TimePoint result = ours_ ? next_general_ : other_until_;
    for (auto const& until : older_until_) {
        if (until) {
            result = std::min(result, *until);
        }
    }
    return result;
}

bool Querier::trusts(Ipv4 source, TimePoint now) const {
    if (config_.trust_any_query || (ours_ && !asks_who_stays())) {
        return true;
    }
    if (!ours_) {
        return source <= address_;
    }
    return former_ && former_->address == source && former_->until > now;
}

std::optional<TimePoint> Querier::expires() const {
    return up_ && !ours_ ? std::optional{other_until_} : std::nullopt;
}

std::optional<TimePoint> Querier::next_general() const {
    return up_ && ours_ ? std::optional{next_general_} : std::nullopt;
}

} // namespace mcast::igmp
