#include "channels.h"

#include "keys.h"

#include <algorithm>

namespace mcast::dvmrp {

namespace {

constexpr Ipv4 k_host_mask{0xffffffff};

bool is_from(HeldGraft const& graft, IfIndex interface, Ipv4 neighbor) {
    return graft.interface == interface && graft.neighbor == neighbor;
}

// With it, a prune means this source and no other, whoever reads it.
bool masks_are_read(Upstream const& upstream) {
    return upstream.interface.config().netmask &&
           has(upstream.neighbor.capabilities, wire::dvmrp::Capability::netmask);
}

} // namespace

Channel const* Channels::find(FlowKey flow) const {
    auto const at = channels_.find({flow.source, flow.group});
    return at != channels_.end() ? &at->second : nullptr;
}

Channel* Channels::find(FlowKey flow) {
    auto const at = channels_.find({flow.source, flow.group});
    return at != channels_.end() ? &at->second : nullptr;
}

Channel* Channels::find(std::uint32_t number) {
    auto const at = by_number_.find(number);
    return at != by_number_.end() ? at->second : nullptr;
}

Channel* Channels::obtain(FlowKey flow) {
    if (Channel* const known = find(flow)) {
        return known;
    }
    if (channels_.size() >= config_.max_flows) {
        return nullptr;
    }
    Channel& channel = channels_[{flow.source, flow.group}];
    channel.flow = flow;
    channel.number = ++last_number_;
    by_group_.emplace(flow.group, flow.source);
    by_number_.emplace(channel.number, &channel);
    return &channel;
}

Channel const* Channels::next(std::optional<FlowKey> after) const {
    auto const at = after ? channels_.upper_bound({after->source, after->group}) //
                          : channels_.begin();
    return at != channels_.end() ? &at->second : nullptr;
}

Channel const* Channels::next_within(Ipv4Prefix prefix, std::optional<FlowKey> after) const {
    auto const at = after ? channels_.upper_bound({after->source, after->group})
                          : channels_.lower_bound({prefix.address, Ipv4{}});
    bool const within = at != channels_.end() && prefix.contains(at->first.first);
    return within ? &at->second : nullptr;
}

void Channels::erase_if_idle(Channel& channel) {
    if (channel.is_idle()) {
        FlowKey const flow = channel.flow;
        by_group_.erase({flow.group, flow.source});
        by_number_.erase(channel.number);
        channels_.erase({flow.source, flow.group});
    }
}

bool Channels::holds(FlowKey flow, IfIndex interface, Ipv4 neighbor) const {
    Channel const* const channel = find(flow);
    return channel != nullptr && std::ranges::any_of(channel->grafts, [&](HeldGraft const& it) {
               return is_from(it, interface, neighbor) && spans_.runs(it.memory);
           });
}

// Whoever holds one already may say so again, however many there are.
std::optional<LimitReached::Which> Channels::hold(FlowKey flow, HeldGraft const& graft) {
    Channel* channel = find(flow);
    if (channel != nullptr) {
        auto const at = std::ranges::find_if(channel->grafts, [&](HeldGraft const& it) {
            return is_from(it, graft.interface, graft.neighbor);
        });
        if (at != channel->grafts.end()) {
            ledger_.add(graft.memory);
            ledger_.remove(at->memory);
            at->memory = graft.memory;
            return std::nullopt;
        }
    }
    if (ledger_.size() >= config_.max_prunes) {
        return LimitReached::Which::prunes;
    }
    if (ledger_.of(graft.memory) >= config_.max_prunes_of_neighbor) {
        return LimitReached::Which::prunes_of_neighbor;
    }
    channel = obtain(flow);
    if (channel == nullptr) {
        return LimitReached::Which::flows;
    }
    ledger_.add(graft.memory);
    channel->grafts.push_back(graft);
    return std::nullopt;
}

bool Channels::drop(Channel& channel, IfIndex interface, Ipv4 neighbor) {
    return std::erase_if(channel.grafts, [&](HeldGraft const& it) {
               bool const gone = is_from(it, interface, neighbor);
               if (gone) {
                   ledger_.remove(it.memory);
               }
               return gone;
           }) > 0;
}

// What we told another neighbour, or this one before it restarted; and what neighbours told us
// before they did.
void Channels::drop_void(Channel& channel, std::optional<Upstream> const& upstream, TimePoint now) {
    Span const memory = upstream ? upstream->neighbor.memory : 0;
    if (channel.asked && channel.asked->memory != memory) {
        channel.asked.reset();
    }
    if (channel.pruned && (channel.pruned->memory != memory || channel.pruned->until <= now)) {
        channel.pruned.reset();
    }
    std::erase_if(channel.grafts, [&](HeldGraft const& it) {
        bool const gone = !spans_.runs(it.memory);
        if (gone) {
            ledger_.remove(it.memory);
        }
        return gone;
    });
}

void Channels::settle(Channel& channel, bool wanted, bool packet,
                      std::optional<Upstream> const& upstream, TimePoint now, Output& out) {
    drop_void(channel, upstream, now);
    if (upstream && wanted && !channel.asked) {
        channel.pruned.reset();
        channel.asked = first_graft(channel.flow.source, upstream->neighbor, config_, now);
        channel.answered = false;
        say_graft(channel, *upstream, out);
    } else if (upstream && !wanted && (channel.asked || (packet && !channel.pruned))) {
        prune(channel, *upstream, now, out);
    } else if (upstream && !wanted && packet && channel.pruned->resend_at <= now &&
               upstream->is_alone()) {
        say_prune(channel, *upstream, now, out);
    }
    arm(channel);
    erase_if_idle(channel);
}

void Channels::due(Channel& channel, bool wanted, std::optional<Upstream> const& upstream,
                   TimePoint now, Output& out) {
    drop_void(channel, upstream, now);
    bool const again =
        upstream && wanted && channel.asked && !channel.answered && channel.asked->resend_at <= now;
    if (again) {
        put_off(*channel.asked, config_, now);
        say_graft(channel, *upstream, out);
    }
    settle(channel, wanted, /*packet=*/false, upstream, now, out);
}

bool Channels::hear_ack(FlowKey flow, Neighbor const& from) {
    Channel* const channel = find(flow);
    bool const awaited = channel != nullptr && channel->asked && !channel->answered &&
                         channel->asked->memory == from.memory;
    if (awaited) {
        channel->answered = true;
        arm(*channel);
    }
    return awaited;
}

void Channels::say_graft(Channel const& channel, Upstream const& upstream, Output& out) const {
    upstream.interface.send(
        upstream.interface.destination_for(upstream.neighbor.address),
        wire::dvmrp::Graft{.source = channel.flow.source, .group = channel.flow.group}, out);
}

void Channels::prune(Channel& channel, Upstream const& upstream, TimePoint now, Output& out) {
    channel.asked.reset();
    auto const lifetime = prune_lifetime(config_, random_, now, std::nullopt);
    channel.pruned = SentPrune{.source = channel.flow.source,
                               .memory = upstream.neighbor.memory,
                               .lifetime = *lifetime,
                               .until = now + *lifetime,
                               .pause = config_.prune_retransmit};
    say_prune(channel, upstream, now, out);
    if (!masks_are_read(upstream)) {
        ask_again_for_siblings(channel, upstream.network, now);
    }
}

void Channels::say_prune(Channel& channel, Upstream const& upstream, TimePoint now, Output& out) {
    using std::chrono::duration_cast;
    auto const left = duration_cast<std::chrono::seconds>(channel.pruned->until - now);
    put_off(*channel.pruned, random_, now);
    upstream.interface.send(upstream.interface.destination_for(upstream.neighbor.address),
                            wire::dvmrp::Prune{.source = channel.flow.source,
                                               .group = channel.flow.group,
                                               .lifetime = static_cast<std::uint32_t>(left.count()),
                                               .mask = masks_are_read(upstream)
                                                           ? std::optional{k_host_mask}
                                                           : std::nullopt},
                            out);
}

// A router that floods all groups alike takes a prune without a mask for one of the whole network.
// So what is still wanted of the group is grafted again right behind it, from the timers.
void Channels::ask_again_for_siblings(Channel const& channel, Ipv4Prefix network, TimePoint now) {
    for (auto at = by_group_.lower_bound({channel.flow.group, network.address});
         at != by_group_.end() && at->first == channel.flow.group && network.contains(at->second);
         ++at) {
        Channel& sibling = *find(FlowKey{at->second, at->first});
        if (sibling.asked) {
            sibling.answered = false;
            sibling.asked->resend_at = now;
            sibling.asked->pause = config_.graft_retransmit;
            arm(sibling);
        }
    }
}

void Channels::arm(Channel& channel) {
    std::optional<TimePoint> due;
    if (channel.asked && !channel.answered) {
        due = channel.asked->resend_at;
    } else if (channel.pruned) {
        due = channel.pruned->until;
    }
    if (!due) {
        channel.timer.cancel();
    } else if (!channel.timer.rearm(*due)) {
        channel.timer = wheel_.arm(*due, key_of(Due::channel, channel.number));
    }
}

} // namespace mcast::dvmrp
