// Each kind of mistake: where it is reported, and in which words.
#include "mcast/config/config.h"

#include "minimal.h"

#include <gtest/gtest.h>

namespace mcast::config {
namespace {

using testing::k_minimal;
using testing::replaced;

struct Case {
    std::string text;
    std::string errors; // text() of all, a line each
};

void expect_errors(Case const& c) {
    auto const result = parse(c.text, "f");
    std::string lines;
    if (!result) {
        for (Error const& error : result.error()) {
            lines += error.text() + '\n';
        }
    }
    EXPECT_EQ(lines, c.errors) << "--- of the text:\n" << c.text;
}

// The minimal text, lines 1 to 11, with lines added from line 12.
std::string with(std::string_view added) {
    return std::string{k_minimal} + std::string{added};
}

std::string spoiled(std::string_view from, std::string_view to) {
    return replaced(k_minimal, from, to);
}

TEST(Errors, WhatIsNotToml) {
    EXPECT_EQ(parse("a = [1,\n", "f").error().size(), 1u);
    Error const error = parse("\n\n  x = = 1\n", "f").error().front();
    EXPECT_EQ(error.file, "f");
    EXPECT_EQ(error.line, 3u);
    EXPECT_EQ(error.column, 7u);
    EXPECT_EQ(error.remedy, "the file must be TOML; mcastd.toml(5) has examples");
    EXPECT_EQ(parse("a = 1\na = 2\n", "f").error().front().line, 2u) << "a key twice";
    EXPECT_EQ(parse("a = \"\xff\"\n", "f").error().front().line, 1u) << "not UTF-8";
}

TEST(Errors, WhatIsMissing) {
    Case const cases[] = {
        {"",
         "f:1:1: there is no [workers]; add [workers] with a line such as: cores = [1]\n"
         "f:1:1: there is no [[port]]; add [[port]] with name and device; two ports make a router\n"
         "f:1:1: there is no [[interface]]; add [[interface]] with name, port and address for each "
         "subnet\n"},
        {spoiled("cores = [1]", ""),
         "f:1:1: [workers] has no cores; add a line such as: cores = [1]\n"},
        {spoiled("[1]", "[]"), "f:2:9: cores in [workers] is empty; name at least one core, such "
                               "as: cores = [1]\n"},
        {with("[[port]]\n"),
         "f:12:1: [[port]] 2 has no name; add a line such as: name = \"wan\"\n"
         "f:12:1: [[port]] 2 has no device; add a line such as: device = \"0000:01:00.0\"\n"},
        {with("[[interface]]\nname = \"x\"\n"),
         "f:12:1: [[interface]] \"x\" has no port; add a line such as: port = \"lan\"\n"
         "f:12:1: [[interface]] \"x\" has no address; add a line such as: address = "
         "\"192.0.2.1/24\"\n"},
        {with("[[route]]\n[[group]]\n"),
         "f:12:1: [[route]] 1 has no prefix; add a line such as: prefix = \"10.0.0.0/8\"\n"
         "f:12:1: [[route]] 1 has no interface; add a line such as: interface = \"wan\"\n"
         "f:13:1: [[group]] 1 has no group; add a line such as: group = \"239.1.1.1\"\n"
         "f:13:1: [[group]] 1 has no interface; add a line such as: interface = \"lan\"\n"},
    };
    for (Case const& c : cases) {
        expect_errors(c);
    }
}

TEST(Errors, UnknownKeys) {
    Case const cases[] = {
        {spoiled("device =", "  devise ="),
         "f:3:1: [[port]] \"wan\" has no device; add a line such as: device = \"0000:01:00.0\"\n"
         "f:5:3: unknown key \"devise\" in [[port]] \"wan\"; did you mean \"device\"?\n"},
        {with("[log]\nzzz = 1\n"), "f:13:1: unknown key \"zzz\" in [log]; known here: level\n"},
        {with("[sockets]\n"),
         "f:12:2: unknown key \"sockets\" in the file; did you mean \"socket\"?\n"},
        {with("[limits.punt]\nmis = 1\n"),
         "f:13:1: unknown key \"mis\" in [limits.punt]; did you mean \"miss\"?\n"},
        {with("[interface.igmp]\nquery_interval = 1\n"),
         "f:13:1: unknown key \"query_interval\" in [interface.igmp] of [[interface]] \"wan\"; did "
         "you mean \"query-interval\"?\n"},
    };
    for (Case const& c : cases) {
        expect_errors(c);
    }
}

// What other routers have is refused by name, wherever it is written.
TEST(Errors, AbsentProtocols) {
    Case const cases[] = {
        {with("[interface.proxy]\nupstream = true\n"),
         "f:12:12: \"proxy\" does not belong in [[interface]] \"wan\"; a proxy has a table of its "
         "own: [proxy], with upstream and downstream\n"},
        {with("[pim]\n"),
         "f:12:2: \"pim\" in the file is not available in this version; remove it; "
         "protocols here are \"igmp\", \"static\" and \"dvmrp\"\n"},
    };
    for (Case const& c : cases) {
        expect_errors(c);
    }
    for (std::string const protocol : {"mospf", "pim", "pim-sm"}) {
        expect_errors({spoiled("\"static\"", '"' + protocol + '"'),
                       "f:10:22: protocol \"" + protocol +
                           "\" in [[interface]] \"wan\" is not available in this version; "
                           "protocols here are \"igmp\", \"static\" and \"dvmrp\"\n"});
    }
}

TEST(Errors, WrongTypes) {
    Case const cases[] = {
        {spoiled("[1]", "1"), "f:2:9: cores in [workers] is a whole number; write a list of whole "
                              "numbers, such as [1, 2]\n"},
        {spoiled("[1]", "[\"1\"]"),
         "f:2:10: an item of cores in [workers] is a text; write a whole "
         "number from 0 to 1023\n"},
        {spoiled("\"wan\"\ndevice", "7\ndevice"),
         "f:4:8: name in [[port]] 1 is a whole number; write a text in quotes\n"
         "f:8:8: port in [[interface]] \"wan\" is \"wan\", which is no port; ports are: none\n"},
        {with("[memory]\nhugepages = \"no\"\nmegabytes = 1.5\n"),
         "f:13:13: hugepages in [memory] is a text; write true or false, without quotes\n"
         "f:14:13: megabytes in [memory] is a number with a fraction; write a whole number from 64 "
         "to 1048576\n"},
        {with("[limits]\nentry-idle = true\nnegative-lifetime = \"soon\"\n"),
         "f:13:14: entry-idle in [limits] is true or false; write a time such as \"125s\", "
         "\"100ms\", \"2m\", or a whole number of seconds\n"
         "f:14:21: negative-lifetime in [limits] is \"soon\", which is no time; write a time such "
         "as \"125s\", \"100ms\", \"2m\", or a whole number of seconds\n"},
        {spoiled("[[port]]", "[port]"),
         "f:3:1: port in the file is a table; write [[port]], with two brackets\n"
         "f:8:8: port in [[interface]] \"wan\" is \"wan\", which is no port; ports are: none\n"},
        {with("[[log]]\n"), "f:12:1: log in the file is a list; write a table, [log]\n"},
        {with("[log]\nlevel = \"loud\"\n"),
         "f:13:9: level in [log] is \"loud\"; it must be one of \"debug\", \"info\", \"notice\", "
         "\"warning\", \"error\" and \"none\"\n"},
        {with("[log]\nlevel = 1979-05-27\n"),
         "f:13:9: level in [log] is a date or time; write a text in quotes\n"},
        {spoiled("net_null0", "net_null0,\\u0000"),
         "f:5:10: device in [[port]] \"wan\" has a control character in it; write printable "
         "characters only\n"},
    };
    for (Case const& c : cases) {
        expect_errors(c);
    }
}

TEST(Errors, OutOfBounds) {
    Case const cases[] = {
        {with("[daemon]\ncontrol-core = 1024\n"),
         "f:13:16: control-core in [daemon] is 1024; it must be from 0 to 1023\n"},
        {spoiled("device", "mtu = 67\ndevice"),
         "f:5:7: mtu in [[port]] \"wan\" is 67; it must be from 68 to 9600\n"},
        {spoiled("device", "mtu = 9601\ndevice"),
         "f:5:7: mtu in [[port]] \"wan\" is 9601; it must be from 68 to 9600\n"},
        {spoiled("device", "mtu = 68\nqueues = 0\ndevice"),
         "f:6:10: queues in [[port]] \"wan\" is 0; it must be from 1 to 64\n"},
        {spoiled("address", "vlan = 4095\naddress"),
         "f:9:8: vlan in [[interface]] \"wan\" is 4095; it must be from 1 to 4094\n"},
        {spoiled("address", "ttl-threshold = 0\naddress"),
         "f:9:17: ttl-threshold in [[interface]] \"wan\" is 0; it must be from 1 to 255\n"},
        {with("[limits]\nentry-idle = \"25h\"\n"),
         "f:13:14: entry-idle in [limits] is 90000s; it must be from 100ms to 86400s\n"},
        {with("[limits]\nentry-idle = -9223372036854775807\n"),
         "f:13:14: entry-idle in [limits] is -9223372036s; it must be from 100ms to 86400s\n"},
        {with("[pools]\ncontrol = 300\n"),
         "f:12:1: cache in [pools] is 512, too much for a pool of 300; make it at most 200, two "
         "thirds of the smallest pool\n"},
        {replaced(with("[pools]\nreceive = 4095\n"), "net_null0\"",
                  "0000:af:00.0,x=1\"\nqueues = 2\nreceive-descriptors = 2048"),
         "f:15:11: receive in [pools] is 4095, but the NICs' receive rings hold 4096 buffers; make "
         "it "
         "at least 5120, or lower receive-descriptors or queues of the ports\n"},
        {spoiled("net_null0\"", "0000:af:00.0\"\nqueues = 8\nreceive-descriptors = 2048"),
         "f:1:1: receive in [pools] is 16383, but the NICs' receive rings hold 16384 buffers; make "
         "it "
         "at least 17408, or lower receive-descriptors or queues of the ports\n"},
        {spoiled("net_null0\"", "net_null0\"\nqueues = 8\nreceive-descriptors = 2048"), ""},
    };
    for (Case const& c : cases) {
        expect_errors(c);
    }
}

TEST(Errors, NamesAddressesAndPaths) {
    Case const cases[] = {
        {with("[daemon]\ninstance = \"a/b\"\nrouter-mac = \"01:00:5e:00:00:01\"\n"),
         "f:13:12: instance in [daemon] is \"a/b\"; a name has 1 to 32 letters, digits, '.', '_' "
         "and '-', and begins with a letter or digit\n"
         "f:14:14: router-mac in [daemon] is \"01:00:5e:00:00:01\", which is no station's address; "
         "write six bytes, the first one even, such as \"02:00:00:00:00:01\"\n"},
        {spoiled("net_null0", "eth0"),
         "f:5:10: device in [[port]] \"wan\" is \"eth0\", neither a PCI address nor a virtual "
         "device; write a PCI address such as \"0000:01:00.0\" (dpdk-devbind.py --status lists "
         "them) or a virtual device such as \"net_af_packet0,iface=eth1\"\n"},
        {spoiled("10.0.0.1/24", "10.0.0.1"),
         "f:9:11: address in [[interface]] \"wan\" is \"10.0.0.1\", which is no IPv4 prefix; write "
         "an address and a length from 0 to 32, such as \"192.0.2.1/24\"\n"},
        {spoiled("10.0.0.1/24", "10.0.0.255/24"),
         "f:9:11: address in [[interface]] \"wan\" is \"10.0.0.255/24\", which no host can have; "
         "write this router's own address in the subnet and the subnet's length, such as "
         "\"192.0.2.1/24\"\n"},
        {spoiled("address", "boundaries = [\"239.192.0.1/14\", \"10.0.0.0/8\"]\naddress"),
         "f:9:15: an item of boundaries in [[interface]] \"wan\" is \"239.192.0.1/14\", which has "
         "bits behind its length; write \"239.192.0.0/14\"\n"
         "f:9:33: an item of boundaries in [[interface]] \"wan\" is \"10.0.0.0/8\", which is no "
         "prefix of groups; write a prefix within 224.0.0.0/4, such as \"239.192.0.0/14\"\n"},
        {with("[igmp]\nssm-ranges = [\"0.0.0.0/0\"]\n"),
         "f:13:15: an item of ssm-ranges in [igmp] is \"0.0.0.0/0\", which is no prefix of groups; "
         "write a prefix within 224.0.0.0/4, such as \"232.0.0.0/8\"\n"},
        {with("[igmp]\nssm-map = [{ groups = \"239.1.0.0/16\", sources = [\"10.0.0.5\"] },\n"
              "  { groups = \"232.1.0.1/16\", sources = [\"232.0.0.1\"] }, { sources = [] }]\n"),
         "f:13:23: groups in item 1 of ssm-map in [igmp] is \"239.1.0.0/16\", which is not within "
         "ssm-ranges; other groups need no sources; remove it, or widen ssm-ranges\n"
         "f:14:14: groups in item 2 of ssm-map in [igmp] is \"232.1.0.1/16\", which has bits "
         "behind "
         "its length; write \"232.1.0.0/16\"\n"
         "f:14:41: an item of sources in item 2 of ssm-map in [igmp] is \"232.0.0.1\", which no "
         "sender can have; write the sender's own address, such as \"10.0.0.5\"\n"
         "f:14:57: item 3 of ssm-map in [igmp] has no groups; add a line such as: groups = "
         "\"232.1.0.0/16\"\n"
         "f:14:69: sources in item 3 of ssm-map in [igmp] has 0 items; name 1 to 64\n"},
        {with("[socket]\npath = \"ctl.sock\"\nmonitor-path = \"/run/mcastd/ctl.sock\"\n"),
         "f:13:8: path in [socket] is \"ctl.sock\", not an absolute path; write a path that begins "
         "with '/', such as \"/run/mcastd/ctl.sock\"\n"
         "f:14:16: monitor-path in [socket] is the same as path; give the monitor socket a path of "
         "its own\n"},
        {with("[socket]\npath = \"/" + std::string(107, 'x') + "\"\n"),
         "f:13:8: path in [socket] has 108 characters; the path of a socket has at most 107\n"},
    };
    for (Case const& c : cases) {
        expect_errors(c);
    }
}

TEST(Errors, DuplicatesAndCores) {
    Case const cases[] = {
        {with("[[port]]\nname = \"wan\"\ndevice = \"net_null0,copy=1\"\n"),
         "f:13:8: port \"wan\" is there already, in line 3; give every port a name of its own\n"
         "f:14:10: device \"net_null0\" is in use already, by the port in line 3; give every port "
         "a device of its own; virtual devices differ in the number behind their name\n"},
        {replaced(with("[[port]]\nname = \"lan\"\ndevice = \"0000:0A:00.0,x=1\"\n"), "net_null0",
                  "0a:00.0"),
         "f:14:10: device \"0000:0a:00.0\" is in use already, by the port in line 3; give every "
         "port a device of its own; virtual devices differ in the number behind their name\n"},
        {spoiled("[1]", "[0, 1, 1]"),
         "f:2:10: core 0 is the control core, and a worker spins on it; choose another core, or "
         "set idle = \"yield\" or \"sleep\" in [workers]\n"
         "f:2:16: core 1 has two workers, and both spin on it; choose another core, or set idle = "
         "\"yield\" or \"sleep\" in [workers]\n"},
        {spoiled("[1]", "[0, 1, 1]\nidle = \"sleep\""), ""},
        {spoiled("[1]", "[1, 2, 0]\nidle = [\"spin\", \"pause\", \"yield\"]"), ""},
        {spoiled("[1]", "[0, 1, 1]\nidle = [\"pause\", \"sleep\", \"spin\"]"),
         "f:2:10: core 0 is the control core, and a worker spins on it; choose another core, or "
         "set idle = \"yield\" or \"sleep\" in [workers]\n"
         "f:2:16: core 1 has two workers, and one spins on it; choose another core, or set idle = "
         "\"yield\" or \"sleep\" in [workers]\n"},
        {spoiled("[1]", "[1, 2]\nidle = [\"spin\"]"),
         "f:3:8: idle in [workers] has 1 items, and cores has 2; name one policy for each worker, "
         "or one for all\n"},
        {spoiled("[1]", "[1]\nidle = [\"doze\"]"),
         "f:3:9: \"doze\" in idle of [workers] is no policy; write \"spin\", \"pause\", \"yield\" "
         "or \"sleep\"\n"},
        {spoiled("[1]", "[1]\nwake-up-within = 4"),
         "f:3:18: wake-up-within in [workers] is 4; it must be from 5 to 10000\n"},
        {with("[[interface]]\nname = \"wan\"\nport = \"wan\"\naddress = \"10.0.0.129/25\"\n"),
         "f:13:8: interface \"wan\" is there already, in line 6; give every interface a name of "
         "its own\n"
         "f:14:8: untagged frames of port \"wan\" already belong to the interface in line 6; give "
         "each interface of a port a vlan of its own\n"
         "f:15:11: subnet 10.0.0.128/25 of [[interface]] \"wan\" overlaps 10.0.0.0/24 of the "
         "interface in line 6; subnets of interfaces must be disjoint\n"},
        {with("[[interface]]\nname = \"a\"\nport = \"wan\"\nvlan = 7\naddress = \"10.1.0.1/24\"\n"
              "[[interface]]\nname = \"b\"\nport = \"wan\"\nvlan = 7\naddress = \"10.2.0.1/24\"\n"),
         "f:20:8: VLAN 7 of port \"wan\" already belongs to the interface in line 12; give each "
         "interface of a port a vlan of its own\n"},
    };
    for (Case const& c : cases) {
        expect_errors(c);
    }
}

TEST(Errors, InterfacesAndTheirPorts) {
    Case const cases[] = {
        {spoiled("port = \"wan\"", "port = \"wann\""),
         "f:8:8: port in [[interface]] \"wan\" is \"wann\", which is no port; did you mean "
         "\"wan\"? ports are: \"wan\"\n"},
        {spoiled("address", "mtu = 1501\naddress"), "f:9:7: mtu in [[interface]] \"wan\" is 1501, "
                                                    "above that of port \"wan\", 1500; make it at "
                                                    "most 1500, or raise the port's mtu\n"},
        {spoiled("address", "mtu = 1500\naddress"), ""},
        {spoiled("\"static\"", "\"mld\""),
         "f:10:22: protocol \"mld\" in [[interface]] \"wan\" is not available in this version; "
         "protocols here are \"igmp\", \"static\" and \"dvmrp\"\n"},
        {spoiled("\"static\"", "\"igmp\", \"ospf\""),
         "f:10:22: protocol \"igmp\" is named twice in [[interface]] \"wan\"; name it once\n"
         "f:10:30: unknown protocol \"ospf\" in [[interface]] \"wan\"; protocols here are "
         "\"igmp\", "
         "\"static\" and \"dvmrp\"\n"},
        {replaced(with("[interface.igmp]\nversion = 3\n"), "\"igmp\", ", ""),
         "f:12:1: [[interface]] \"wan\" has [interface.igmp] without IGMP; add \"igmp\" to its "
         "protocols, or remove [interface.igmp]\n"},
    };
    for (Case const& c : cases) {
        expect_errors(c);
    }
}

TEST(Errors, StaticRoutes) {
    Case const cases[] = {
        {with("[[route]]\nprefix = \"10.1.2.3/8\"\ninterface = \"lan\"\n"),
         "f:13:10: prefix in [[route]] 1 is \"10.1.2.3/8\", which has bits behind its length; "
         "write \"10.0.0.0/8\"\n"
         "f:14:13: interface in [[route]] 1 is \"lan\", which is no interface; interfaces are: "
         "\"wan\"\n"},
        {with("[[route]]\nprefix = \"239.0.0.0/8\"\ninterface = \"wan\"\nupstream = \"1.2.3\"\n"),
         "f:13:10: prefix in [[route]] 1 is \"239.0.0.0/8\", where no sources are; write the "
         "prefix of the senders, not of the groups, such as \"10.0.0.0/8\"\n"
         "f:15:12: upstream in [[route]] 1 is \"1.2.3\", which is no IPv4 address; write four "
         "numbers from 0 to 255, such as \"192.0.2.1\"\n"},
        {with("[[route]]\nprefix = \"20.0.0.0/8\"\ninterface = \"wan\"\nupstream = \"10.0.1.2\"\n"
              "[[route]]\nprefix = \"20.0.0.0/8\"\ninterface = \"wan\"\nupstream = \"0.0.0.0\"\n"),
         "f:15:12: upstream in [[route]] 1 is 10.0.1.2, not a neighbour on interface \"wan\"; "
         "write "
         "another router's address in 10.0.0.0/24\n"
         "f:17:10: there is a route for 20.0.0.0/8 already, in line 12; sources arrive on one "
         "interface; keep one of the two\n"
         "f:19:12: upstream in [[route]] 2 is \"0.0.0.0\", which no neighbour can have; write the "
         "address of the next router towards the sources, or leave the key out\n"},
        {with("[[route]]\nprefix = \"x\"\ninterface = \"wan\"\n"
              "[[route]]\nprefix = \"0.0.0.0/0\"\ninterface = \"wan\"\n"),
         "f:13:10: prefix in [[route]] 1 is \"x\", which is no IPv4 prefix; write an address and a "
         "length from 0 to 32, such as \"192.0.2.1/24\"\n"},
    };
    for (Case const& c : cases) {
        expect_errors(c);
    }
}

TEST(Errors, StaticGroups) {
    Case const cases[] = {
        {with("[[group]]\ngroup = \"10.1.1.1\"\ninterface = \"wan\"\n"),
         "f:13:9: group in [[group]] 1 is \"10.1.1.1\", which is no multicast group; write a group "
         "from 224.0.1.0 to 239.255.255.255\n"},
        {with("[[group]]\ngroup = \"224.0.0.251\"\ninterface = \"wan\"\nsource = \"239.1.1.1\"\n"),
         "f:13:9: group in [[group]] 1 is \"224.0.0.251\", which is link-local and never "
         "forwarded; write a group from 224.0.1.0 to 239.255.255.255\n"
         "f:15:10: source in [[group]] 1 is \"239.1.1.1\", which no sender can have; write the "
         "sender's own address, or leave the key out for any source\n"},
        {with("[[group]]\ngroup = \"232.1.1.1\"\ninterface = \"wan\"\n"), // IGMP-108
         "f:13:9: group 232.1.1.1 in [[group]] 1 is source-specific and has no source; add the "
         "sender, such as: source = \"10.1.1.1\"\n"},
        {replaced(with("[[group]]\ngroup = \"239.1.1.1\"\ninterface = \"wan\"\n"), ", \"static\"",
                  ""),
         "f:14:13: interface \"wan\" of [[group]] 1 does not run the static protocol; add "
         "\"static\" to the protocols of interface \"wan\"\n"},
        {with("[[group]]\ngroup = \"239.1.1.1\"\ninterface = \"wan\"\n"
              "[[group]]\ngroup = \"239.1.1.1\"\nsource = \"10.9.9.9\"\ninterface = \"wan\"\n"
              "[[group]]\ngroup = \"239.1.1.1\"\ninterface = \"wan\"\n"),
         "f:20:9: the same group is there already, in line 12; remove one of the two\n"},
        {with("[[group]]\ngroup = \"239.1.1.0\"\ninterface = \"wan\"\ncount = 8\nincrement = 2\n"
              "[[group]]\ngroup = \"239.1.1.4\"\ninterface = \"wan\"\n"),
         "f:18:9: the same group is there already, in line 12; remove one of the two\n"},
        {with("[[group]]\ngroup = \"239.255.255.250\"\ninterface = \"wan\"\ncount = 7\n"),
         "f:15:9: the row of 7 groups in [[group]] 1 goes beyond 239.255.255.255; lower count or "
         "increment\n"},
        {with("[[group]]\ngroup = \"239.1.1.1\"\ninterface = \"wan\"\nincrement = 2\n"),
         "f:15:13: increment in [[group]] 1 has no row to go along; add the number of groups, such "
         "as: count = 10\n"},
        {with("[[group]]\ngroup = \"231.255.255.255\"\ninterface = \"wan\"\ncount = 2\n"),
         "f:13:9: group 232.0.0.0 in [[group]] 1 is source-specific and has no source; add the "
         "sender, such as: source = \"10.1.1.1\"\n"},
    };
    for (Case const& c : cases) {
        expect_errors(c);
    }
}

TEST(Errors, StaticGroupsThatExclude) {
    std::string const start = "[[group]]\ngroup = \"239.1.1.1\"\ninterface = \"wan\"\n";
    std::string const excluding = "source = \"10.1.1.1\"\nexclude = true\n";
    Case const cases[] = {
        {replaced(with(start + "exclude = true\n"), "\"igmp\", ", ""),
         "f:15:11: [[group]] 1 excludes, and has no source; add the sender that is not wanted: "
         "source = \"10.1.1.1\"\n"},
        {with(start + excluding),
         "f:16:11: [[group]] 1 excludes a source on interface \"wan\", which runs IGMP; remove "
         "\"igmp\" from the protocols of interface \"wan\", or forbid the source there by access "
         "of "
         "[interface.igmp]\n"},
        {replaced(replaced(with(start + excluding), "\"igmp\", ", ""), "239.1.1.1", "232.1.1.1"),
         "f:16:11: group 232.1.1.1 in [[group]] 1 is source-specific, and cannot exclude; name the "
         "senders that are wanted, each in a [[group]]\n"},
        {replaced(with(start + excluding), "\"igmp\", ", ""), ""},
    };
    for (Case const& c : cases) {
        expect_errors(c);
    }
}

// RFC 9776 section 8.3: the response interval is below the query interval.
TEST(Errors, IgmpRulesGetTheirPlace) {
    expect_errors({with("[interface.igmp]\nversion = 3\nquery-interval = \"10s\"\n"
                        "query-response-interval = \"10s\"\n"),
                   "f:15:27: query-response-interval in [interface.igmp] of [[interface]] \"wan\" "
                   "breaks a rule of IGMP; query-response-interval must be shorter than "
                   "query-interval\n"});
    expect_errors({with("[interface.igmp]\nversion = 4\n"),
                   "f:13:11: version in [interface.igmp] of [[interface]] \"wan\" is 4; it must be "
                   "from 1 to 3\n"});
}

TEST(Errors, AllAreCollectedInTheOrderOfTheFile) {
    auto const result = parse("[log]\nlevel = 1\n[workers]\ncores = 1\n[daemon]\nx = 1\n", "f");
    ASSERT_FALSE(result);
    std::vector<unsigned> lines;
    for (Error const& error : result.error()) {
        lines.push_back(error.line);
    }
    EXPECT_EQ(lines, (std::vector<unsigned>{1, 1, 2, 4, 6}));
}

TEST(Errors, AccessRules) {
    Case const cases[] = {
        {with("[interface.igmp]\naccess = [{ hosts = \"10.0.0.9/32\" }]\n"),
         "f:13:11: rule 1 of access in [interface.igmp] of [[interface]] \"wan\" has no action; "
         "add a line such as: action = \"deny\"\n"},
        {with("[interface.igmp]\nqueriers = [\"224.0.0.1/32\"]\n"),
         "f:13:13: an item of queriers in [interface.igmp] of [[interface]] \"wan\" is "
         "\"224.0.0.1/32\", which is no prefix of routers; write a prefix of unicast addresses, "
         "such as \"192.0.2.1/32\"\n"},
        {with("[interface.igmp]\naccess = [{ action = \"drop\" }]\n"),
         "f:13:22: action in rule 1 of access in [interface.igmp] of [[interface]] \"wan\" is "
         "\"drop\"; it must be one of \"deny\" and \"permit\"\n"},
        {with("[interface.igmp]\naccess = [{ action = \"deny\", groups = \"10.0.0.0/8\" }]\n"),
         "f:13:39: groups in rule 1 of access in [interface.igmp] of [[interface]] \"wan\" is "
         "\"10.0.0.0/8\", which is no prefix of groups; write a prefix within 224.0.0.0/4, such "
         "as \"239.1.0.0/16\"\n"},
        {with("[interface.igmp]\naccess = [{ action = \"deny\", hosts = \"239.0.0.0/8\" }]\n"),
         "f:13:38: hosts in rule 1 of access in [interface.igmp] of [[interface]] \"wan\" is "
         "\"239.0.0.0/8\", which is a prefix of groups; write a prefix of unicast addresses, such "
         "as \"192.0.2.66/32\"\n"},
        {with("[interface.igmp]\naccess = [\n  { action = \"permit\", groups = "
              "\"239.0.0.0/8\" },\n  { action = \"deny\", groups = \"239.1.0.0/16\" },\n]\n"),
         "f:15:3: rule 2 of access in [interface.igmp] of [[interface]] \"wan\" never decides "
         "anything: rule 1 fits all that it fits; move it before rule 1, or remove it\n"},
    };
    for (Case const& c : cases) {
        expect_errors(c);
    }
}

} // namespace
} // namespace mcast::config
