// Prunes of one tree: those that dependents sent us, and the one we sent (section 3.5). No input or
// output.
#pragma once

#include "neighbor.h"

#include "mcast/base/ids.h"
#include "mcast/base/ipv4.h"
#include "mcast/base/random.h"
#include "mcast/base/time.h"

#include <cstddef>
#include <optional>
#include <unordered_map>
#include <vector>

namespace mcast::dvmrp {

struct ReceivedPrune {
    IfIndex interface{};
    Ipv4 neighbor{};
    Span memory = 0;            // of the neighbour: a restarted one knows nothing of it
    std::optional<Ipv4> host{}; // only this source; absent: all of the network
    Duration lifetime{};
    TimePoint until{};
};

inline bool in_force(ReceivedPrune const& prune, Spans const& spans, TimePoint now) {
    return now < prune.until && spans.runs(prune.memory);
}

// How much is held of one kind (prunes, grafts of channels): in all, and of each neighbour.
class Ledger {
public:
    void add(Span memory);
    void remove(Span memory);
    std::size_t size() const { return size_; }
    std::size_t of(Span memory) const;

private:
    std::size_t size_ = 0;
    std::unordered_map<Span, std::size_t> of_;
};

// What is added and removed goes through the ledger of all trees; a tree that goes has none left.
class ReceivedPrunes {
public:
    void set(ReceivedPrune const& prune, Ledger& ledger);
    void remove(IfIndex interface, Ipv4 neighbor, Ledger& ledger);
    void remove_ended(Spans const& spans, TimePoint now, Ledger& ledger);

    bool covers(IfIndex interface, Ipv4 neighbor, Ipv4 source, Spans const& spans,
                TimePoint now) const;
    // When the first of those in force ends.
    std::optional<TimePoint> first_end(Spans const& spans, TimePoint now) const;
    bool any_of_hosts() const;
    // Calls `f` with each that is in force.
    template <class F>
    void for_each(Spans const& spans, TimePoint now, F f) const {
        for (ReceivedPrune const& it : prunes_) {
            if (in_force(it, spans, now)) {
                f(it);
            }
        }
    }
    std::size_t size() const { return prunes_.size(); }
    bool empty() const { return prunes_.empty(); }

private:
    std::vector<ReceivedPrune> prunes_;
};

// Ours, toward the upstream neighbour.
struct SentPrune {
    Ipv4 source{};
    Span memory = 0; // of the neighbour it went to
    Duration lifetime{};
    TimePoint until{};
    TimePoint resend_at{}; // when data still comes
    Duration pause{};
};

// Section 3.5.4: a drawn lifetime, but no longer than the shortest prune below us. nullopt: too
// short to be worth a message.
std::optional<Duration> prune_lifetime(Config const& config, Random& random, TimePoint now,
                                       std::optional<TimePoint> first_end_below);

// The next repetition, twice as late as the last and a quarter around it (section 3.5.5).
void put_off(SentPrune& prune, Random& random, TimePoint now);

} // namespace mcast::dvmrp
