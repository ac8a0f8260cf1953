// Conversations of a real router: every message that it sent is understood, and written again to
// the same bytes. The recordings are no part of this tree: MCAST_CAPTURES names their folder, else
// the Meson option `captures`; without them the test is skipped.
#include "bytes.h"
#include "mcast/wire/datagram.h"
#include "mcast/wire/dvmrp.h"
#include "pcap_file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

namespace mcast::wire::dvmrp {
namespace {

namespace fs = std::filesystem;

fs::path captures() {
    char const* const named = std::getenv("MCAST_CAPTURES");
    return named != nullptr ? named : MCAST_CAPTURES_DEFAULT;
}

// The DVMRP messages of one recording.
std::vector<Buffer> messages_of(fs::path const& path) {
    std::vector<Buffer> result;
    auto const frames = test::read_capture(path);
    EXPECT_TRUE(frames.has_value()) << path;
    for (Buffer const& frame : frames.value_or(std::vector<Buffer>{})) {
        auto const datagram = decode_datagram(frame);
        if (datagram && datagram->ip.protocol == k_protocol_igmp && !datagram->payload.empty() &&
            datagram->payload[0] == 0x13) {
            // DVMRP-4: with Router Alert the header has 24 bytes.
            EXPECT_EQ(has_router_alert(datagram->ip.options), datagram->ip.header_length == 24);
            result.emplace_back(datagram->payload.begin(), datagram->payload.end());
        }
    }
    return result;
}

struct Tally {
    std::map<std::string, int> refused{};
    std::set<std::string_view> kinds{};
    std::size_t understood = 0;
};

void add(Tally& tally, Buffer const& bytes, fs::path const& path) {
    auto const message = decode_dvmrp(bytes);
    if (!message) {
        ++tally.refused[std::string{name_of(message.error())}];
        return;
    }
    ++tally.understood;
    tally.kinds.insert(name_of(message->body));
    EXPECT_EQ(encoded(*message), bytes) << path << ", a " << name_of(message->body);
}

TEST(DvmrpCapture, EveryMessageOfARealRouter) {
    if (!fs::is_directory(captures())) {
        GTEST_SKIP() << "no recordings in " << captures() << "; MCAST_CAPTURES names their folder";
    }
    Tally regular;
    Tally odd; // one recording is of messages made to be wrong
    for (auto const& file : fs::directory_iterator(captures())) {
        if (file.path().extension() != ".pcap") {
            continue;
        }
        bool const is_odd = file.path().stem().string().contains("malformed");
        for (Buffer const& bytes : messages_of(file.path())) {
            add(is_odd ? odd : regular, bytes, file.path());
        }
    }
    EXPECT_TRUE(regular.refused.empty());
    EXPECT_GT(regular.understood, 100U);
    EXPECT_EQ(regular.kinds, (std::set<std::string_view>{"probe", "report", "prune", "graft",
                                                         "graft acknowledgement"}));
    EXPECT_EQ(odd.refused, (std::map<std::string, int>{{"bad_checksum", 1},
                                                       {"bad_length", 1},
                                                       {"obsolete_code", 1},
                                                       {"vendor_code", 1},
                                                       {"bad_mask", 1},
                                                       {"bad_route", 2},
                                                       {"unclosed_routes", 1}}));
}

} // namespace
} // namespace mcast::wire::dvmrp
