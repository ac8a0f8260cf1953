#include "mcast/handoff/publisher.h"

#include <utility>
#include <vector>

namespace mcast::handoff {

// One version: what workers see, what they count on it, and whose it is.
struct Publisher::Version {
    Entry entry;
    std::unique_ptr<EntryCounters[]> counters;
    Flow* flow;
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
    : table_(table), workers_(workers), retired_(grace) {}

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
    std::unique_ptr<Flow>& flow = flows_[spec.key];
    if (!flow) {
        flow = std::make_unique<Flow>();
    }
    auto next = std::make_unique<Version>();
    next->counters = std::make_unique<EntryCounters[]>(workers_);
    next->flow = flow.get();
    next->entry = {.key = spec.key,
                   .outputs = outputs,
                   .counters = next->counters.get(),
                   .arrival = spec.arrival,
                   .highest_threshold = spec.highest_threshold,
                   .negative = spec.negative,
                   .version = ++flow->versions};
    ++alive_;
    table_.put(&next->entry);
    retire(*flow, std::exchange(flow->current, std::move(next)));
    return true;
}

bool Publisher::withdraw(FlowKey key) {
    if (table_.remove(key) == nullptr) {
        return false;
    }
    Flow& flow = *flows_.at(key);
    retire(flow, std::move(flow.current));
    return true;
}

// The table no longer shows this version, so its grace period can begin.
void Publisher::retire(Flow& flow, std::unique_ptr<Version> version) {
    if (version) {
        flow.in_flight.push_back(version.get());
        retired_.retire(std::move(version));
    }
}

std::size_t Publisher::reclaim(std::size_t limit) {
    table_.reclaim();
    return retired_.reclaim(limit, [this](std::unique_ptr<Version> version) {
        Flow& flow = *version->flow;
        FlowKey const key = version->entry.key;
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

void Publisher::fold(Version const& version, FlowTotals& into) const {
    std::uint64_t packets = 0;
    for (std::size_t worker = 0; worker < workers_; ++worker) {
        EntryCounters const& counted = version.counters[worker];
        packets += counted.packets.read();
        into.bytes += counted.bytes.read();
        into.wrong_interface += counted.wrong_interface.read();
        into.ttl_expired += counted.ttl_expired.read();
        into.dropped += counted.dropped.read();
    }
    if (packets == 0) {
        return;
    }
    into.packets += packets;
    into.copies += packets * version.entry.outputs.size();
    version.entry.outputs.for_each([&](IfIndex output) { into.outputs[output] += packets; });
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
