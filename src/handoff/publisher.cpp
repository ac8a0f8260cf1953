#include "mcast/handoff/publisher.h"

#include "entry_places.h"

#include <utility>
#include <vector>

namespace mcast::handoff {

// One version: what workers see, with what they count on it, and whose it is.
struct Publisher::Version {
    EntryPlaces::Ptr entry;
    Flow* flow = nullptr;
};

struct Publisher::Flow {
    std::unique_ptr<Version> current;      // null once withdrawn
    std::vector<Version const*> in_flight; // retired and not yet reclaimed; owned by retired_
    std::uint32_t versions = 0;
    FlowTotals folded;
};

namespace {

bool says(Entry const& entry, EntrySpec const& spec, IfSet const& outputs) {
    return entry.arrival == spec.arrival && entry.outputs == outputs &&
           entry.highest_threshold == spec.highest_threshold && entry.negative == spec.negative;
}

IfSet without_arrival(EntrySpec const& spec) {
    IfSet outputs = spec.outputs;
    if (spec.arrival.index() < k_max_interfaces) {
        outputs.erase(spec.arrival);
    }
    return outputs;
}

} // namespace

Publisher::Publisher(Table& table, GracePeriod& grace, std::size_t workers)
    : table_(table), workers_(workers), places_(std::make_unique<EntryPlaces>(workers)),
      retired_(grace) {}

Publisher::~Publisher() {
    for (auto const& [key, flow] : flows_) {
        table_.remove(key);
    }
}

bool Publisher::publish(EntrySpec const& spec) {
    IfSet const outputs = without_arrival(spec);
    Entry const* const before = table_.current(spec.key);
    if (before != nullptr && says(*before, spec, outputs)) {
        return true;
    }
    bool const full = before == nullptr && table_.size() >= table_.capacity();
    if (full || !spec.key.group.is_multicast()) {
        return false;
    }
    // All memory first: once the table shows the next version there is no way back.
    if (before == nullptr) {
        table_.make_room();
    }
    retired_.make_room(alive_ - retired_.size() + 1);
    auto next = std::make_unique<Version>();
    next->entry = places_->take();
    Flow& flow = flow_of(spec.key);
    next->flow = &flow;
    *next->entry = {.key = spec.key,
                    .outputs = outputs,
                    .counters = next->entry->counters,
                    .arrival = spec.arrival,
                    .highest_threshold = spec.highest_threshold,
                    .negative = spec.negative,
                    .version = ++flow.versions};
    ++alive_;
    table_.put(next->entry.get());
    retire(flow, std::exchange(flow.current, std::move(next)));
    return true;
}

// With room for the retirement of its version now and of the next one later.
Publisher::Flow& Publisher::flow_of(FlowKey key) {
    auto const found = flows_.find(key);
    if (found == flows_.end()) {
        auto flow = std::make_unique<Flow>();
        flow->in_flight.reserve(2);
        return *flows_.emplace(key, std::move(flow)).first->second;
    }
    std::vector<Version const*>& in_flight = found->second->in_flight;
    if (in_flight.capacity() < in_flight.size() + 2) {
        in_flight.reserve(2 * in_flight.size() + 2);
    }
    return *found->second;
}

bool Publisher::withdraw(FlowKey key) {
    if (table_.remove(key) == nullptr) {
        return false;
    }
    Flow& flow = *flows_.at(key);
    retire(flow, std::move(flow.current));
    return true;
}

// The table no longer shows this version, so its grace period can begin. publish() made room.
void Publisher::retire(Flow& flow, std::unique_ptr<Version> version) noexcept {
    if (version) {
        flow.in_flight.push_back(version.get());
        retired_.retire(std::move(version));
    }
}

std::size_t Publisher::reclaim(std::size_t limit) {
    table_.reclaim();
    return retired_.reclaim(limit, [this](std::unique_ptr<Version>& version) {
        Flow& flow = *version->flow;
        FlowKey const key = version->entry->key;
        fold(*version, flow.folded);
        // Versions of one flow are reclaimed in the order in which they were retired.
        flow.in_flight.erase(flow.in_flight.begin());
        version.reset();
        --alive_;
        if (!flow.current && flow.in_flight.empty()) {
            flows_.erase(key);
        }
    });
}

// std::bad_alloc: nothing is added.
void Publisher::fold(Version const& version, FlowTotals& into) const {
    FlowTotals sum;
    for (std::size_t worker = 0; worker < workers_; ++worker) {
        EntryCounters const& counted = version.entry->counters[worker];
        sum.packets += counted.packets.read();
        sum.bytes += counted.bytes.read();
        sum.wrong_interface += counted.wrong_interface.read();
        sum.ttl_expired += counted.ttl_expired.read();
        sum.dropped += counted.dropped.read();
    }
    IfSet const& outputs = version.entry->outputs;
    if (sum.packets != 0) {
        outputs.for_each([&](IfIndex output) { into.outputs.try_emplace(output); });
        outputs.for_each([&](IfIndex output) { into.outputs[output] += sum.packets; });
    }
    into.packets += sum.packets;
    into.bytes += sum.bytes;
    into.wrong_interface += sum.wrong_interface;
    into.ttl_expired += sum.ttl_expired;
    into.dropped += sum.dropped;
    into.copies += sum.packets * outputs.size();
}

FlowTotals Publisher::totals(FlowKey key) const {
    auto const found = flows_.find(key);
    if (found == flows_.end()) {
        return {};
    }
    Flow const& flow = *found->second;
    FlowTotals sum = flow.folded;
    for (Version const* version : flow.in_flight) {
        fold(*version, sum);
    }
    if (flow.current) {
        fold(*flow.current, sum);
    }
    return sum;
}

} // namespace mcast::handoff
