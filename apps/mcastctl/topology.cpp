#include "topology.h"

#include "cells.h"

#include <fmt/format.h>

namespace mcast::ctl {

namespace {

Json neighbors_on(Json const& all, Json const& interface) {
    Json some = Json::array();
    for (Json const& it : all) {
        if (it.at("interface") == interface) {
            some.push_back({{"address", it.at("neighbor")}, {"state", it.at("state")}});
        }
    }
    return some;
}

std::string place_of(Json const& it) {
    std::string const address = text_of(it.at("address"));
    Json const& remote = member(it, "tunnel.remote");
    return remote.is_null() ? address : fmt::format("{} tunnel to {}", address, text_of(remote));
}

Json interface_of(Json const& it, Json const& neighbors) {
    Json const& igmp = it.at("igmp");
    return {{"name", it.at("name")},
            {"address", place_of(it)},
            {"up", it.at("up")},
            {"owner", it.at("owner")},
            {"groups", igmp.is_null() ? Json(0) : igmp.at("groups")},
            {"neighbors", neighbors_on(neighbors, it.at("name"))}};
}

Json stream_of(Json const& entry) {
    return {{"source", entry.at("source")},   {"group", entry.at("group")},
            {"arrival", entry.at("arrival")}, {"outputs", entry.at("outputs")},
            {"state", entry.at("state")},     {"packets", entry.at("packets")}};
}

// What may stand between the quotes of a string of the DOT language.
std::string escaped(std::string_view text) {
    std::string all;
    for (char const c : text) {
        if (c == '"' || c == '\\') {
            all += '\\';
        }
        all += c;
    }
    return all;
}

// Lines of a label, or one name.
template <class... Lines>
std::string in_quotes(std::string_view first, Lines const&... more) {
    std::string all = '"' + escaped(first);
    ((all += "\\n" + escaped(more)), ...);
    return all + '"';
}

std::string node_of_interface(Json const& it) {
    std::string const name = text_of(it.at("name"));
    std::string const owner =
        it.at("owner").is_null() ? "no owner" : "owner " + text_of(it.at("owner"));
    return fmt::format("    {} [label={}{}];\n", in_quotes("if " + name),
                       in_quotes(name, text_of(it.at("address")), owner),
                       it.at("up") == true ? "" : ", style=dashed");
}

std::string around_interface(Json const& it) {
    std::string const name = text_of(it.at("name"));
    std::string const interface = in_quotes("if " + name);
    std::string all;
    for (Json const& neighbor : it.at("neighbors")) {
        std::string const address = text_of(neighbor.at("address"));
        std::string const node = in_quotes(fmt::format("router {} {}", name, address));
        all += fmt::format("  {} [shape=ellipse, label={}];\n  {} -> {} [dir=none];\n", node,
                           in_quotes(address, text_of(neighbor.at("state"))), interface, node);
    }
    if (it.at("groups") != 0) {
        std::string const node = in_quotes("hosts " + name);
        all += fmt::format("  {} [shape=plaintext, label=\"hosts, groups: {}\"];\n"
                           "  {} -> {} [dir=none];\n",
                           node, it.at("groups").dump(), interface, node);
    }
    return all;
}

std::string stream_in_dot(std::size_t number, Json const& it) {
    std::string const node = in_quotes(fmt::format("stream {}", number));
    std::string all = fmt::format("    {} [shape=note, label={}];\n", node,
                                  in_quotes(text_of(it.at("source")), text_of(it.at("group")),
                                            "packets: " + it.at("packets").dump()));
    if (!it.at("arrival").is_null()) {
        all += fmt::format("    {} -> {} [color=blue];\n",
                           in_quotes("if " + text_of(it.at("arrival"))), node);
    }
    for (Json const& output : it.at("outputs")) {
        all += fmt::format("    {} -> {} [color=darkgreen];\n", node,
                           in_quotes("if " + text_of(output)));
    }
    return all;
}

} // namespace

std::string text_of(Json const& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

Json topology(std::string_view router, Json const& interfaces, Json const& neighbors,
              Json const& entries) {
    Json links = Json::array();
    for (Json const& it : interfaces) {
        links.push_back(interface_of(it, neighbors));
    }
    Json streams = Json::array();
    for (Json const& it : entries) {
        streams.push_back(stream_of(it));
    }
    return {{"router", router}, {"interfaces", std::move(links)}, {"streams", std::move(streams)}};
}

std::string topology_dot(Json const& topology) {
    std::string all = "digraph topology {\n  rankdir=LR;\n  node [shape=box];\n"
                      "  subgraph cluster_router {\n    label=" +
                      in_quotes(text_of(topology.at("router"))) + ";\n";
    std::string outside;
    for (Json const& it : topology.at("interfaces")) {
        all += node_of_interface(it);
        outside += around_interface(it);
    }
    Json const& streams = topology.at("streams");
    for (std::size_t n = 0; n < streams.size() && n < k_streams_drawn; ++n) {
        all += stream_in_dot(n, streams[n]);
    }
    if (streams.size() > k_streams_drawn) {
        all += fmt::format("    more [shape=plaintext, label=\"and {} streams more\"];\n",
                           streams.size() - k_streams_drawn);
    }
    return all + "  }\n" + outside + "}\n";
}

} // namespace mcast::ctl
