#include "keys.h"
#include "report.h"
#include "routing.h"

#include <algorithm>

namespace mcast::dvmrp {

namespace {

constexpr std::size_t k_report_piece = 100; // routes: no more than fill a message
constexpr std::size_t k_piece = 500;        // routes of a table or flash at once
constexpr std::size_t k_changes = 2000;     // looked at for them: most may be told already
// Between two pieces; a neighbour that takes 50 messages a second takes them all.
constexpr Duration k_piece_pause = std::chrono::milliseconds{100};

std::uint64_t order_of(Ipv4Prefix prefix) {
    return std::uint64_t{std::max<std::uint8_t>(prefix.length, 8)} << 32 | prefix.address.value;
}

} // namespace

// Section 3.4.2: all routes, spread over the interval. After a part of it the same part of the
// routes has been sent, at least; a table that fits one message goes in one.
std::size_t Routing::report_due(TimePoint now, Output& out) {
    if (!cycle_begun_) {
        cycle_begun_ = now;
        cycle_after_.reset();
        cycle_sent_ = 0;
        cycle_routes_ = table_.size();
    }
    std::vector<Route const*> piece;
    for (Route const* route = table_.next(cycle_after_);
         route != nullptr && piece.size() < k_report_piece; route = table_.next(cycle_after_)) {
        piece.push_back(route);
        cycle_after_ = route->prefix;
    }
    for (auto& [index, interface] : interfaces_) {
        if (!interface.has_neighbors()) {
            continue;
        }
        ReportPacker packer(interface, wire::dvmrp::k_all_routers, out);
        for (Route const* const route : piece) {
            if (auto const metric = said(*route, interface, spans_, config_)) {
                packer.add(route->prefix, *metric);
            }
        }
        packer.finish();
    }
    cycle_sent_ += piece.size();
    TimePoint next = *cycle_begun_ + config_.report_interval;
    if (piece.size() < k_report_piece || table_.next(cycle_after_) == nullptr) {
        cycle_begun_.reset();
    } else {
        auto const whole = static_cast<std::int64_t>(std::max(cycle_routes_, cycle_sent_));
        auto const sent = static_cast<std::int64_t>(cycle_sent_);
        next = std::min(next, *cycle_begun_ + config_.report_interval / whole * sent);
    }
    arm(report_timer_, next, key_of(Due::report));
    return piece.size() * interfaces_.size();
}

void Routing::neighbor_gained(Interface& interface, Neighbor const& neighbor, TimePoint now) {
    queue_table(interface, neighbor, /*gaps=*/false, now);
    // Nobody was told of changes here before; the table has them all.
    if (interface.two_way() == 1) {
        flashes_[interface.index()].read = log_.end();
        flashes_armed_ = false;
    }
}

void Routing::queue_table(Interface const& interface, Neighbor const& neighbor, bool gaps,
                          TimePoint now) {
    std::erase_if(tables_, [&](TableJob const& it) {
        return it.interface == interface.index() && it.neighbor == neighbor.address;
    });
    tables_.push_back({.interface = interface.index(),
                       .neighbor = neighbor.address,
                       .memory = neighbor.memory,
                       .gaps = gaps});
    arm(table_timer_, now, key_of(Due::table));
}

// True when nothing is left behind it.
bool Routing::send_piece(Interface& interface, Ipv4 destination, TableJob& job, Output& out) {
    Ipv4Prefix const address = interface.link().address;
    Ipv4Prefix const subnet{address.network(), address.length};
    ReportPacker packer(interface, destination, out);
    Route const* route = table_.next(job.after);
    for (std::size_t i = 0; i < k_piece && route != nullptr; ++i) {
        if (auto const metric = said(*route, interface, spans_, config_)) {
            packer.add(route->prefix, *metric);
        } else if (job.gaps && route->prefix != subnet && has_report_form(route->prefix)) {
            packer.add(route->prefix, k_infinity);
        }
        job.after = route->prefix;
        route = table_.next(job.after);
    }
    packer.finish();
    return route == nullptr;
}

std::size_t Routing::table_due(TimePoint now, Output& out) {
    while (!tables_.empty()) {
        TableJob job = tables_.front();
        tables_.pop_front();
        Interface* const interface = find(job.interface);
        if (interface == nullptr || !spans_.runs(job.memory)) {
            continue;
        }
        Ipv4 const destination = interface->destination_for(job.neighbor);
        if (!send_piece(*interface, destination, job, out)) {
            tables_.push_back(job);
        }
        break;
    }
    if (!tables_.empty()) {
        arm(table_timer_, now + k_piece_pause / static_cast<std::int64_t>(tables_.size()),
            key_of(Due::table));
    }
    return k_piece;
}

// Section 3.4.5: the first change at once, the next after flash_interval at the earliest.
void Routing::arm_flashes(TimePoint now) {
    if (flashes_armed_) {
        return;
    }
    for (auto& [index, interface] : interfaces_) {
        if (!interface.has_neighbors()) {
            continue;
        }
        flashes_armed_ = true;
        Flash& flash = flashes_[index];
        bool const news = std::max(flash.read, log_.begin()) < log_.end();
        if (news && !flash.timer.armed()) {
            TimePoint const due =
                flash.begun ? std::max(now, *flash.begun + config_.flash_interval) : now;
            arm(flash.timer, due, key_of(Due::flash, index));
        }
    }
    if (!flashes_armed_) {
        trim_log(); // nobody is there to be told
    }
}

std::size_t Routing::flash_due(IfIndex index, TimePoint now, Output& out) {
    Interface* const interface = find(index);
    auto const at = flashes_.find(index);
    if (interface == nullptr || at == flashes_.end()) {
        return 0;
    }
    if (sweep_timer_.armed()) { // it finds more to tell, and comes back to us
        flashes_armed_ = false;
        return 0;
    }
    Flash& flash = at->second;
    flash.read = std::max(flash.read, log_.begin());
    if (!interface->has_neighbors()) {
        flash.read = log_.end();
        trim_log();
        return 0;
    }
    if (flash.upto <= flash.read) { // a new one, not the rest of one
        flash.upto = log_.end();
        flash.begun = now;
        ++interface->counters().flashes;
    }
    std::vector<wire::dvmrp::Route> routes;
    std::size_t seen = 0;
    for (; flash.read < flash.upto && routes.size() < k_piece && seen < k_changes;
         ++flash.read, ++seen) {
        Change const& change = log_.at(flash.read);
        Route const* const route = table_.find(change.prefix);
        bool const elsewhere =
            change.except == index || (change.only != k_no_interface && change.only != index);
        if (route == nullptr || elsewhere || ChangeLog::is_stale(flash.read, *route)) {
            continue;
        }
        if (auto const metric = said(*route, *interface, spans_, config_)) {
            routes.push_back({route->prefix, *metric});
        }
    }
    std::ranges::sort(routes, {}, [](auto const& it) { return order_of(it.prefix); });
    ReportPacker packer(*interface, wire::dvmrp::k_all_routers, out);
    for (auto const& it : routes) {
        packer.add(it.prefix, it.metric);
    }
    packer.finish();
    log_.was_read(flash.read);
    if (flash.read < flash.upto) {
        arm(flash.timer, now + k_piece_pause, key_of(Due::flash, index));
    } else if (flash.read < log_.end()) {
        arm(flash.timer, *flash.begun + config_.flash_interval, key_of(Due::flash, index));
    } else {
        flashes_armed_ = false;
    }
    trim_log();
    return routes.size() + seen;
}

void Routing::trim_log() {
    std::uint64_t read = log_.end();
    for (auto const& [index, flash] : flashes_) {
        Interface const* const interface = find(index);
        if (interface != nullptr && interface->has_neighbors()) {
            read = std::min(read, flash.read);
        }
    }
    log_.trim(read);
}

// Section 3.4.9: everything, former poisons too, is unreachable by us.
bool Routing::farewell(std::size_t limit, Output& out) {
    std::size_t messages = 0;
    auto at = farewell_interface_ ? interfaces_.find(*farewell_interface_) : interfaces_.begin();
    for (; at != interfaces_.end(); ++at, farewell_after_.reset()) {
        Interface& interface = at->second;
        farewell_interface_ = at->first;
        if (!interface.has_neighbors()) {
            continue;
        }
        bool done = false;
        while (!done) {
            if (messages >= limit) {
                return false;
            }
            ReportPacker packer(interface, wire::dvmrp::k_all_routers, out);
            Route const* route = table_.next(farewell_after_);
            for (std::size_t i = 0; i < k_report_piece && route != nullptr; ++i) {
                if (said(*route, interface, spans_, config_)) {
                    packer.add(route->prefix, k_infinity);
                }
                farewell_after_ = route->prefix;
                route = table_.next(farewell_after_);
            }
            packer.finish();
            messages += packer.messages();
            done = route == nullptr;
        }
    }
    return true;
}

} // namespace mcast::dvmrp
