// ssm-ranges and ssm-map of [igmp].
#include "draft.h"
#include "words.h"

#include <algorithm>

#include <fmt/format.h>

namespace mcast::config {

namespace {

void read_ssm_ranges(Section& section, igmp::Config& config) {
    if (!section.has("ssm-ranges")) {
        return;
    }
    config.ssm_ranges.clear();
    for (auto const& item : section.texts("ssm-ranges")) {
        auto const prefix = Ipv4Prefix::parse(item.value);
        if (!prefix || !prefix->network().is_multicast() || prefix->length < 4) {
            section.reporter().error(
                item.at,
                fmt::format("an item of ssm-ranges in [igmp] is {}, which is no prefix of groups",
                            quoted(item.value)),
                "write a prefix within 224.0.0.0/4, such as \"232.0.0.0/8\"");
        } else if (require_no_host_bits(*prefix, item.at, "an item of ssm-ranges in [igmp]",
                                        section.reporter())) {
            config.ssm_ranges.push_back(*prefix);
        }
    }
}

// ssm-map = [{ groups = "232.1.0.0/16", sources = ["10.0.0.5"] }]
void read_mapping(Section& section, igmp::Config const& config, igmp::SsmMapping& mapping) {
    constexpr std::size_t k_most_sources = 64;
    section.require("groups", "groups = \"232.1.0.0/16\"");
    section.require("sources", "sources = [\"10.0.0.5\"]");
    auto const what = fmt::format("groups in {}", section.title());
    auto const groups = section.prefix("groups");
    bool const ssm = groups && std::ranges::any_of(config.ssm_ranges, [&](Ipv4Prefix range) {
                         return range.length <= groups->length && range.contains(groups->address);
                     });
    if (groups && !ssm) {
        section.reporter().error(
            section.at("groups"),
            fmt::format("{} is \"{}\", which is not within ssm-ranges", what, to_string(*groups)),
            "other groups need no sources; remove it, or widen ssm-ranges");
    } else if (groups &&
               require_no_host_bits(*groups, section.at("groups"), what, section.reporter())) {
        mapping.groups = *groups;
    }
    auto const items = section.texts("sources");
    for (auto const& item : items) {
        auto const source = Ipv4::parse(item.value);
        if (!source || !is_source(*source)) {
            section.reporter().error(item.at,
                                     fmt::format("an item of sources in {} is {}, which no sender "
                                                 "can have",
                                                 section.title(), quoted(item.value)),
                                     "write the sender's own address, such as \"10.0.0.5\"");
        } else {
            mapping.sources.push_back(*source);
        }
    }
    if (section.has("sources") && (items.empty() || items.size() > k_most_sources)) {
        section.reporter().error(
            section.at("sources"),
            fmt::format("sources in {} has {} items", section.title(), items.size()),
            fmt::format("name 1 to {}", k_most_sources));
    }
    section.finish();
}

void read_ssm_map(Section& section, igmp::Config& config) {
    constexpr std::size_t k_most = 256; // each older report is held against them
    auto const tables = section.tables("ssm-map");
    limit_items(section, tables, "ssm-map", k_most);
    for (std::size_t n = 0; n < tables.size(); ++n) {
        Section mapping(*tables[n], fmt::format("item {} of ssm-map in [igmp]", n + 1),
                        section.reporter());
        read_mapping(mapping, config, config.ssm_map.emplace_back());
    }
}

} // namespace

void read_ssm(Section& section, igmp::Config& config) {
    read_ssm_ranges(section, config);
    read_ssm_map(section, config);
}

} // namespace mcast::config
