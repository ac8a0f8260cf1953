#include "show.h"
#include "sums.h"

#include "mcast/igmp/counters.h"

#include <map>
#include <string>

namespace mcast::control {

using api::Json;

namespace {

void add_rows(Json& rows, Json& copies, std::string_view where, Sums const& sums) {
    for (std::size_t i = 0; i < handoff::k_drop_reasons; ++i) {
        auto const reason = static_cast<handoff::Drop>(i);
        if (sums.drops[i] != 0) {
            rows.push_back({{"interface", where},
                            {"reason", name_of(reason)},
                            {"packets", sums.drops[i]},
                            {"meaning", handoff::explain(reason)}});
        }
    }
    for (std::size_t i = 0; i < handoff::k_copy_drop_reasons; ++i) {
        auto const reason = static_cast<handoff::CopyDrop>(i);
        if (sums.copy_drops[i] != 0) {
            copies.push_back({{"interface", where},
                              {"reason", name_of(reason)},
                              {"packets", sums.copy_drops[i]},
                              {"meaning", handoff::explain(reason)}});
        }
    }
}

void add_planned_away(Json& copies, std::string_view where, Sums const& sums) {
    if (sums.threshold != 0) {
        copies.push_back({{"interface", where},
                          {"reason", "threshold"},
                          {"packets", sums.threshold},
                          {"meaning", "not copied here: TTL at or below the interface's "
                                      "threshold; raise the sender's TTL or lower the threshold"}});
    }
    if (sums.link_down != 0) {
        copies.push_back({{"interface", where},
                          {"reason", "link_down"},
                          {"packets", sums.link_down},
                          {"meaning", "not copied here: the interface is down"}});
    }
}

// The messages given to the querier, by what it made of them; their sum is Fate::igmp_handled.
std::map<std::string, std::uint64_t> igmp_messages(Core const& core) {
    std::map<std::string, std::uint64_t> sums;
    core.interfaces.for_each([&](IfIndex i) {
        igmp::Counters const* const counters = core.igmp.engine().counters(i);
        for (auto const& counter : igmp::k_counters) {
            bool const counts_messages = counter.kind == igmp::CounterClass::message ||
                                         counter.kind == igmp::CounterClass::refusal;
            if (counters != nullptr && counts_messages && counters->*counter.member != 0) {
                std::string name = "igmp_" + std::string(counter.name);
                std::ranges::replace(name, '-', '_');
                sums[name] += counters->*counter.member;
            }
        }
    });
    return sums;
}

Json control_json(Core const& core) {
    Json control = Json::array();
    for (std::size_t i = 0; i < k_fates; ++i) {
        auto const fate = static_cast<Fate>(i);
        std::uint64_t const packets = core.counters.of(fate);
        if (packets != 0 && fate != Fate::igmp_handled) {
            control.push_back({{"name", name_of(fate)}, {"packets", packets}});
        }
    }
    for (auto const& [name, packets] : igmp_messages(core)) {
        control.push_back({{"name", name}, {"packets", packets}});
    }
    return control;
}

} // namespace

Json show_drops(Core const& core, TimePoint /*now*/) {
    Json rows = Json::array();
    Json copies = Json::array();
    core.interfaces.for_each([&](IfIndex i) {
        Sums const sums = sums_of_interface(core.shared, i);
        add_rows(rows, copies, core.interfaces.name(i), sums);
        add_planned_away(copies, core.interfaces.name(i), sums);
    });
    for (std::size_t p = 0; p < core.interfaces.ports(); ++p) {
        PortId const port{static_cast<PortId::rep>(p)};
        add_rows(rows, copies, "port " + core.interfaces.port_name(port),
                 sums_of_port(core.shared, port));
    }
    return {{"rows", std::move(rows)},
            {"copies", std::move(copies)},
            {"control", control_json(core)},
            {"accounting", accounting_json(core)},
            {"mbuf_balance", mbuf_balance_json(core)}};
}

} // namespace mcast::control
