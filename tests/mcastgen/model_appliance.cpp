#include "model_appliance.h"

#include <algorithm>
#include <array>
#include <variant>

namespace mcast::gen::rfc3918 {
namespace {

constexpr Mac k_mac{{0x02, 0, 0, 0, 0, 1}};
constexpr std::uint8_t k_last_member_code = 2; // tenths of a second

} // namespace

ModelAppliance::ModelAppliance(Plan const& plan, ModelFigures const& figures)
    : plan_(plan), figures_(figures) {
    if (figures.query_every != Duration::zero()) {
        next_query_ = now_ + figures.query_every;
    }
}

bool ModelAppliance::send(std::size_t port, wire::Bytes frame) {
    now_ += figures_.send_cost;
    query_when_due();
    auto const ethernet = wire::decode_ethernet(frame);
    if (ethernet && ethernet->ether_type == wire::k_ether_arp) {
        answer_arp(frame.subspan(ethernet->size()));
        return true;
    }
    auto const read = wire::decode_datagram(frame);
    if (!read) {
        return true; // nothing that it knows
    }
    if (read->ip.protocol == wire::k_protocol_igmp) {
        if (auto const message = wire::decode_igmp(read->payload)) {
            igmp(port, *message);
        }
    } else if (port == 0 && figures_.forwards) {
        forward(*read, frame);
    }
    return true;
}

void ModelAppliance::receive(TimePoint until, Taker const& taker) {
    auto const next = deliveries_.empty() ? until : std::min(until, deliveries_.top().at);
    now_ = std::max(now_, std::min(next, next_query_));
    query_when_due();
    while (!deliveries_.empty() && deliveries_.top().at <= now_) {
        Delivery const delivery = deliveries_.top();
        deliveries_.pop();
        taker(delivery.port, delivery.frame, delivery.at);
    }
}

void ModelAppliance::forward(wire::Datagram const& read, wire::Bytes frame) {
    if (read.ip.destination.is_multicast()) {
        if (read.ethernet.destination == Mac::of_group(read.ip.destination)) {
            multicast(read.ip.destination, frame);
        }
    } else if (figures_.routes_unicast && read.ethernet.destination == k_mac) {
        unicast(read.ip.destination, frame);
    }
}

// Takes the frame into work, unless too much of it waits.
bool ModelAppliance::has_room(std::size_t copies) {
    if (free_ - now_ > figures_.patience) {
        return false;
    }
    free_ = std::max(free_, now_) + figures_.per_frame +
            static_cast<std::int64_t>(copies) * figures_.per_copy;
    return true;
}

void ModelAppliance::multicast(Ipv4 group, wire::Bytes frame) {
    std::vector<std::size_t> ports;
    for (std::size_t port = 1; port <= plan_.egress.size(); ++port) {
        if (is_member(port, group)) {
            ports.push_back(port);
        }
    }
    if (!has_room(ports.size())) {
        return;
    }
    for (auto const port : ports) {
        ++copies_;
        if (figures_.loses_every != 0 && copies_ % figures_.loses_every == 0) {
            continue;
        }
        auto const at =
            now_ + figures_.latency + static_cast<std::int64_t>(port - 1) * figures_.skew;
        deliver(port, at, frame);
        if (figures_.duplicates_every != 0 && copies_ % figures_.duplicates_every == 0) {
            deliver(port, at, frame);
        }
    }
}

void ModelAppliance::unicast(Ipv4 host, wire::Bytes frame) {
    auto const found = std::ranges::find(plan_.egress, host, &PortPlan::address);
    if (found != plan_.egress.end() && has_room(1)) {
        deliver(static_cast<std::size_t>(found - plan_.egress.begin()) + 1, now_ + figures_.latency,
                frame);
    }
}

void ModelAppliance::igmp(std::size_t port, wire::Igmp const& message) {
    if (auto const* const report = std::get_if<wire::ReportV3>(&message)) {
        ++reports_;
        for (auto const& record : report->records) {
            record.type == wire::RecordType::to_ex ? join(port, record.group)
                                                   : leave(port, record.group);
        }
    } else if (auto const* const old = std::get_if<wire::ReportV2>(&message)) {
        ++reports_;
        join(port, old->group);
    } else if (auto const* const gone = std::get_if<wire::Leave>(&message)) {
        leave(port, gone->group);
    }
}

void ModelAppliance::join(std::size_t port, Ipv4 group) {
    std::pair const key{port, group};
    auto const known = memberships_.find(key);
    if (known != memberships_.end() && known->second.until > now_) {
        known->second.told = now_;
        known->second.until = TimePoint::max();
        return;
    }
    std::set<Ipv4> groups;
    for (auto const& [place, membership] : memberships_) {
        if (membership.until > now_) {
            groups.insert(place.second);
        }
    }
    if (groups.contains(group) || groups.size() < figures_.most_groups) {
        memberships_[key] = {now_ + figures_.join_delay, TimePoint::max(), now_};
    }
}

void ModelAppliance::leave(std::size_t port, Ipv4 group) {
    auto const known = memberships_.find({port, group});
    if (known != memberships_.end() && known->second.until > now_) {
        known->second.until = now_ + figures_.leave_delay;
        if (figures_.asks_last_member) {
            query(port, group);
        }
    }
}

bool ModelAppliance::is_member(std::size_t port, Ipv4 group) const {
    auto const known = memberships_.find({port, group});
    return known != memberships_.end() && known->second.from <= now_ &&
           now_ < known->second.until &&
           (figures_.holds == Duration::zero() || now_ - known->second.told < figures_.holds);
}

void ModelAppliance::query_when_due() {
    while (now_ >= next_query_) {
        next_query_ += figures_.query_every;
        for (std::size_t port = 1; port <= plan_.egress.size(); ++port) {
            query(port, {});
        }
    }
}

void ModelAppliance::query(std::size_t port, Ipv4 group) {
    ++queries_;
    std::array<std::uint8_t, 128> room{};
    wire::Writer out(room);
    wire::Query question;
    question.group = group;
    question.max_resp_code = k_last_member_code;
    wire::build_igmp_frame({k_mac, plan_.router, {}}, question, out);
    wire::pad(out);
    deliver(port, now_, out.written());
}

void ModelAppliance::answer_arp(wire::Bytes packet) {
    auto const asked = wire::decode_arp(packet);
    if (asked && asked->target == plan_.router) {
        std::array<std::uint8_t, 64> room{};
        wire::Writer out(room);
        wire::build_arp_frame({k_mac, plan_.router, {}}, wire::arp_reply(*asked, k_mac), out);
        deliver(0, now_, out.written());
    }
}

void ModelAppliance::deliver(std::size_t port, TimePoint at, wire::Bytes frame) {
    deliveries_.push({at, order_++, port, {frame.begin(), frame.end()}});
}

} // namespace mcast::gen::rfc3918
