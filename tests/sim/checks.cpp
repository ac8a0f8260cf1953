#include "checks.h"

#include <fmt/format.h>

namespace mcast::sim {

namespace {

std::string text_of(Toward const& it) {
    return fmt::format("metric {} by interface {} from {}", it.metric, it.interface.value,
                       to_string(it.neighbor));
}

std::size_t link_of(World const& world, Ipv4 address) {
    for (std::size_t l = 0; l < world.topology.links.size(); ++l) {
        if (world.topology.links[l].net.contains(address)) {
            return l;
        }
    }
    return 0;
}

} // namespace

std::string wrong_route(World& world) {
    Oracle const oracle(world);
    for (std::size_t r = 0; r < world.topology.routers.size(); ++r) {
        for (std::size_t l = 0; world.alive(r) && l < world.topology.links.size(); ++l) {
            Toward const is = world.router(r).toward(world.topology.links[l].net);
            Toward const should = oracle.toward(r, l);
            bool const same = is == should ||
                              (is.metric == Toward::k_untold && should.metric < 32 &&
                               is.interface == should.interface && is.neighbor == should.neighbor);
            if (!same) {
                return fmt::format("router {} to link {}: {}, should be {}", r, l, text_of(is),
                                   text_of(should));
            }
        }
    }
    return {};
}

std::string wrong_delivery(World& world, std::uint64_t number) {
    Oracle const oracle(world);
    Passage const& passage = world.passage(number);
    std::size_t const source = link_of(world, passage.flow.source);
    for (std::size_t h = 0; h < world.host_count(); ++h) {
        Host const& host = world.host(h);
        bool const should =
            host.wants(passage.flow.group) && host.address() != passage.flow.source &&
            !world.is_cut(world.link_of_host(h)) && oracle.reaches(source, world.link_of_host(h));
        auto const it = host.got().find(number);
        unsigned const times = it == host.got().end() ? 0 : it->second;
        if (times != (should ? 1U : 0U)) {
            return fmt::format("datagram {} of {} came {} times to host {} on link {}", number,
                               to_string(passage.flow), times, h, world.link_of_host(h));
        }
    }
    return {};
}

std::string wrong_links(World& world, std::uint64_t number, bool pruned) {
    Passage const& passage = world.passage(number);
    std::set<std::size_t> members;
    for (std::size_t h = 0; h < world.host_count(); ++h) {
        if (world.host(h).wants(passage.flow.group)) {
            members.insert(world.link_of_host(h));
        }
    }
    Oracle const oracle(world);
    std::size_t const source = link_of(world, passage.flow.source);
    auto const must = oracle.tree(source, members);
    auto const may = pruned ? must : oracle.broadcast(source, members);
    for (std::size_t l = 0; l < world.topology.links.size(); ++l) {
        auto const it = passage.carried.find(l);
        unsigned const times = it == passage.carried.end() ? 0 : it->second;
        if (times > (may.contains(l) ? 1U : 0U) || times < (must.contains(l) ? 1U : 0U)) {
            return fmt::format("datagram {} of {} went {} times over link {}", number,
                               to_string(passage.flow), times, l);
        }
    }
    return {};
}

} // namespace mcast::sim
