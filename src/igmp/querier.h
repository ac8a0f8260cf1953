// Who asks on this link, we or another router: RFC 9776 section 6.6.2, with the cadence of our own
// general queries and the version in which we speak. Knows no groups and sends nothing; each event
// returns what its owner should do.
//
// Election is by the lower address, compared as a number. Only the elected querier, or a better
// one, keeps us silent. The best of the others is remembered, so that when the querier dies the
// right successor is known at once. Values are adopted from the elected querier alone, within
// bounds, and dropped when we become querier ourselves.
#pragma once

#include "timing.h"

#include "mcast/base/ipv4.h"
#include "mcast/base/time.h"
#include "mcast/igmp/config.h"
#include "mcast/wire/igmp.h"

#include <array>
#include <cstdint>
#include <optional>

namespace mcast::igmp {

struct QuerierStep {
    bool send_general = false;
    std::optional<Ipv4> previous{}; // the querier is another now; this one it was
    bool version_changed = false;
    bool wrong_version = false;
    bool adopted = false; // values in force changed
};

class Querier {
public:
    explicit Querier(InterfaceConfig const& config);

    QuerierStep start(Ipv4 self, TimePoint now);
    void stop();
    // As if nobody had ever been heard.
    QuerierStep elect_again(TimePoint now);
    QuerierStep set_self(Ipv4 self, TimePoint now);
    QuerierStep reconfigure(InterfaceConfig const& config, TimePoint now);
    // A query of another router that passed all checks. Specific ones only matter by the older
    // RFC's election.
    QuerierStep hear(Ipv4 source, wire::Query const& query, TimePoint now);
    QuerierStep due(TimePoint now);
    std::optional<TimePoint> next_due() const;

    bool ours() const { return ours_; }
    // Whether it is on us to ask hosts what they want, and who stays when somebody leaves.
    bool asks_generally() const {
        return ours_ && (!config_.passive || config_.passive_general_queries);
    }
    bool asks_who_stays() const {
        return ours_ && (!config_.passive || config_.passive_group_queries);
    }
    // Whether this router may lower our timers by a specific query of its own.
    bool trusts(Ipv4 source, TimePoint now) const;

    InterfaceConfig const& config() const { return config_; }
    Timing const& timing() const { return timing_; }
    Ipv4 address() const { return address_; }
    std::uint8_t version_of_querier() const { return ours_ ? timing_.version : peer_version_; }
    TimePoint since() const { return since_; }
    std::optional<TimePoint> expires() const;
    std::optional<TimePoint> next_general() const;
    std::uint8_t startup_left() const { return startup_left_; }
    // Precondition: version is 1 or 2.
    std::optional<TimePoint> older_until(std::uint8_t version) const {
        return older_until_.at(version - 1U);
    }

private:
    struct Rival {
        Ipv4 address{};
        TimePoint until{};
        std::uint8_t version = 3;
        Adopted offered{};
    };

    Ipv4 to_beat() const; // the address that a better querier is below
    Adopted offer_of(wire::Query const& query, Adopted const& current) const;
    void yield_to(Ipv4 source, QuerierStep& step, TimePoint now);
    void refresh(wire::Query const& query, QuerierStep& step, TimePoint now);
    void remember_rival(Ipv4 source, wire::Query const& query, TimePoint now);
    void follow_version(std::uint8_t version, TimePoint now);
    void update_version(QuerierStep& step, TimePoint now);
    void update_timing();
    void take_over(QuerierStep& step, TimePoint now);
    void other_is_gone(QuerierStep& step, TimePoint now);
    std::uint8_t operating_version(TimePoint now) const;

    InterfaceConfig config_;
    Timing timing_;
    Adopted adopted_{};
    bool up_ = false;
    bool ours_ = false;
    Ipv4 self_{};
    Ipv4 address_{}; // of the querier
    std::uint8_t peer_version_ = 3;
    TimePoint since_{};
    TimePoint next_general_{}; // while ours
    std::uint8_t startup_left_ = 0;
    TimePoint other_until_{};       // while not ours
    std::optional<Rival> rival_{};  // between the querier and us
    std::optional<Rival> former_{}; // whose last checks may still run
    // Until when a querier of version 1 and of version 2 counts as present.
    std::array<std::optional<TimePoint>, 2> older_until_{};
};

} // namespace mcast::igmp
