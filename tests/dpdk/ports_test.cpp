// Ports over the pcap driver: files in, files out; capture order; shared transmit queues.
#include "rig.h"

#include "mcast/platform/ports.h"
#include "mcast/platform/replay_source.h"

#include <chrono>
#include <filesystem>
#include <string>

#include <unistd.h>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pcap/pcap.h>
#include <rte_dev.h>
#include <rte_mbuf.h>

namespace mcast::platform {
namespace {

using namespace std::chrono_literals;
using test::forwarded;
using test::k_router_mac;
using test::Octets;
using test::Packet;

struct Captured {
    std::uint64_t microseconds;
    Octets bytes;
};

// A directory of its own, gone at the end; devices removed too.
class PcapPorts : public testing::Test {
protected:
    PcapPorts() { std::filesystem::create_directories(folder_); }
    ~PcapPorts() override {
        for (std::string const& name : devices_) {
            rte_eal_hotplug_remove("vdev", name.c_str());
        }
        std::filesystem::remove_all(folder_);
    }

    std::string file(std::string const& name) const { return folder_ / name; }

    void write(std::string const& name, std::vector<Captured> const& packets) const {
        pcap_t* const pcap = pcap_open_dead(DLT_EN10MB, 65535);
        pcap_dumper_t* const out = pcap_dump_open(pcap, file(name).c_str());
        for (Captured const& packet : packets) {
            pcap_pkthdr header{};
            header.ts.tv_sec = static_cast<time_t>(packet.microseconds / 1'000'000);
            header.ts.tv_usec = static_cast<suseconds_t>(packet.microseconds % 1'000'000);
            header.caplen = header.len = static_cast<bpf_u_int32>(packet.bytes.size());
            pcap_dump(reinterpret_cast<u_char*>(out), &header, packet.bytes.data());
        }
        pcap_dump_close(out);
        pcap_close(pcap);
    }

    std::vector<Octets> read(std::string const& name) const {
        std::vector<Octets> packets;
        char error[PCAP_ERRBUF_SIZE];
        pcap_t* const pcap = pcap_open_offline(file(name).c_str(), error);
        EXPECT_NE(pcap, nullptr) << error;
        pcap_pkthdr* header = nullptr;
        u_char const* data = nullptr;
        while (pcap != nullptr && pcap_next_ex(pcap, &header, &data) == 1) {
            packets.emplace_back(data, data + header->caplen);
        }
        if (pcap != nullptr) {
            pcap_close(pcap);
        }
        return packets;
    }

    // As EAL would do for --vdev.
    void add_port(std::string const& arguments) {
        std::string const name = fmt::format("net_pcap{}", config_.ports.size());
        ASSERT_EQ(rte_eal_hotplug_add("vdev", name.c_str(), arguments.c_str()), 0);
        devices_.push_back(name);
        config_.ports.push_back({.name = "p" + name, .device = name + "," + arguments});
    }

    void SetUp() override {
        config_.workers.cores = {0};
        config_.pools = {
            .receive = 1023, .headers = 511, .control = 127, .cache = 32, .buffer_bytes = 2176};
        auto pools = Pools::create(config_.pools, "ports");
        ASSERT_TRUE(pools.has_value());
        pools_.emplace(std::move(*pools));
    }

    Config config_;
    std::optional<Pools> pools_;

private:
    std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / fmt::format("mcast_dpdk_{}", getpid());
    std::vector<std::string> devices_;
};

TEST_F(PcapPorts, FileInFilesOut) {
    std::vector<Captured> in;
    std::vector<Octets> expected;
    std::vector<Octets> expected_tagged;
    for (std::size_t i = 0; i < 100; ++i) {
        Packet const packet{.ttl = static_cast<std::uint8_t>(2 + i), .payload = i * 14};
        in.push_back({i, packet.bytes()});
        expected.push_back(forwarded(packet, k_router_mac, 0));
        expected_tagged.push_back(forwarded(packet, k_router_mac, 7));
    }
    write("in.pcap", in);
    add_port("rx_pcap=" + file("in.pcap") + ",tx_pcap=" + file("out0.pcap"));
    add_port("tx_pcap=" + file("out1.pcap"));

    auto ports = Ports::open(config_, k_router_mac, *pools_);
    ASSERT_TRUE(ports.has_value()) << ports.error().sentence;
    ASSERT_TRUE(ports->start().has_value());
    EXPECT_TRUE(ports->link_up(PortId{0}));
    PortInfo const& info = ports->info(PortId{0});
    EXPECT_EQ(info.driver, "net_pcap");
    EXPECT_EQ(info.mtu, 1500);
    EXPECT_TRUE(info.all_multicast || info.promiscuous);
    EXPECT_EQ(info.mac, k_router_mac);
    EXPECT_THAT(info.fallbacks, testing::Contains(testing::HasSubstr("no multi-segment")));

    Qsbr grace{1};
    handoff::Shared shared{1, 16, {}, grace};
    handoff::Publisher publisher{shared.table, grace, 1};
    auto interfaces = std::make_unique<handoff::InterfaceTable>();
    interfaces->router_mac = k_router_mac;
    handoff::Interface interface;
    interface.up = true;
    interface.mac = k_router_mac;
    interfaces->add(IfIndex{0}, interface);
    interface.port = PortId{1};
    interfaces->add(IfIndex{1}, interface);
    interface.vlan = 7;
    interfaces->add(IfIndex{2}, interface);
    shared.interfaces.publish(std::move(interfaces));
    publisher.publish({.key = {test::k_source, test::k_group},
                       .arrival = IfIndex{0},
                       .outputs = {IfIndex{1}, IfIndex{2}}});
    {
        dataplane::Worker worker{
            {.id = WorkerId{0}, .queues = ports->queues_of(WorkerId{0}), .limits = {}},
            shared,
            *pools_,
            grace};
        while (worker.poll_once()) {
        }
    }
    EXPECT_EQ(ports->stats(PortId{1}).sent, 200U);
    ports->close();
    EXPECT_EQ(pools_->in_use(), PoolBalance{});

    std::vector<Octets> plain;
    std::vector<Octets> tagged;
    for (Octets const& frame : read("out1.pcap")) {
        (frame[12] == 0x81 ? tagged : plain).push_back(frame);
    }
    EXPECT_EQ(plain, expected);
    EXPECT_EQ(tagged, expected_tagged);
    EXPECT_TRUE(read("out0.pcap").empty());
}

TEST_F(PcapPorts, ReplayMergesByCaptureTime) {
    auto const tagged = [](std::uint8_t n) { return Packet{.data = Octets(40, n)}.bytes(); };
    write("a.pcap", {{5'000'010, tagged(1)}, {5'000'030, tagged(3)}, {5'000'030, tagged(4)}});
    write("b.pcap", {{5'000'020, tagged(2)}, {5'000'030, tagged(5)}, {6'000'010, tagged(6)}});
    write("c.pcap", {});
    for (char const* name : {"a.pcap", "b.pcap", "c.pcap"}) {
        add_port("rx_pcap=" + file(name));
    }
    auto ports = Ports::open(config_, k_router_mac, *pools_);
    ASSERT_TRUE(ports.has_value()) << ports.error().sentence;
    ASSERT_TRUE(ports->start().has_value());
    {
        TimePoint const origin{100s};
        ReplaySource source{ports->queues_of(WorkerId{0}).receive, origin};
        EXPECT_TRUE(source.has_times());
        Duration const after[] = {0us, 10us, 20us, 20us, 20us, 1s};
        std::uint16_t const from[] = {0, 1, 0, 0, 1, 1};
        for (std::uint8_t i = 0; i < 6; ++i) {
            auto const next = source.next();
            ASSERT_TRUE(next.has_value()) << int{i};
            EXPECT_EQ(next->at, origin + after[i]) << int{i};
            EXPECT_EQ(next->port, PortId{from[i]});
            EXPECT_EQ(*rte_pktmbuf_mtod_offset(next->frame, std::uint8_t*, 14 + 20), i + 1);
            rte_pktmbuf_free(next->frame);
        }
        EXPECT_FALSE(source.next().has_value());
        EXPECT_FALSE(source.next().has_value());
    }
    ports->close();
    EXPECT_EQ(pools_->in_use(), PoolBalance{});
}

// One file takes one queue: the second worker sends through the first.
TEST_F(PcapPorts, SharedTransmitQueue) {
    config_.workers.cores = {0, 0};
    add_port("tx_pcap=" + file("o.pcap"));
    auto ports = Ports::open(config_, k_router_mac, *pools_);
    ASSERT_TRUE(ports.has_value()) << ports.error().sentence;
    EXPECT_THAT(ports->info(PortId{0}).fallbacks,
                testing::Contains(testing::HasSubstr("1 transmit queues for 2 workers")));
    WorkerQueues const owner = ports->queues_of(WorkerId{0});
    WorkerQueues const other = ports->queues_of(WorkerId{1});
    EXPECT_EQ(owner.transmit.at(0).relay, nullptr);
    EXPECT_NE(other.transmit.at(0).relay, nullptr);
    EXPECT_EQ(owner.relays.at(0).ring, other.transmit.at(0).relay);
    EXPECT_EQ(owner.receive.size(), 1U);
    EXPECT_TRUE(other.receive.empty());
}

TEST_F(PcapPorts, MissingDevicesAreNamed) {
    config_.ports = {{.name = "wan", .device = "net_af_packet7,iface=nosuch0"}};
    auto const missing = Ports::open(config_, k_router_mac, *pools_);
    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().exit_code, k_exit_unavailable);
    EXPECT_THAT(missing.error().sentence, testing::HasSubstr("'wan'"));
    EXPECT_THAT(missing.error().sentence, testing::HasSubstr("nosuch0"));
    config_.ports = {{.name = "lan", .device = "0000:ff:1f.7"}};
    auto const pci = Ports::open(config_, k_router_mac, *pools_);
    ASSERT_FALSE(pci.has_value());
    EXPECT_THAT(pci.error().sentence, testing::HasSubstr("driverctl set-override 0000:ff:1f.7"));
}

} // namespace
} // namespace mcast::platform
