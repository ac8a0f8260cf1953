// Records, buffers and listings of the C door.
#include "door_world.h"

#include <cstring>

namespace mcast::mgm::test {
namespace {

class DoorListingTest : public DoorWorld {
protected:
    DoorListingTest() {
        open();
        x = join_in(9, xl); // the flows' owner is a C++ protocol: listings need no registration
        in = take(x, 1);
        y = join_in(8, yl);
        for (unsigned n = 2; n <= 9; ++n) {
            out.push_back(take(y, n));
        }
    }
    // An entry with this many outputs.
    FlowKey flow(std::uint8_t source, Ipv4 group, std::size_t outputs) {
        FlowKey const key{Ipv4::of(10, 1, 0, source), group};
        for (std::size_t n = 0; n < outputs; ++n) {
            EXPECT_TRUE(out[n].add(MembershipKey::of(key), k_join));
        }
        miss(key);
        return key;
    }
    static MIB_IPMCAST_MFE key_record(FlowKey key) {
        MIB_IPMCAST_MFE record{};
        record.dwSource = net(key.source);
        record.dwGroup = net(key.group);
        return record;
    }
    template <class Record>
    static Record head_of(std::vector<BYTE> const& buffer, std::size_t fixed) {
        Record record{};
        std::memcpy(&record, buffer.data(), fixed);
        return record;
    }

    InterfaceLease in;
    std::vector<InterfaceLease> out;
};

// What the C walker saw.
struct Seen {
    FlowKey key;
    std::vector<DWORD> outputs;
};
std::vector<Seen> seen;
void see(MIB_IPMCAST_MFE const* entry, MIB_IPMCAST_OIF const* outputs) {
    seen.push_back({{host(entry->dwSource), host(entry->dwGroup)}, {}});
    for (ULONG n = 0; n < entry->ulNumOutIf; ++n) {
        seen.back().outputs.push_back(outputs[n].dwOutIfIndex);
    }
}

TEST_F(DoorListingTest, EmptyTable) {
    DWORD size = 7;
    DWORD count = 5;
    BYTE buffer[7];
    EXPECT_EQ(MgmGetFirstMfe(&size, buffer, &count), ERROR_NO_MORE_ITEMS); // MGM-114, MGM-109
    EXPECT_EQ(count, 0u);
    EXPECT_EQ(size, 7u); // MGM-112
    count = 5;
    EXPECT_EQ(MgmGetFirstMfeStats(&size, buffer, &count, MGM_MFE_STATS_1), ERROR_NO_MORE_ITEMS);
    EXPECT_EQ(count, 0u);
    auto key = key_record(k_flow);
    EXPECT_EQ(MgmGetMfe(&key, &size, buffer), ERROR_NOT_FOUND); // MGM-110
    EXPECT_EQ(MgmGetMfeStats(&key, &size, buffer, MGM_MFE_STATS_0), ERROR_NOT_FOUND);
    ASSERT_EQ(c_router_start(), NO_ERROR);
    EXPECT_EQ(MgmSetMfe(c_router, &key), ERROR_NOT_FOUND);
}

TEST_F(DoorListingTest, RecordsOfAnyLengthInBuffersOfAnySize) {
    // MGM-115, MGM-117: entries with no, one and seven outputs
    std::vector<FlowKey> const keys{flow(1, k_g, 1), flow(2, k_g, 7), flow(3, k_g, 0),
                                    flow(1, k_h, 7), flow(4, k_h, 0)};
    std::size_t const outputs[] = {1, 7, 0, 7, 0};
    auto const longest = static_cast<DWORD>(SIZEOF_MIB_MFE(7));
    for (DWORD size = longest; size < longest * 6; size += 4) {
        seen.clear();
        ASSERT_EQ(c_list_entries(size, see), 5) << "buffer of " << size;
        for (std::size_t n = 0; n < keys.size(); ++n) {
            EXPECT_EQ(seen[n].key, keys[n]);
            EXPECT_EQ(seen[n].outputs.size(), outputs[n]);
        }
    }
    EXPECT_THAT(seen[1].outputs, ElementsAre(2, 3, 4, 5, 6, 7, 8));
}

TEST_F(DoorListingTest, OneByteTooFew) {
    flow(1, k_g, 3);
    auto const need = static_cast<DWORD>(SIZEOF_MIB_MFE(3));
    EXPECT_EQ(need, 60u + 3 * 16);
    std::vector<BYTE> buffer(need + 1, 0xee);
    DWORD size = need - 1;
    DWORD count = 7;
    EXPECT_EQ(MgmGetFirstMfe(&size, buffer.data(), &count), ERROR_INSUFFICIENT_BUFFER); // MGM-111
    EXPECT_EQ(size, need);
    EXPECT_EQ(count, 0u);
    EXPECT_THAT(buffer, testing::Each(0xee));
    EXPECT_EQ(MgmGetFirstMfe(&size, buffer.data(), &count), ERROR_NO_MORE_ITEMS);
    EXPECT_EQ(size, need); // MGM-112
    EXPECT_EQ(count, 1u);
    EXPECT_EQ(buffer.back(), 0xee); // not a byte more
    auto key = key_record({Ipv4::of(10, 1, 0, 1), k_g});
    size = 0;
    EXPECT_EQ(MgmGetMfe(&key, &size, nullptr), ERROR_INSUFFICIENT_BUFFER);
    EXPECT_EQ(size, need);
    size = need + 100;
    buffer.resize(need + 100);
    EXPECT_EQ(MgmGetMfe(&key, &size, buffer.data()), NO_ERROR);
    EXPECT_EQ(size, need + 100); // MGM-112
    size = 1;
    EXPECT_EQ(MgmGetMfeStats(&key, &size, buffer.data(), MGM_MFE_STATS_0),
              ERROR_INSUFFICIENT_BUFFER);
    EXPECT_EQ(size, 64u + 3 * 28);
    size = 1;
    EXPECT_EQ(MgmGetMfeStats(&key, &size, buffer.data(), MGM_MFE_STATS_1),
              ERROR_INSUFFICIENT_BUFFER);
    EXPECT_EQ(size, 84u + 3 * 28);
}

TEST_F(DoorListingTest, MoreDataLeavesTheSizeAlone) {
    flow(1, k_g, 0);
    auto second = flow(2, k_g, 2);
    std::vector<BYTE> buffer(SIZEOF_MIB_MFE(1));
    auto const all = static_cast<DWORD>(buffer.size());
    DWORD size = all;
    DWORD count = 0;
    EXPECT_EQ(MgmGetFirstMfe(&size, buffer.data(), &count), ERROR_MORE_DATA);
    EXPECT_EQ(size, all); // MGM-112
    EXPECT_EQ(count, 1u);
    auto start = head_of<MIB_IPMCAST_MFE>(buffer, SIZEOF_MIB_MFE(0));
    EXPECT_EQ(MgmGetNextMfe(&start, &size, buffer.data(), &count), ERROR_INSUFFICIENT_BUFFER);
    EXPECT_EQ(size, SIZEOF_MIB_MFE(2));
    auto end = key_record(second);
    EXPECT_EQ(MgmGetNextMfe(&end, &size, buffer.data(), &count), ERROR_NO_MORE_ITEMS);
    EXPECT_EQ(count, 0u);
}

TEST_F(DoorListingTest, StartKeyMayBeGone) {
    flow(1, k_g, 0);
    auto const next = flow(9, k_g, 0);
    auto start = key_record({Ipv4::of(10, 1, 0, 5), k_g}); // MGM-116
    std::vector<BYTE> buffer(1000);
    DWORD size = 1000;
    DWORD count = 0;
    EXPECT_EQ(MgmGetNextMfe(&start, &size, buffer.data(), &count), ERROR_NO_MORE_ITEMS);
    EXPECT_EQ(count, 1u);
    EXPECT_EQ(head_of<MIB_IPMCAST_MFE>(buffer, SIZEOF_MIB_MFE(0)).dwSource, net(next.source));
}

TEST_F(DoorListingTest, SecondsAndHundredths) {
    settle();
    auto key = key_record(flow(1, k_g, 0));
    settle();
    step(10s + 250ms); // MGM-118: lifetime 900 s, read 10.25 s later
    std::vector<BYTE> buffer(1000);
    DWORD size = 1000;
    ASSERT_EQ(MgmGetMfe(&key, &size, buffer.data()), NO_ERROR);
    auto const entry = head_of<MIB_IPMCAST_MFE>(buffer, SIZEOF_MIB_MFE(0));
    EXPECT_EQ(entry.ulUpTime, 10u);
    EXPECT_EQ(entry.ulExpiryTime, 890u);
    EXPECT_EQ(entry.ulTimeOut, 900u);
    for (DWORD const flags : {MGM_MFE_STATS_0, MGM_MFE_STATS_1}) {
        ASSERT_EQ(MgmGetMfeStats(&key, &size, buffer.data(), flags), NO_ERROR);
        auto const stats = head_of<MIB_IPMCAST_MFE_STATS>(buffer, SIZEOF_MIB_MFE_STATS(0));
        EXPECT_EQ(stats.ulUpTime, 1025u);
        EXPECT_EQ(stats.ulExpiryTime, 88975u);
    }
    now += 890s - 250ms;
    mgm.miss({k_s, k_h}, index(1), {}, now); // due, and not yet expired by a step
    ASSERT_EQ(MgmGetMfeStats(&key, &size, buffer.data(), MGM_MFE_STATS_0), NO_ERROR);
    auto const due = head_of<MIB_IPMCAST_MFE_STATS>(buffer, SIZEOF_MIB_MFE_STATS(0));
    EXPECT_EQ(due.ulExpiryTime, 1u) << "0 would say that it does not age";
}

TEST_F(DoorListingTest, FieldsOfAnEntry) {
    auto const key = flow(1, k_g, 2);
    auto record = key_record(key);
    std::vector<BYTE> buffer(1000);
    DWORD size = 1000;
    ASSERT_EQ(MgmGetMfe(&record, &size, buffer.data()), NO_ERROR);
    auto const e = head_of<MIB_IPMCAST_MFE>(buffer, SIZEOF_MIB_MFE(0));
    EXPECT_EQ(e.dwGroup, net(k_g));
    EXPECT_EQ(e.dwSource, net(key.source));
    EXPECT_EQ(e.dwSrcMask, k_exact_mask);
    EXPECT_EQ(e.dwUpStrmNgbr, 0u);
    EXPECT_EQ(e.dwInIfIndex, 1u);
    EXPECT_EQ(e.dwInIfProtocol, 9u);
    EXPECT_EQ(e.dwRouteProtocol, k_connected_protocol.value);
    EXPECT_EQ(e.dwRouteNetwork, net(Ipv4::of(10, 1, 0, 0)));
    EXPECT_EQ(e.dwRouteMask, net(Ipv4::of(255, 255, 0, 0)));
    EXPECT_EQ(e.ulNumOutIf, 2u);
    auto unrouted = key_record({Ipv4::of(192, 0, 2, 1), k_g});
    miss({Ipv4::of(192, 0, 2, 1), k_g});
    ASSERT_EQ(MgmGetMfe(&unrouted, &size, buffer.data()), NO_ERROR);
    auto const u = head_of<MIB_IPMCAST_MFE>(buffer, SIZEOF_MIB_MFE(0));
    EXPECT_EQ(u.dwInIfIndex, MGM_NO_INTERFACE);
    EXPECT_EQ(u.dwInIfProtocol, 0u);
    EXPECT_EQ(u.dwRouteMask, 0u);
}

TEST_F(DoorListingTest, FieldsOfTheStatistics) {
    auto const key = flow(1, k_g, 2);
    handoff::EntryCounters& counted = published(key)->counters[0];
    counted.packets.add(5);
    counted.bytes.add(700);
    counted.wrong_interface.add(2);
    counted.ttl_expired.add(3);
    counted.dropped.add(4);
    auto record = key_record(key);
    std::vector<BYTE> buffer(1000);
    DWORD size = 1000;
    ASSERT_EQ(MgmGetMfeStats(&record, &size, buffer.data(), MGM_MFE_STATS_1), NO_ERROR);
    auto const s = head_of<MIB_IPMCAST_MFE_STATS_EX>(buffer, SIZEOF_MIB_MFE_STATS_EX(0));
    EXPECT_EQ(s.dwSource, net(key.source));
    EXPECT_EQ(s.ulNumOutIf, 2u);
    EXPECT_EQ(s.ulInPkts, 5u);
    EXPECT_EQ(s.ulInOctets, 700u);
    EXPECT_EQ(s.ulPktsDifferentIf, 2u); // MGM-106
    EXPECT_EQ(s.ulInHdrErrors, 3u);
    EXPECT_EQ(s.ulInDiscards, 4u);
    EXPECT_EQ(s.ulTotalOutPackets, 10u);
    MIB_IPMCAST_OIF_STATS second{};
    std::memcpy(&second, buffer.data() + SIZEOF_MIB_MFE_STATS_EX(1), sizeof second);
    EXPECT_EQ(second.dwOutIfIndex, 3u);
    EXPECT_EQ(second.ulOutPackets, 5u);
    ASSERT_EQ(MgmGetMfeStats(&record, &size, buffer.data(), MGM_MFE_STATS_0), NO_ERROR);
    std::memcpy(&second, buffer.data() + SIZEOF_MIB_MFE_STATS(1), sizeof second);
    EXPECT_EQ(second.dwOutIfIndex, 3u);
    EXPECT_EQ(second.ulOutPackets, 5u);
}

TEST_F(DoorListingTest, StatisticsAreListedLikeEntries) {
    flow(1, k_g, 1);
    auto last = key_record(flow(2, k_g, 2));
    std::vector<BYTE> buffer(1000);
    DWORD size = 1000;
    DWORD count = 0;
    EXPECT_EQ(MgmGetFirstMfeStats(&size, buffer.data(), &count, MGM_MFE_STATS_1),
              ERROR_NO_MORE_ITEMS);
    EXPECT_EQ(count, 2u);
    MIB_IPMCAST_MFE_STATS_EX second{};
    std::memcpy(&second, buffer.data() + SIZEOF_MIB_MFE_STATS_EX(1), SIZEOF_MIB_MFE_STATS_EX(0));
    EXPECT_EQ(second.ulNumOutIf, 2u);
    EXPECT_EQ(MgmGetNextMfeStats(&last, &size, buffer.data(), &count, MGM_MFE_STATS_0),
              ERROR_NO_MORE_ITEMS);
    EXPECT_EQ(count, 0u);
    for (DWORD flags : {0u, 3u, 4u}) {
        EXPECT_EQ(MgmGetFirstMfeStats(&size, buffer.data(), &count, flags),
                  ERROR_INVALID_PARAMETER);
        EXPECT_EQ(MgmGetMfeStats(&last, &size, buffer.data(), flags), ERROR_INVALID_PARAMETER);
    }
}

TEST_F(DoorListingTest, NullsAreRefused) {
    auto key = key_record(flow(1, k_g, 1));
    BYTE buffer[200];
    DWORD size = 200;
    DWORD count = 0;
    EXPECT_EQ(MgmGetMfe(nullptr, &size, buffer), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmGetMfe(&key, nullptr, buffer), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmGetFirstMfe(nullptr, buffer, &count), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmGetFirstMfe(&size, buffer, nullptr), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmGetNextMfe(nullptr, &size, buffer, &count), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmGetFirstMfe(&size, nullptr, &count), ERROR_INSUFFICIENT_BUFFER);
}

TEST_F(DoorListingTest, UpstreamNeighbourIsItsOwnersToSet) {
    ASSERT_EQ(c_router_start(), NO_ERROR);
    ASSERT_EQ(c_router_take(0), NO_ERROR);
    routes.add({{k_s2, 32}, index(0), {}, k_connected_protocol});
    miss({k_s2, k_g}, 0);
    auto mine = key_record({k_s2, k_g});
    mine.dwUpStrmNgbr = net(Ipv4::of(10, 0, 0, 7));
    EXPECT_EQ(MgmSetMfe(c_router, &mine), NO_ERROR); // MGM-120
    std::vector<BYTE> buffer(1000);
    DWORD size = 1000;
    ASSERT_EQ(MgmGetMfe(&mine, &size, buffer.data()), NO_ERROR);
    EXPECT_EQ(head_of<MIB_IPMCAST_MFE>(buffer, SIZEOF_MIB_MFE(0)).dwUpStrmNgbr,
              net(Ipv4::of(10, 0, 0, 7)));
    auto foreign = key_record(flow(1, k_g, 0));
    EXPECT_EQ(MgmSetMfe(c_router, &foreign), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmSetMfe(c_router, nullptr), ERROR_INVALID_PARAMETER);
}

TEST_F(DoorListingTest, GroupsThatAreJoined) {
    ASSERT_EQ(c_router_start(), NO_ERROR);
    ASSERT_TRUE(out[0].add(MembershipKey::of(k_g), k_join));
    ASSERT_TRUE(out[1].add(MembershipKey::of(k_flow), k_join));
    ASSERT_TRUE(out[2].add(MembershipKey::of(k_h), k_join));
    for (DWORD size : {16, 17, 32, 64}) { // MGM-123
        SOURCE_GROUP_ENTRY entries[4];
        std::vector<std::string> all;
        ASSERT_EQ(c_list_groups(ALL_SOURCES, size, entries, 4), 3);
        for (int n = 0; n < 3; ++n) {
            all.push_back(to_string(host(entries[n].dwSourceAddr)) + " " +
                          to_string(host(entries[n].dwGroupAddr)));
            EXPECT_EQ(entries[n].dwSourceMask, entries[n].dwSourceAddr == 0 ? 0 : k_exact_mask);
            EXPECT_EQ(entries[n].dwGroupMask, k_exact_mask);
        }
        EXPECT_THAT(all, UnorderedElementsAre("0.0.0.0 239.1.1.1", "10.1.0.9 239.1.1.1",
                                              "0.0.0.0 239.2.2.2"));
        ASSERT_EQ(c_list_groups(ANY_SOURCE, size, entries, 4), 2);
        EXPECT_THAT((std::vector{entries[0].dwGroupAddr, entries[1].dwGroupAddr}),
                    UnorderedElementsAre(g, h));
    }
    HANDLE enumeration = nullptr;
    EXPECT_EQ(MgmGroupEnumerationStart(c_router, static_cast<MGM_ENUM_TYPES>(2), &enumeration),
              ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmGroupEnumerationStart(c_router, ANY_SOURCE, nullptr), ERROR_INVALID_PARAMETER);
}

TEST_F(DoorListingTest, EnumerationSkipsNothingAndIsASnapshot) {
    ASSERT_EQ(c_router_start(), NO_ERROR);
    ASSERT_TRUE(out[0].add(MembershipKey::of(k_g), k_join));
    HANDLE enumeration = nullptr;
    ASSERT_EQ(MgmGroupEnumerationStart(c_router, ALL_SOURCES, &enumeration), NO_ERROR);
    ASSERT_TRUE(out[0].remove(MembershipKey::of(k_g), k_join)); // MGM-124
    ASSERT_TRUE(out[0].add(MembershipKey::of(k_h), k_join));
    SOURCE_GROUP_ENTRY entry{};
    DWORD size = sizeof entry - 1;
    DWORD count = 9;
    auto const next = [&] {
        return MgmGroupEnumerationGetNext(enumeration, &size, reinterpret_cast<PBYTE>(&entry),
                                          &count);
    };
    EXPECT_EQ(next(), ERROR_INSUFFICIENT_BUFFER); // MGM-122
    EXPECT_EQ(size, sizeof entry);
    EXPECT_EQ(count, 0u);
    EXPECT_EQ(next(), ERROR_NO_MORE_ITEMS); // with the record that was due
    EXPECT_EQ(count, 1u);
    EXPECT_EQ(entry.dwGroupAddr, g);
    EXPECT_EQ(size, sizeof entry); // MGM-112
    EXPECT_EQ(next(), ERROR_NO_MORE_ITEMS);
    EXPECT_EQ(count, 0u);
    EXPECT_EQ(MgmGroupEnumerationGetNext(enumeration, nullptr, nullptr, &count),
              ERROR_INVALID_PARAMETER);
    EXPECT_EQ(MgmGroupEnumerationEnd(enumeration), NO_ERROR); // needed even now
    EXPECT_EQ(next(), ERROR_INVALID_PARAMETER);               // MGM-121
}

} // namespace
} // namespace mcast::mgm::test
