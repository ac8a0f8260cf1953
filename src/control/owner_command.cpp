#include "owner_command.h"

#include "show.h"

#include "mcast/base/log.h"

#include <array>
#include <expected>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace mcast::control {

using api::ErrorCode;
using api::Json;
using api::Reply;
using mgm::MgmError;

namespace {

struct Protocol {
    std::string_view name;
    mgm::Result<> (*take)(Core&, IfIndex, TimePoint);
    mgm::Result<> (*release)(Core&, IfIndex, TimePoint);
};

// Where the proxy is a host, no router of IGMP may speak beside it.
mgm::Result<> take_igmp(Core& core, IfIndex interface, TimePoint now) {
    if (core.proxy.hears(interface)) {
        return std::unexpected(mgm::Failure{
            MgmError::cannot_complete, "the proxy is a host there; it has to release it first"});
    }
    return core.igmp.take(interface, now);
}

mgm::Result<> take_dvmrp(Core& core, IfIndex interface, TimePoint now) {
    auto const taken = core.dvmrp.take(interface, now);
    core.follow_connected(interface);
    return taken;
}

mgm::Result<> release_dvmrp(Core& core, IfIndex interface, TimePoint now) {
    auto const released = core.dvmrp.release(interface, now);
    core.follow_connected(interface);
    return released;
}

constexpr std::array k_protocols{
    Protocol{"static",
             [](Core& core, IfIndex i, TimePoint) { return core.static_component.take(i); },
             [](Core& core, IfIndex i, TimePoint) { return core.static_component.release(i); }},
    Protocol{"igmp", take_igmp,
             [](Core& core, IfIndex i, TimePoint) { return core.igmp.release(i); }},
    Protocol{"proxy", [](Core& core, IfIndex i, TimePoint now) { return core.proxy.take(i, now); },
             [](Core& core, IfIndex i, TimePoint now) { return core.proxy.release(i, now); }},
    Protocol{"dvmrp", take_dvmrp, release_dvmrp},
};
constexpr std::string_view k_possible = "static, igmp, proxy, dvmrp";

struct Order {
    bool take = false;
    IfIndex interface{};
    Protocol const* protocol = nullptr;
};

std::unexpected<Reply> refuse(ErrorCode code, std::string sentence) {
    return std::unexpected(Reply::refuse(code, std::move(sentence)));
}

std::expected<Order, Reply> parse(Core const& core, api::Request const& request) {
    auto const& words = request.arguments;
    bool const verb = !words.empty() && (words[0] == "take" || words[0] == "release");
    if (words.size() != 3 || !verb || !request.options.empty()) {
        return refuse(ErrorCode::bad_argument,
                      "owner takes: take INTERFACE PROTOCOL, or: release INTERFACE PROTOCOL");
    }
    Order order{words[0] == "take", {}, nullptr};
    for (Protocol const& protocol : k_protocols) {
        if (protocol.name == words[2]) {
            order.protocol = &protocol;
        }
    }
    if (order.protocol == nullptr) {
        return refuse(
            ErrorCode::bad_argument,
            fmt::format("there is no protocol '{}'; possible are: {}", words[2], k_possible));
    }
    auto const interface = core.interfaces.find(words[1]);
    if (!interface) {
        return refuse(ErrorCode::not_found,
                      fmt::format("there is no interface '{}'; see: show interfaces", words[1]));
    }
    order.interface = *interface;
    return order;
}

// Why the manager would not have it, in the words of who asked.
std::string already_sentence(Core const& core, Order const& order) {
    auto const view = ownership_of(core, order.interface);
    auto const& seat = order.protocol->name == "igmp" ? view.igmp : view.owner;
    std::string_view const interface = core.interfaces.name(order.interface);
    if (!seat) {
        return fmt::format("{} is changing hands; try again when show owners says that it is done",
                           interface);
    }
    std::string const owner = protocol_name(*seat);
    if (owner == order.protocol->name) {
        return fmt::format("{} has {} already", owner, interface);
    }
    return fmt::format("{} owns {}, and has to release it first", owner, interface);
}

std::string refusal_sentence(Core const& core, Order const& order, mgm::Failure const& failure) {
    std::string_view const interface = core.interfaces.name(order.interface);
    switch (failure.code) {
    case MgmError::already_exists:
        return already_sentence(core, order);
    case MgmError::invalid_parameter:
    case MgmError::not_found:
        return fmt::format("{} does not have {}, so it cannot release it; see: show owners",
                           order.protocol->name, interface);
    case MgmError::no_memory:
        return fmt::format("{} stays as it is: there is no memory for the change; try again",
                           interface);
    case MgmError::cannot_complete:
        break;
    }
    return fmt::format("{} stays as it is: {}", interface, failure.reason);
}

} // namespace

Reply owner_command(Core& core, api::Request const& request, TimePoint now) {
    auto const order = parse(core, request);
    if (!order) {
        return order.error();
    }
    auto const done = order->take ? order->protocol->take(core, order->interface, now)
                                  : order->protocol->release(core, order->interface, now);
    if (!done) {
        return Reply::refuse(ErrorCode::unavailable, refusal_sentence(core, *order, done.error()));
    }
    log::line(log::Level::notice, "owner", "{}: {} {} by command",
              core.interfaces.name(order->interface), order->protocol->name,
              order->take ? "takes it" : "releases it");
    Json owners = owner_json(core, ownership_of(core, order->interface), now);
    bool const complete = owners["transition_seconds"].is_null();
    return Reply::ok({{"interface", core.interfaces.name(order->interface)},
                      {"protocol", order->protocol->name},
                      {"change", order->take ? "take" : "release"},
                      {"complete", complete},
                      {"ownership", std::move(owners)}});
}

} // namespace mcast::control
