// Golden pages: what people see of data in the shapes of include/mcast/api/shapes.md.
#include "views.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mcast::ctl {
namespace {

std::string show(std::string_view page, std::string_view json) {
    return view({"show", {std::string{page}}, Json::object()}, Json::parse(json), false);
}

TEST(View, Ports) {
    EXPECT_EQ(
        show("ports", R"([
        {"name":"wan","device":"0000:01:00.0","driver":"net_ixgbe","link":"up","speed_mbps":10000,
         "mac":"02:00:00:00:00:01","mac_mode":"router","multicast_mode":"list","queues":2,"mtu":9000,
         "numa_node":0,"capabilities":{},"fallbacks":[],"received":123456,"sent":7,"missed":0,
         "errors":0,"no_buffer":0},
        {"name":"lan","device":"net_null0","driver":"net_null","link":"down","speed_mbps":null,
         "mac":"02:00:00:00:00:02","mac_mode":"own","multicast_mode":"all","queues":1,"mtu":1500,
         "numa_node":null,"capabilities":{},"fallbacks":["no RSS: as it likes","MTU refused"],
         "received":0,"sent":0,"missed":3,"errors":0,"no_buffer":0}])"),
        R"(PORT  DEVICE        DRIVER     LINK  MBIT/S  MAC                SOURCE-MAC  MULTICAST  QUEUES  NODE   MTU  RECEIVED  SENT  MISSED  ERRORS  NO-BUFFER
wan   0000:01:00.0  net_ixgbe  up     10000  02:00:00:00:00:01  router      list            2     0  9000    123456     7       0       0          0
lan   net_null0     net_null   down       -  02:00:00:00:00:02  own         all             1     -  1500         0     0       3       0          0

Fallbacks
PORT  FALLBACK
lan   no RSS: as it likes
lan   MTU refused
)");
}

TEST(View, Interfaces) {
    EXPECT_EQ(
        show("interfaces", R"([
        {"name":"tv","port":"lan","vlan":100,"address":"192.0.2.1/24","tunnel":null,"mtu":1500,"up":true,
         "ttl_threshold":1,"boundaries":["239.192.0.0/14"],"protocols":["igmp","static"],
         "owner":"static","igmp":{"version":3,"role":"querier","querier":"192.0.2.1",
         "next_query_seconds":12.5,"groups":4},"received":10,"forwarded":9,"sent":27},
        {"name":"up","port":"wan","vlan":0,"address":"198.51.100.2/32",
         "tunnel":{"over":"wan","remote":"10.9.8.7"},"mtu":1480,"up":false,
         "ttl_threshold":16,"boundaries":[],"protocols":[],"owner":null,"igmp":null,
         "received":0,"forwarded":0,"sent":0}])"),
        R"(INTERFACE  PORT  VLAN  ADDRESS          TUNNEL-TO   MTU  UP   TTL  PROTOCOLS    OWNER   IGMP     QUERIER    GROUPS  RECEIVED  SENT  BOUNDARIES
tv         lan    100  192.0.2.1/24     -          1500  yes    1  igmp,static  static  querier  192.0.2.1       4        10    27  239.192.0.0/14
up         wan      0  198.51.100.2/32  10.9.8.7   1480  no    16  -            -       -        -               -         0     0  -
)");
}

TEST(View, Proxy) {
    EXPECT_EQ(show("proxy", R"({"configured":false})"),
              "no proxy: the configuration has no [proxy]\n");
    std::string const page = show("proxy", R"({"configured":true,"upstream":{"interface":"wan",
        "holds":true,"configured_version":3,"robustness":2,"version":2,"up":true,
        "address":"10.5.0.2/24","querier":{"address":"10.5.0.1","version":2,
        "heard_ago_seconds":4.2},"v1_querier_seconds":null,"v2_querier_seconds":345.8,
        "next_answer_seconds":null,"next_retransmission_seconds":0.4,"groups":3,"pending":1,
        "counters":{"sent-reports-v2":4,"sent-leaves":0},"heard":{"received":9}},
        "downstream":[{"interface":"lan","holds":true,"forwards":false,"querier":"10.2.0.9"}],
        "sole_forwarder":false})");
    for (std::string_view const part :
         {"upstream wan", "2 of 3", "10.5.0.1, version 2, heard 4.2s ago",
          "version 1 for -, version 2 for 5m46s", "3, 1 with changes to report again",
          "answer in -, repetition in 0.4s", "sent-reports-v2", "received"}) {
        EXPECT_NE(page.find(part), std::string::npos) << part << " is not in\n" << page;
    }
    EXPECT_EQ(page.find("sent-leaves"), std::string::npos) << page;
}

TEST(View, ProxyGroups) {
    EXPECT_EQ(show("proxy-groups", R"([
        {"group":"239.1.1.1","filter":"exclude","sources":["10.1.1.1","10.1.1.2"],"ended":false,
         "pending_filter_reports":1,"pending_sources":[{"source":"10.1.1.2","reports":2}],
         "next_report_seconds":null,"last_reporter":false},
        {"group":"239.1.1.2","filter":"include","sources":[],"ended":true,
         "pending_filter_reports":0,"pending_sources":[],"next_report_seconds":2.5,
         "last_reporter":true}])"),
              R"(GROUP      FILTER   SOURCES            ENDED  STILL-REPORTED         NEXT
239.1.1.1  exclude  10.1.1.1,10.1.1.2  no     filter x1,10.1.1.2 x2     -
239.1.1.2  include  -                  yes    -                      2.5s
)");
}

TEST(View, Groups) {
    EXPECT_EQ(
        show("groups", R"([
        {"interface":"tv","group":"232.1.1.1","mode":"include","compat":3,"sources":[
         {"source":"10.1.1.1","state":"forward","expires_seconds":200},
         {"source":"10.1.1.2","state":"block","expires_seconds":null}],
         "expires_seconds":255.4,"last_reporter":"192.0.2.9","uptime_seconds":7505,"origin":"igmp"},
        {"interface":"lan","group":"239.1.1.1","mode":"exclude","compat":2,"sources":[],
         "expires_seconds":null,"last_reporter":null,"uptime_seconds":3,"origin":"static"}])"),
        R"(INTERFACE  GROUP      MODE     SOURCES             VERSION  EXPIRES  UPTIME  LAST-REPORTER  ORIGIN
tv         232.1.1.1  include  10.1.1.1,!10.1.1.2        3    4m15s    2h5m  192.0.2.9      igmp
lan        239.1.1.1  exclude  -                         2        -    3.0s  -              static
)");
}

TEST(View, Entries) {
    EXPECT_EQ(
        show("entries", R"([
        {"source":"10.1.1.1","group":"239.1.1.1","arrival":"wan","outputs":["tv","lan"],
         "state":"forwarding","reason":null,"packets":1000,"bytes":1316000,"wrong_interface":0,
         "ttl_expired":0,"dropped":0,"copies":2000,"age_seconds":61,"expires_seconds":149,
         "why":[{"interface":"tv","forwarded":true,"reason":"forwarded","by":"igmp","stale":true},
         {"interface":"up","forwarded":false,"reason":"boundary","by":"static","stale":false}]},
        {"source":"10.1.1.2","group":"239.9.9.9","arrival":null,"outputs":[],"state":"negative",
         "reason":"no_route","packets":4,"bytes":400,"wrong_interface":0,"ttl_expired":1,"dropped":3,
         "copies":0,"age_seconds":2,"expires_seconds":28}])"),
        R"(SOURCE    GROUP      IN   OUT     STATE       REASON    PACKETS    BYTES  COPIES  WRONG-IF  TTL  DROPPED   AGE  EXPIRES  BECAUSE
10.1.1.1  239.1.1.1  wan  tv,lan  forwarding  -            1000  1316000    2000         0    0        0  1m1s    2m29s  tv igmp stale,up static: boundary
10.1.1.2  239.9.9.9  -    -       negative    no_route        4      400       0         0    1        3  2.0s      28s  -
)");
}

TEST(View, OwnersAndWorkers) {
    EXPECT_EQ(
        show("owners", R"([{"interface":"tv","owner":"static","igmp":"gate closed","state":"TX",
                                  "meaning":"an owner comes","epoch":4,"hand_overs":2,
                                  "last":{"change":"released","ago_seconds":75,
                                  "published_seconds":0.0004,"ready_seconds":0.0012},
                                  "transition_seconds":2.5,"waits_for":[1]},
                                 {"interface":"up","owner":null,"igmp":null,"state":"U",
                                  "meaning":"nobody","epoch":0,"hand_overs":0,"last":null,
                                  "transition_seconds":null,"waits_for":[]}])"),
        "INTERFACE  STATE  MEANING         OWNER   IGMP         EPOCH  HAND-OVERS  LAST        "
        "AGO  PUBLISHED    READY  CHANGING-FOR  WAITS-FOR\n"
        "tv         TX     an owner comes  static  gate closed      4           2  released  "
        "1m15s    0.400ms  1.200ms          2.5s  1\n"
        "up         U      nobody          -       -                0           0  -           "
        "  -          -        -             -  -\n");
    EXPECT_EQ(
        show("workers", R"([{"worker":0,"core":1,"numa_node":0,"turns":12345,"busy_percent":12.34,
        "busy_last_second_percent":50.0,"cycles_per_packet":210.6,"bursts":[
        {"packets":"1","bursts":1},{"packets":"2-3","bursts":0},{"packets":"32","bursts":3}],
        "received":10,"forwarded":8,"punted":2,"queues":[{"class":"igmp","waiting":3,"slots":1024},
        {"class":"miss","waiting":0,"slots":512}],"heartbeat_age_seconds":0.001}])"),
        "WORKER  CORE  NODE   BUSY    NOW  CYCLES/PACKET  TURNS  RECEIVED  FORWARDED  PUNTED  "
        "HEARTBEAT  BURSTS            QUEUES\n"
        "     0     1     0  12.3%  50.0%            211  12345        10          8       2  "
        "     0.0s  1:25.0%,32:75.0%  igmp 3/1024,miss 0/512\n");
    EXPECT_THAT(show("workers", R"([{"worker":0,"bursts":[]}])"),
                testing::HasSubstr("     0  -     -     -     -    -              -"))
        << "of an older daemon";
}

TEST(View, RingsOfWorkers) {
    EXPECT_THAT(show("workers", R"([{"worker":0,"bursts":[],
        "receive_rings":[{"port":"wan","queue":0,"used":12,"descriptors":1024},
                         {"port":"lan","queue":1,"used":null,"descriptors":512}],
        "transmit_rings":[{"port":"wan","queue":0,"used":0,"descriptors":256}],
        "relays":[{"port":"lan","queue":0,"used":3,"slots":1023}],"warnings":[]},
        {"worker":1,"bursts":[],"receive_rings":[],"transmit_rings":[],"relays":[],
         "warnings":["worker 1 polls nothing"]}])"),
                testing::EndsWith("\n"
                                  "Rings\n"
                                  "WORKER  PORT  RING      QUEUE  USED     SIZE\n"
                                  "     0  wan   receive       0  12       1024\n"
                                  "     0  lan   receive       1  unknown   512\n"
                                  "     0  wan   transmit      0  0         256\n"
                                  "     0  lan   relay         0  3        1023\n"
                                  "\n"
                                  "Warnings\n"
                                  "worker 1 polls nothing\n"));
}

TEST(View, AlertsHaveAColumnForEachComponent) {
    EXPECT_EQ(show("alerts", R"([
        {"alert":"local_join","total":12,"not_told":0,"components":{"static":12,"igmp":0},"meaning":"IGMP has"},
        {"alert":"gate_opened","total":3,"not_told":0,"components":{"static":0,"igmp":3},"meaning":"again"}])"),
              "ALERT        TOTAL  NOT-TOLD  TO-static  TO-igmp  MEANING\n"
              "local_join      12         0         12        0  IGMP has\n"
              "gate_opened      3         0          0        3  again\n");
    EXPECT_EQ(show("alerts", "[]"), "no alerts\n");
}

TEST(View, MembershipsAndEvents) {
    EXPECT_EQ(show("memberships", R"([
        {"interface":"tv","source":null,"group":"239.1.1.1","owner":"static","igmp":true,"stale":true},
        {"interface":"lan","source":null,"group":null,"owner":null,"igmp":false,"stale":false}])"),
              "INTERFACE  SOURCE  GROUP      OWNER   IGMP  STALE\n"
              "tv         *       239.1.1.1  static  yes   yes\n"
              "lan        *       *          -       no    no\n");
    EXPECT_EQ(show("events", R"([{"ago_seconds":3,"family":"owner","kind":"taken",
                                  "sentence":"static takes tv"}])"),
              " AGO  FAMILY  KIND   EVENT\n"
              "3.0s  owner   taken  static takes tv\n");
    EXPECT_EQ(view_event(Json::parse(R"({"kind":"taken","sentence":"static takes \u001btv"})")),
              "taken            static takes ?tv\n");
}

std::string show_igmp(std::string const& page, std::string const& json) {
    return view({"show", {"igmp", page}, Json::object()}, Json::parse(json), false);
}

TEST(View, IgmpListings) {
    EXPECT_EQ(show_igmp("interfaces", R"([
        {"interface":"tv","address":"10.2.0.1/24","state":"up","role":"querier",
         "querier":"10.2.0.1","querier_version":3,"querier_uptime_seconds":3.5,
         "other_querier_expires_seconds":null,"next_query_seconds":100,"startup_queries_left":1,
         "next_advertisement_seconds":19.5,
         "version":3,"in_force":{"group_membership_interval_seconds":270},"groups":2,"sources":5,
         "uptime_seconds":61}])"),
              "INTERFACE  ADDRESS      STATE  VERSION  ROLE     QUERIER   SPEAKS  SINCE  GONE-IN  "
              "NEXT-QUERY  STARTUP-LEFT  NEXT-ADVERT  MEMBERSHIP  GROUPS  SOURCES  UPTIME\n"
              "tv         10.2.0.1/24  up           3  querier  10.2.0.1       3   3.5s  -        "
              "     1m40s             1          20s       4m30s       2        5    1m1s\n");
    EXPECT_EQ(show_igmp("groups", R"([
        {"interface":"tv","group":"239.1.1.1","mode":"exclude","compat":2,"sources_forwarded":0,
         "sources_blocked":1,"expires_seconds":240,"v1_host_seconds":null,"v2_host_seconds":230,
         "last_reporter":"10.2.0.9","uptime_seconds":5}])"),
              "INTERFACE  GROUP      MODE     VERSION  WANTED  BLOCKED  EXPIRES  V1-HOST  V2-HOST  "
              "LAST-REPORTER  UPTIME\n"
              "tv         239.1.1.1  exclude        2       0        1     4m0s  -          3m50s  "
              "10.2.0.9         5.0s\n");
    EXPECT_EQ(show_igmp("sources", R"([
        {"interface":"tv","group":"232.1.1.1","source":"10.1.0.9","mode":"include",
         "state":"forward","expires_seconds":9,"last_reporter":"10.2.0.9","uptime_seconds":61}])"),
              "INTERFACE  GROUP      SOURCE    MODE     STATE    UPTIME  EXPIRES  LAST-REPORTER\n"
              "tv         232.1.1.1  10.1.0.9  include  forward    1m1s     9.0s  10.2.0.9\n");
    EXPECT_EQ(show_igmp("groups", "[]"), "no groups\n");
}

TEST(View, IgmpStatisticsStandSideBySide) {
    EXPECT_EQ(show_igmp("statistics", R"([
        {"interface":"tv","counted_seconds":61,"groups":2,"sources":1,
         "counters":{"total":{"received":3},"messages":{"leaves":2,"reports-v2":1}}},
        {"interface":"lan","counted_seconds":5,"groups":0,"sources":0,
         "counters":{"total":{"received":10},"messages":{"leaves":0,"reports-v2":10}}}])"),
              "CLASS     COUNTER        tv   lan\n"
              "now       counted-for  1m1s  5.0s\n"
              "now       groups          2     0\n"
              "now       sources         1     0\n"
              "total     received        3    10\n"
              "messages  leaves          2     0\n"
              "messages  reports-v2      1    10\n");
    Json many = Json::array();
    for (int n = 0; n < 7; ++n) {
        many.push_back({{"interface", "lan" + std::to_string(n)}});
    }
    auto const blocks = show_igmp("statistics", many.dump());
    EXPECT_TRUE(blocks.contains("lan5\n")) << blocks;
    EXPECT_TRUE(blocks.contains("\n\nCLASS  COUNTER      lan6\n")) << blocks;
    EXPECT_EQ(show_igmp("statistics", "[]"), "no interfaces with IGMP\n");
    EXPECT_FALSE(show_igmp("statistics", "[7]").empty());
    EXPECT_FALSE(show_igmp("statistics", R"([{"counters":{"x":7}}])").empty());
}

TEST(View, OwnerChange) {
    std::string const json = R"({"interface":"tv","protocol":"static","change":"release",
        "complete":true,"ownership":{"interface":"tv","state":"I"}})";
    auto const page = view({"owner", {"release"}, Json::object()}, Json::parse(json), false);
    EXPECT_TRUE(page.starts_with("static releases tv: complete\n\nINTERFACE  STATE")) << page;
    EXPECT_FALSE(view({"owner", {}, Json::object()}, Json(7), false).empty());
}

constexpr std::string_view k_accounting =
    R"({"received":10,"reinjected":1,"forwarded":8,"dropped":2,"punted":1,"difference":0,"copies":16,
        "fragments":2,"frames_sent":17,"copy_drops":1,"copy_difference":3})";

TEST(View, Status) {
    std::string const json =
        R"({"version":"0.1.0","instance":"lab","uptime_seconds":61,"workers":1,"ports":2,
            "interfaces":3,"memberships":4,"entries":5,"entries_limit":131072,
            "limits":{"interfaces":256,"ports":64,"workers":32},
            "pools":[{"name":"receive","size":16383,"in_use":1024}],"mbuf_balance":0,
            "accounting":)" +
        std::string{k_accounting} + "}";
    EXPECT_EQ(show("status", json), R"(mcastd 0.1.0 "lab", up 1m1s
workers     1 of 32
ports       2 of 64
interfaces  3 of 256
entries     5 of 131072
memberships 4
mbufs       complete
inputs      10 received + 1 reinjected = 8 forwarded + 2 dropped + 1 punted: complete
outputs     16 copies + 2 fragments, 17 frames sent, 1 dropped: 3 unaccounted for

POOL     IN-USE   SIZE
receive    1024  16383
)");
}

// Of several nodes each has its row, below their sum.
TEST(View, PoolsOfNodes) {
    EXPECT_THAT(show("status", R"({"pools":[{"name":"receive","size":30,"in_use":5,"nodes":[
                     {"numa_node":0,"size":15,"in_use":1},{"numa_node":1,"size":15,"in_use":4}]},
                     {"name":"control","size":7,"in_use":0,
                      "nodes":[{"numa_node":null,"size":7,"in_use":0}]}]})"),
                testing::EndsWith("\n"
                                  "POOL               IN-USE  SIZE\n"
                                  "receive                 5    30\n"
                                  "receive on node 0       1    15\n"
                                  "receive on node 1       4    15\n"
                                  "control                 0     7\n"));
}

TEST(View, Drops) {
    std::string const json =
        R"({"rows":[{"interface":"wan","reason":"ttl_expired","packets":12,
            "meaning":"TTL 1 or below the threshold"}],"copies":[],
            "control":[{"name":"report_bad_checksum","packets":1}],"accounting":)" +
        std::string{k_accounting} + "}";
    EXPECT_EQ(show("drops", json), R"(INTERFACE  REASON       PACKETS  MEANING
wan        ttl_expired       12  TTL 1 or below the threshold

Copies
no copies dropped

Control
NAME                 PACKETS
report_bad_checksum        1

Accounting
inputs      10 received + 1 reinjected = 8 forwarded + 2 dropped + 1 punted: complete
outputs     16 copies + 2 fragments, 17 frames sent, 1 dropped: 3 unaccounted for
)");
}

TEST(View, ConfigIsTheTextItself) {
    EXPECT_EQ(show("config", R"({"toml":"[log]\nlevel = \"info\"\n","json":{}})"),
              "[log]\nlevel = \"info\"\n");
}

TEST(View, Explain) {
    Json const data = Json::parse(R"({"source":"10.1.1.1","group":"239.1.1.1","verdict":"forwarded",
        "sentence":"The stream arrives on wan and goes out on 1 of 2 interfaces.",
        "route":{"prefix":"10.0.0.0/8","interface":"wan","upstream":null},"arrival":"wan",
        "owner":"static","entry":{"state":"forwarding","packets":7,"copies":7},"interfaces":[
        {"interface":"tv","forwarded":true,"reason":"member","by":"igmp","stale":false,"sentence":"Somebody asked for it."},
        {"interface":"wan","forwarded":false,"reason":"arrival","sentence":"It comes from here."}]})");
    EXPECT_EQ(view({"explain", {}, Json::object()}, data, false),
              R"((10.1.1.1, 239.1.1.1): forwarded
The stream arrives on wan and goes out on 1 of 2 interfaces.

route       prefix 10.0.0.0/8, interface wan, upstream -
arrival     wan
owner       static
entry       forwarding, 7 packets, 7 copies

INTERFACE  FORWARDED  REASON   BY    STALE  BECAUSE
tv         yes        member   igmp  no     Somebody asked for it.
wan        no         arrival  -     -      It comes from here.
)");
    Json const nothing = Json::parse(R"({"source":"10.1.1.1","group":"239.1.1.1",
        "verdict":"no_route","sentence":"No route.","route":null,"arrival":null,"owner":null,
        "entry":null,"interfaces":[]})");
    EXPECT_EQ(view({"explain", {}, Json::object()}, nothing, false),
              "(10.1.1.1, 239.1.1.1): no_route\nNo route.\n\nroute       none\narrival     -\n"
              "owner       -\nentry       none\n\nno interfaces\n");
}

TEST(View, EmptyListsSaySo) {
    EXPECT_EQ(show("entries", "[]"), "no entries\n");
    EXPECT_EQ(show("groups", "[]"), "no groups\n");
    EXPECT_EQ(show("drops", "{}"),
              "no drops\n\nCopies\nno copies dropped\n\nControl\n"
              "no control packets refused\n\nAccounting\n"
              "inputs      - received + - reinjected = - forwarded + - dropped "
              "+ - punted: -\n"
              "outputs     - copies + - fragments, - frames sent, - dropped: "
              "-\n");
}

// A daemon of another release may send anything: each page bears each shape.
TEST(View, StrangeDataIsNoReasonToFail) {
    for (std::string_view page :
         {"status", "config", "ports", "interfaces", "groups", "entries", "owners", "alerts",
          "memberships", "events", "drops", "workers", "weather"}) {
        for (std::string_view json :
             {"null", "7", "\"x\"", "[1,null,[]]", "[{\"sources\":7,\"why\":[3],\"last\":1}]",
              "{\"accounting\":[],\"pools\":{\"a\":1},\"toml\":1}"}) {
            EXPECT_FALSE(show(page, json).empty()) << page << json;
        }
    }
    EXPECT_FALSE(view({"explain", {}, Json::object()}, Json(7), false).empty());
}

} // namespace
} // namespace mcast::ctl
