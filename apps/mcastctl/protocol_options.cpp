#include "protocol_options.h"

#include <array>

#include <fmt/format.h>

namespace mcast::ctl {

namespace {

constexpr std::array<char const*, 5> k_later_deletions{"counters", "alerts", "entries", "events",
                                                       "routes"};

// What may follow a word about IGMP.
struct IgmpPage {
    char const* name;
    char const* description;
    bool by_group; // takes a group behind or before the interface
};

constexpr std::array<IgmpPage, 6> k_igmp_pages{{
    {"interfaces", "the querier on each link, its timers, and the values in force", false},
    {"groups", "groups that hosts have joined: mode, version, expiry, last reporter", true},
    {"sources", "sources of those groups: wanted or blocked, and how long still", true},
    {"hosts", "members of those groups one by one, where host-tracking is on", true},
    {"joins", "groups of which this router is a member itself", true},
    {"statistics", "every counter of IGMP, by interface", false},
}};

constexpr std::array<Page, 6> k_dvmrp_pages{{
    {"interfaces", "where DVMRP runs: metric, neighbours, messages"},
    {"neighbors", "routers that speak DVMRP: state, version, flags, how long still"},
    {"routes", "the way to sources, and who below depends on us for it"},
    {"prunes", "what routers below pruned, and what we pruned above: how long still"},
    {"grafts", "grafts of ours that the router above has not acknowledged"},
    {"statistics", "every counter of DVMRP, by interface"},
}};

constexpr std::array<IgmpPage, 4> k_igmp_deletions{{
    {"groups", "forget groups; hosts are asked again", true},
    {"interfaces", "forget groups and querier, and begin as when the link comes up", false},
    {"querier", "forget the querier, and stand for election again; groups stay", false},
    {"statistics", "let the counters of show igmp statistics begin again", false},
}};

constexpr std::array<Page, 4> k_dvmrp_deletions{{
    {"neighbors", "forget the routers there, and all they said; they are heard anew"},
    {"routes", "forget the ways to sources that neighbours told; they tell them again"},
    {"prunes", "forget prunes, theirs and ours; streams flow until they are pruned again"},
    {"statistics", "let the counters of show dvmrp statistics begin again"},
}};

// "an interface", or with a group too.
void add_where(CLI::App& command, Raw& raw, IgmpPage const& page) {
    add_words(command, raw, page.by_group ? "WHERE" : "INTERFACE",
              page.by_group ? "an interface, a group, or both" : "only this one",
              page.by_group ? 2 : 1);
}

api::Request request_about(char const* protocol, char const* verb, char const* page,
                           std::vector<std::string> const& words) {
    api::Request request{verb, {protocol, page}, {}};
    request.arguments.insert(request.arguments.end(), words.begin(), words.end());
    return request;
}

} // namespace

void add_later(CLI::App& app, std::string const& before, char const* name, std::string& later) {
    CLI::App* const command = app.add_subcommand(name, "not in this version");
    command->group("");
    command->prefix_command();
    command->allow_extras();
    command->fallthrough(false);
    command->callback([&later, command, before, name] {
        later = before + name;
        auto const words = command->remaining();
        bool const verb = before.empty() && !words.empty() && !words.front().starts_with('-');
        later += verb ? " " + words.front() : "";
    });
}

void add_words(CLI::App& command, Raw& raw, char const* name, char const* description, int most) {
    command.add_option(name, raw.words, description)->option_text(" ")->expected(0, most);
}

void add_show_igmp(CLI::App& show, Raw& raw, Options& options) {
    CLI::App* const igmp = show.add_subcommand("igmp", "what IGMP knows and counts");
    igmp->require_subcommand(1);
    igmp->footer("\nExamples:\n  mcastctl show igmp interfaces\n"
                 "  mcastctl show igmp groups lan --watch=1");
    for (IgmpPage const& page : k_igmp_pages) {
        CLI::App* const command = igmp->add_subcommand(page.name, page.description);
        add_where(*command, raw, page);
        command->footer(fmt::format("\nExamples:\n  mcastctl show igmp {0}\n"
                                    "  mcastctl show igmp {0} lan{1} -o json\n"
                                    "  mcastctl show igmp {0} --watch=1",
                                    page.name, page.by_group ? " 239.1.1.1" : ""));
        command->callback([&raw, &options, &page] {
            options.task = Task::list;
            options.request = request_about("igmp", "show", page.name, raw.words);
        });
    }
}

void add_show_dvmrp(CLI::App& show, Raw& raw, Options& options) {
    CLI::App* const dvmrp = show.add_subcommand("dvmrp", "what DVMRP knows and counts");
    dvmrp->require_subcommand(1);
    dvmrp->footer("\nExamples:\n  mcastctl show dvmrp neighbors\n"
                  "  mcastctl show dvmrp routes --watch=1");
    for (Page const& page : k_dvmrp_pages) {
        CLI::App* const command = dvmrp->add_subcommand(page.name, page.description);
        add_words(*command, raw, "INTERFACE", "only this one", 1);
        command->footer(fmt::format("\nExamples:\n  mcastctl show dvmrp {0}\n"
                                    "  mcastctl show dvmrp {0} lan -o json",
                                    page.name));
        command->callback([&raw, &options, &page] {
            options.task = Task::list;
            options.request = request_about("dvmrp", "show", page.name, raw.words);
        });
    }
}

void add_clear(CLI::App& app, Raw& raw, Options& options) {
    CLI::App* const clear =
        app.add_subcommand("clear", "forget what is known, so that it is learnt anew");
    clear->require_subcommand(1);
    clear->footer("\nExample:\n  mcastctl clear igmp groups lan");
    CLI::App* const igmp = clear->add_subcommand("igmp", "of what IGMP knows and counts");
    igmp->require_subcommand(1);
    igmp->footer("\nExamples:\n  mcastctl clear igmp statistics\n"
                 "  mcastctl clear igmp groups lan 239.1.1.1");
    for (IgmpPage const& page : k_igmp_deletions) {
        CLI::App* const command = igmp->add_subcommand(page.name, page.description);
        add_where(*command, raw, page);
        command->footer(
            fmt::format("\nExamples:\n  mcastctl clear igmp {0}\n  mcastctl clear igmp {0} lan{1}",
                        page.name, page.by_group ? " 239.1.1.1" : ""));
        command->callback([&raw, &options, &page] {
            options.task = Task::order;
            options.request = request_about("igmp", "clear", page.name, raw.words);
        });
    }
    CLI::App* const dvmrp = clear->add_subcommand("dvmrp", "of what DVMRP knows and counts");
    dvmrp->require_subcommand(1);
    dvmrp->footer("\nExamples:\n  mcastctl clear dvmrp statistics\n"
                  "  mcastctl clear dvmrp neighbors lan");
    for (Page const& page : k_dvmrp_deletions) {
        CLI::App* const command = dvmrp->add_subcommand(page.name, page.description);
        add_words(*command, raw, "INTERFACE", "only this one", 1);
        command->footer(fmt::format(
            "\nExamples:\n  mcastctl clear dvmrp {0}\n  mcastctl clear dvmrp {0} lan", page.name));
        command->callback([&raw, &options, &page] {
            options.task = Task::order;
            options.request = request_about("dvmrp", "clear", page.name, raw.words);
        });
    }
    for (char const* const name : k_later_deletions) {
        add_later(*clear, "clear ", name, raw.later);
    }
}

void add_igmp(CLI::App& app, Raw& raw, Options& options) {
    CLI::App* const igmp = app.add_subcommand("igmp", "what IGMP is to do now");
    igmp->require_subcommand(1);
    igmp->footer("\nExample:\n  mcastctl igmp query lan");
    CLI::App* const query =
        igmp->add_subcommand("query", "ask hosts once what they want, beside the usual queries");
    query->add_option("INTERFACE", raw.interface, "on this interface")->required();
    query->add_option("GROUP", raw.group, "who wants this group");
    query->footer("\nExamples:\n  mcastctl igmp query lan\n  mcastctl igmp query lan 239.1.1.1");
    query->callback([&raw, &options] {
        options.task = Task::order;
        options.request = {"igmp", {"query", raw.interface}, {}};
        if (!raw.group.empty()) {
            options.request.arguments.push_back(raw.group);
        }
    });
}

} // namespace mcast::ctl
