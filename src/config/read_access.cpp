// queriers = ["192.0.2.1/32"] and access = [{ action = "deny", hosts = "192.0.2.66/32" }, ...] of
// [interface.igmp].
#include "draft.h"
#include "words.h"

#include <fmt/format.h>

namespace mcast::config {

namespace {

enum class Kind : std::uint8_t { of_hosts, of_groups };

std::optional<Ipv4Prefix> read_prefix(Section& rule, std::string_view key, Kind kind) {
    auto const prefix = rule.prefix(key);
    if (!prefix) {
        return std::nullopt;
    }
    bool const groups = prefix->network().is_multicast() && prefix->length >= 4;
    bool const hosts = !prefix->network().is_multicast();
    auto const what = fmt::format("{} in {}", key, rule.title());
    if (kind == Kind::of_groups && !groups) {
        rule.reporter().error(
            rule.at(key),
            fmt::format("{} is \"{}\", which is no prefix of groups", what, to_string(*prefix)),
            "write a prefix within 224.0.0.0/4, such as \"239.1.0.0/16\"");
    } else if (kind == Kind::of_hosts && !hosts) {
        rule.reporter().error(
            rule.at(key),
            fmt::format("{} is \"{}\", which is a prefix of groups", what, to_string(*prefix)),
            "write a prefix of unicast addresses, such as \"192.0.2.66/32\"");
    } else if (require_no_host_bits(*prefix, rule.at(key), what, rule.reporter())) {
        return prefix;
    }
    return std::nullopt;
}

igmp::AccessRule read_rule(Section& rule) {
    igmp::AccessRule result;
    rule.require("action", "action = \"deny\"");
    if (auto const action = rule.word("action", {"deny", "permit"})) {
        result.permit = *action == 1;
    }
    result.hosts = read_prefix(rule, "hosts", Kind::of_hosts);
    result.groups = read_prefix(rule, "groups", Kind::of_groups);
    result.sources = read_prefix(rule, "sources", Kind::of_hosts);
    rule.finish();
    return result;
}

} // namespace

void read_queriers(Section& section, std::vector<Ipv4Prefix>& queriers) {
    auto const what = fmt::format("an item of queriers in {}", section.title());
    for (auto const& item : section.texts("queriers")) {
        auto const prefix = Ipv4Prefix::parse(item.value);
        if (!prefix || prefix->network().is_multicast()) {
            section.reporter().error(
                item.at,
                fmt::format("{} is {}, which is no prefix of routers", what, quoted(item.value)),
                "write a prefix of unicast addresses, such as \"192.0.2.1/32\"");
        } else if (require_no_host_bits(*prefix, item.at, what, section.reporter())) {
            queriers.push_back(*prefix);
        }
    }
}

void read_access(Section& section, igmp::AccessList& list) {
    auto const tables = section.tables("access");
    limit_items(section, tables, "access", igmp::k_max_access_rules);
    for (std::size_t n = 0; n < tables.size(); ++n) {
        Section rule(*tables[n], fmt::format("rule {} of access in {}", n + 1, section.title()),
                     section.reporter());
        std::size_t const errors_before = section.reporter().count();
        list.push_back(read_rule(rule));
        auto const earlier = igmp::covered_by(list, n);
        if (earlier && section.reporter().count() == errors_before) {
            section.reporter().error(
                rule.position(),
                fmt::format("{} never decides anything: rule {} fits all that it fits",
                            rule.title(), *earlier + 1),
                fmt::format("move it before rule {}, or remove it", *earlier + 1));
        }
    }
}

} // namespace mcast::config
