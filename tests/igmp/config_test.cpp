#include "mcast/igmp/config.h"

#include <gtest/gtest.h>

namespace mcast::igmp {
namespace {

using namespace std::chrono_literals;

struct Case {
    char const* name;
    void (*change)(InterfaceConfig&);
    char const* fault; // the member at fault, or "" when the configuration is good
};

class IgmpConfig : public testing::TestWithParam<Case> {};

TEST_P(IgmpConfig, IsJudged) {
    InterfaceConfig config;
    GetParam().change(config);
    auto const fault = check(config);
    EXPECT_EQ(fault ? fault->member : "", GetParam().fault);
    if (fault) {
        EXPECT_NE(fault->sentence.find(fault->member), std::string::npos);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Rules, IgmpConfig,
    testing::Values(
        Case{"defaults", [](InterfaceConfig&) {}, ""},
        Case{"version0", [](InterfaceConfig& c) { c.version = 0; }, "version"},
        Case{"version4", [](InterfaceConfig& c) { c.version = 4; }, "version"},
        // Nobody would be heard.
        Case{"deafInVersion1", [](InterfaceConfig& c) { c.version = 1, c.ignore_v1 = true; },
             "ignore_v1"},
        Case{"deafInVersion2", [](InterfaceConfig& c) { c.version = 2, c.ignore_v2 = true; },
             "ignore_v2"},
        Case{"version2Alone", [](InterfaceConfig& c) { c.version = 2, c.ignore_v1 = true; }, ""},
        Case{"incompatible2", [](InterfaceConfig& c) { c.version = 2, c.compatibility = false; },
             "compatibility"},
        Case{"incompatible3", [](InterfaceConfig& c) { c.compatibility = false; }, ""},
        Case{"robustness0", [](InterfaceConfig& c) { c.robustness = 0; }, "robustness"},
        Case{"robustness7", [](InterfaceConfig& c) { c.robustness = 7; }, ""},
        Case{"robustness8", [](InterfaceConfig& c) { c.robustness = 8; }, "robustness"},
        // IGMP-7: 31744 s is the longest that QQIC can say.
        Case{"longestInterval", [](InterfaceConfig& c) { c.query_interval = 31744s; }, ""},
        Case{"tooLongInterval", [](InterfaceConfig& c) { c.query_interval = 31745s; },
             "query_interval"},
        Case{"noInterval", [](InterfaceConfig& c) { c.query_interval = 0s; }, "query_interval"},
        // IGMP-9: the response interval must be below the query interval.
        Case{"responseEqual", [](InterfaceConfig& c) { c.query_interval = 10s; },
             "query_response_interval"},
        Case{"responseZero", [](InterfaceConfig& c) { c.query_response_interval = 0s; },
             "query_response_interval"},
        Case{"responseLong3",
             [](InterfaceConfig& c) {
                 c.query_interval = 31744s;
                 c.query_response_interval = 3174500ms;
             },
             "query_response_interval"},
        Case{"responseOfVersion1",
             [](InterfaceConfig& c) {
                 c.version = 1;
                 c.query_interval = 10s;
                 c.query_response_interval = 1s;
             },
             "query_interval"},
        // IGMP-12: version 2 has a linear byte, 25.5 s at most.
        Case{"response30v2",
             [](InterfaceConfig& c) {
                 c.version = 2;
                 c.query_response_interval = 30s;
             },
             "query_response_interval"},
        Case{"response25v2",
             [](InterfaceConfig& c) {
                 c.version = 2;
                 c.query_response_interval = 25500ms;
             },
             ""},
        Case{"lastMember30v2",
             [](InterfaceConfig& c) {
                 c.version = 2;
                 c.last_member_query_interval = 26s;
             },
             "last_member_query_interval"},
        Case{"lastMemberShort", [](InterfaceConfig& c) { c.last_member_query_interval = 99ms; },
             "last_member_query_interval"},
        Case{"lastMemberCount", [](InterfaceConfig& c) { c.last_member_query_count = 0; },
             "last_member_query_count"},
        Case{"startupCount", [](InterfaceConfig& c) { c.startup_query_count = 0; },
             "startup_query_count"},
        Case{"startupInterval", [](InterfaceConfig& c) { c.startup_query_interval = 0s; },
             "startup_query_interval"},
        Case{"noGroups", [](InterfaceConfig& c) { c.max_groups = 0; }, "max_groups"},
        Case{"noSources", [](InterfaceConfig& c) { c.max_sources = 0; }, "max_sources"},
        Case{"hostAboveAll", [](InterfaceConfig& c) { c.new_state_rate_per_host = 2001; },
             "new_state_rate_per_host"},
        Case{"noRateAtAll", [](InterfaceConfig& c) { c.new_state_rate = 0; }, ""},
        Case{"noRateOfOne", [](InterfaceConfig& c) { c.new_state_rate_per_host = 0; }, ""},
        Case{"noHosts", [](InterfaceConfig& c) { c.max_hosts = 0; }, "max_hosts"},
        Case{"hostGroupsUntracked", [](InterfaceConfig& c) { c.max_groups_per_host = 5; },
             "max_groups_per_host"},
        Case{"hostGroupsTracked",
             [](InterfaceConfig& c) {
                 c.host_tracking = true;
                 c.max_groups_per_host = 5;
             },
             ""},
        Case{"noHostGroups",
             [](InterfaceConfig& c) {
                 c.host_tracking = true;
                 c.max_groups_per_host = 0;
             },
             "max_groups_per_host"},
        Case{"querierTimeout", [](InterfaceConfig& c) { c.querier_timeout = 125s; },
             "querier_timeout"},
        Case{"hearsNobody", [](InterfaceConfig& c) { c.passive_receive = false; },
             "passive_receive"},
        Case{"asksPassively", [](InterfaceConfig& c) { c.passive_general_queries = true; },
             "passive_general_queries"},
        Case{"checksPassively", [](InterfaceConfig& c) { c.passive_group_queries = true; },
             "passive_group_queries"},
        Case{"passiveInPart",
             [](InterfaceConfig& c) { c.passive = c.passive_group_queries = true; }, ""},
        Case{"noFloor", [](InterfaceConfig& c) { c.adopted_interval_floor = 999ms; },
             "adopted_interval_floor"},
        Case{"advertisesTooOften", [](InterfaceConfig& c) { c.advertisement_interval = 3s; },
             "advertisement_interval"},
        Case{"advertisesTooSeldom", [](InterfaceConfig& c) { c.advertisement_interval = 181s; },
             "advertisement_interval"},
        Case{"advertisesInParts", [](InterfaceConfig& c) { c.advertisement_interval = 4500ms; },
             "advertisement_interval"},
        Case{"querierTimeoutGood", [](InterfaceConfig& c) { c.querier_timeout = 126s; }, ""},
        Case{"percent", [](InterfaceConfig& c) { c.group_warning_percent = 101; },
             "group_warning_percent"}),
    [](auto const& it) { return it.param.name; });

} // namespace
} // namespace mcast::igmp
