// "What was pruned, and what is being grafted?": cursors are the place of the last row that was
// looked at, shown or not.
#include "show.h"
#include "show_dvmrp.h"

#include <charconv>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace mcast::control {

using api::Json;
using api::Reply;

namespace {

// Where a listing is: in which domain, in the order of DvmrpDomains::all(), and behind what there.
template <class Place>
struct Cursor {
    std::size_t domain = 0;
    std::optional<Place> after{};
};

std::vector<std::string> words_of(std::string const& cursor) {
    std::istringstream in(cursor);
    std::vector<std::string> words;
    for (std::string word; in >> word;) {
        words.push_back(word);
    }
    return words;
}

template <class T>
std::optional<T> number(std::string const& word) {
    T value{};
    auto const parsed = std::from_chars(word.data(), word.data() + word.size(), value);
    bool const good = parsed.ec == std::errc{} && parsed.ptr == word.data() + word.size();
    return good ? std::optional{value} : std::nullopt;
}

std::string text_of(dvmrp::GraftPlace const& place) {
    return fmt::format("{} {} {}", place.channel ? 1 : 0, to_string(place.tree.group),
                       to_string(place.tree.prefix));
}

std::string text_of(dvmrp::PrunePlace const& place) {
    return fmt::format("{} {} {} {} {}", text_of(dvmrp::GraftPlace{place.channel, place.tree}),
                       place.received ? 1 : 0, place.interface.value, to_string(place.neighbor),
                       to_string(place.host));
}

std::optional<bool> flag(std::string const& word) {
    return word == "0" || word == "1" ? std::optional{word == "1"} : std::nullopt;
}

// "DOMAIN CHANNEL GROUP PREFIX"
std::optional<dvmrp::GraftPlace> tree_of(std::vector<std::string> const& words) {
    auto const channel = flag(words[1]);
    auto const group = Ipv4::parse(words[2]);
    auto const prefix = Ipv4Prefix::parse(words[3]);
    return channel && group && prefix
               ? std::optional{dvmrp::GraftPlace{*channel, {*group, *prefix}}}
               : std::nullopt;
}

std::optional<dvmrp::GraftPlace> parse_place(std::vector<std::string> const& words,
                                             dvmrp::GraftPlace const* /*kind*/) {
    return words.size() == 4 ? tree_of(words) : std::nullopt;
}

// And " RECEIVED INTERFACE NEIGHBOR HOST"
std::optional<dvmrp::PrunePlace> parse_place(std::vector<std::string> const& words,
                                             dvmrp::PrunePlace const* /*kind*/) {
    auto const tree = words.size() == 8 ? tree_of(words) : std::nullopt;
    if (!tree) {
        return std::nullopt;
    }
    auto const received = flag(words[4]);
    auto const interface = number<IfIndex::rep>(words[5]);
    auto const neighbor = Ipv4::parse(words[6]);
    auto const host = Ipv4::parse(words[7]);
    if (!received || !interface || !neighbor || !host) {
        return std::nullopt;
    }
    return dvmrp::PrunePlace{tree->channel, tree->tree, *received, {*interface}, *neighbor, *host};
}

Json tree_json(Core const& core, DvmrpComponent const& domain, dvmrp::TreeKey const& tree,
               IfIndex interface, Ipv4 neighbor) {
    return {{"prefix", to_string(tree.prefix)},
            {"group", to_string(tree.group)},
            {"domain", domain.domain()},
            {"interface", core.interfaces.name(interface)},
            {"neighbor", to_string(neighbor)}};
}

IfIndex interface_of(dvmrp::PruneView const& view) {
    return view.place.interface;
}

IfIndex interface_of(dvmrp::GraftView const& view) {
    return view.interface;
}

Json row_of(Core const& core, DvmrpComponent const& domain, dvmrp::PruneView const& view,
            TimePoint now) {
    dvmrp::PrunePlace const& place = view.place;
    Json row = tree_json(core, domain, place.tree, place.interface, place.neighbor);
    row["direction"] = place.received ? "received" : "sent";
    row["host"] = place.host.is_unspecified() ? Json() : Json(to_string(place.host));
    row["lifetime_seconds"] = seconds(view.lifetime);
    row["expires_seconds"] = left(view.expires, now);
    row["repeats_seconds"] = left(view.resend_at, now);
    return row;
}

Json row_of(Core const& core, DvmrpComponent const& domain, dvmrp::GraftView const& view,
            TimePoint now) {
    Json row = tree_json(core, domain, view.place.tree, view.interface, view.neighbor);
    row["source"] = to_string(view.source);
    row["sent"] = view.sent;
    row["waiting_seconds"] = seconds(now - view.first_sent);
    row["repeats_seconds"] = left(view.resend_at, now);
    return row;
}

// `list` asks one engine. One look at one engine is a page, so that what it costs is bounded.
template <class Place, class List>
Reply page_of_trees(Core const& core, PageRequest const& request, std::optional<IfIndex> only,
                    List list) {
    Cursor<Place> cursor;
    auto const& domains = core.dvmrp.all();
    if (request.after) {
        auto const words = words_of(*request.after);
        auto const domain = words.empty() ? std::nullopt : number<std::size_t>(words.front());
        if (domain && words.size() > 1) {
            cursor.after = parse_place(words, static_cast<Place const*>(nullptr));
        }
        if (!domain || *domain >= domains.size() || (words.size() > 1 && !cursor.after)) {
            return bad_cursor(*request.after);
        }
        cursor.domain = *domain;
    }
    Json rows = Json::array();
    if (cursor.domain == domains.size()) {
        return page_reply(std::move(rows), std::nullopt); // no DVMRP at all
    }
    DvmrpComponent const& domain = *domains[cursor.domain];
    auto const page = list(domain.engine(), cursor.after, request.limit, request.now);
    for (auto const& view : page.rows) {
        if (!only || *only == interface_of(view)) {
            rows.push_back(row_of(core, domain, view, request.now));
        }
    }
    if (page.next) {
        return page_reply(std::move(rows),
                          fmt::format("{} {}", cursor.domain, text_of(*page.next)));
    }
    bool const last = cursor.domain + 1 == domains.size();
    return page_reply(std::move(rows),
                      last ? std::nullopt : std::optional{std::to_string(cursor.domain + 1)});
}

} // namespace

Reply dvmrp_prunes(Core const& core, PageRequest const& request, std::optional<IfIndex> only) {
    return page_of_trees<dvmrp::PrunePlace>(
        core, request, only,
        [](dvmrp::Engine const& engine, std::optional<dvmrp::PrunePlace> const& after,
           std::size_t limit, TimePoint now) { return engine.prunes(after, limit, now); });
}

Reply dvmrp_grafts(Core const& core, PageRequest const& request, std::optional<IfIndex> only) {
    return page_of_trees<dvmrp::GraftPlace>(
        core, request, only,
        [](dvmrp::Engine const& engine, std::optional<dvmrp::GraftPlace> const& after,
           std::size_t limit, TimePoint) { return engine.grafts(after, limit); });
}

} // namespace mcast::control
