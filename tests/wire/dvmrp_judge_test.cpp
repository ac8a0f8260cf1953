// tshark as the independent judge of one packet of every kind that we send.
#include "bytes.h"
#include "mcast/wire/datagram.h"
#include "mcast/wire/dvmrp.h"
#include "pcap_file.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>

#include <unistd.h>

namespace mcast::wire::dvmrp {
namespace {

namespace fs = std::filesystem;

constexpr Ipv4 k_us = Ipv4::of(10, 0, 0, 1);
constexpr Ipv4 k_peer = Ipv4::of(10, 0, 0, 2);
constexpr Ipv4 k_net = Ipv4::of(10, 9, 0, 0);
constexpr Ipv4 k_group = Ipv4::of(239, 1, 2, 3);
constexpr std::uint8_t k_capabilities = 0x0e;

struct Sample {
    Body body;
    Ipv4 destination = k_all_routers;
    char const* read{}; // what tshark makes of it
};

std::vector<Sample> samples() {
    Route const plain{{k_net, 16}, 3};
    Route const poison{{Ipv4::of(192, 0, 2, 64), 26}, 35};
    Route const unspecified{{}, 32};
    return {
        {Probe{.generation = 0x01020304, .neighbors = {k_peer}}, k_all_routers,
         "0x01|0x0e|16909060|10.0.0.2|||||"},
        {Probe{.generation = 7}, k_all_routers, "0x01|0x0e|7||||||"},
        {Report{{plain, poison, unspecified}}, k_all_routers,
         "0x02||||10.9.0.0,192.0.2.64,0.0.0.0|||255.255.0.0,255.255.255.192,255.0.0.0|3,35,32"},
        {Prune{k_net, k_group, 7200}, k_peer, "0x07||||10.9.0.0|239.1.2.3|7200||"},
        {Prune{k_net, k_group, 7200, Ipv4::of(255, 255, 0, 0)}, k_peer,
         "0x07||||10.9.0.0|239.1.2.3|7200|255.255.0.0|"},
        {Graft{k_net, k_group}, k_peer, "0x08||||10.9.0.0|239.1.2.3|||"},
        {GraftAck{k_net, k_group}, k_peer, "0x09||||10.9.0.0|239.1.2.3|||"},
        {AskNeighbors2{}, k_peer, "0x05||||||||"},
        {Neighbors2{{NeighborRecord{.local = k_us, .flags = 0x40, .neighbors = {k_peer}}}}, k_peer,
         "0x06|0x0e||10.0.0.2|||||1"},
    };
}

Buffer frame_of(Sample const& sample) {
    bool const tells = std::holds_alternative<Probe>(sample.body) ||
                       std::holds_alternative<Neighbors2>(sample.body);
    Message const message{.capabilities = tells ? k_capabilities : std::uint8_t{0},
                          .version = {},
                          .body = sample.body};
    Origin const origin{.mac = {{2, 0, 0, 0, 0, 1}}, .address = k_us, .vlan = {}};
    return written_by([&](Writer& out) {
        build_dvmrp_frame(origin, sample.destination, 1, message, out, {{2, 0, 0, 0, 0, 2}});
    });
}

std::vector<std::string> lines_of(std::string const& command) {
    std::vector<std::string> lines;
    FILE* const pipe = popen(command.c_str(), "r");
    std::string line;
    for (int c = 0; pipe != nullptr && (c = std::fgetc(pipe)) != EOF;) {
        if (c == '\n') {
            lines.push_back(std::move(line));
            line.clear();
        } else {
            line += static_cast<char>(c);
        }
    }
    EXPECT_EQ(pipe == nullptr ? -1 : pclose(pipe), 0) << command;
    return lines;
}

class DvmrpJudge : public testing::Test {
protected:
    void SetUp() override {
        if (std::system("tshark --version > /dev/null 2>&1") != 0) {
            GTEST_SKIP() << "tshark is not installed";
        }
        path_ = fs::temp_directory_path() / ("mcast-dvmrp-" + std::to_string(getpid()) + ".pcap");
        std::vector<Buffer> frames;
        for (Sample const& sample : samples()) {
            frames.push_back(frame_of(sample));
            ASSERT_FALSE(frames.back().empty());
        }
        ASSERT_TRUE(test::write_capture(path_, frames));
    }
    void TearDown() override { fs::remove(path_); }

    std::string tshark(std::string const& arguments) const {
        return "tshark -n -r " + path_.string() + " -o ip.check_checksum:TRUE " + arguments +
               " 2>/dev/null";
    }

    fs::path path_;
};

TEST_F(DvmrpJudge, FindsNothingToComplainAbout) {
    EXPECT_EQ(lines_of(tshark("-Y '_ws.malformed || _ws.expert.severity >= 6291456 || "
                              "ip.checksum.status == 0 || dvmrp.checksum.status != 1'")),
              std::vector<std::string>{});
}

// DVMRP-1: on the wire too.
TEST_F(DvmrpJudge, SeesTheHeader) {
    auto const wanted = "-Y 'ip.ttl == 1 && ip.dsfield == 0xc0 && ip.hdr_len == 20 && "
                        "dvmrp.maj_ver == 3 && dvmrp.min_ver == 255'";
    EXPECT_EQ(lines_of(tshark(wanted)).size(), samples().size());
}

TEST_F(DvmrpJudge, ReadsWhatWeSaid) {
    auto const lines = lines_of(
        tshark("-T fields -E separator='|' -e dvmrp.v3.code -e dvmrp.capabilities -e dvmrp.genid "
               "-e dvmrp.neighbor -e dvmrp.saddr -e dvmrp.maddr -e dvmrp.lifetime "
               "-e dvmrp.netmask -e dvmrp.metric"));
    auto const expected = samples();
    ASSERT_EQ(lines.size(), expected.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        EXPECT_EQ(lines[i], expected[i].read) << i;
    }
}

} // namespace
} // namespace mcast::wire::dvmrp
