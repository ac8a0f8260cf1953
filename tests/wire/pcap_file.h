// Frames of a capture file, and into one. Ethernet only.
#pragma once

#include "bytes.h"

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <pcap/pcap.h>

namespace mcast::wire::test {

using PcapFile = std::unique_ptr<pcap_t, decltype([](pcap_t* file) { pcap_close(file); })>;

struct Captured {
    std::chrono::microseconds at{}; // since the epoch
    Buffer frame;
};

// nullopt when the file cannot be read.
inline std::optional<std::vector<Captured>> read_timed_capture(std::string const& path) {
    std::array<char, PCAP_ERRBUF_SIZE> why{};
    PcapFile const file(pcap_open_offline(path.c_str(), why.data()));
    if (!file || pcap_datalink(file.get()) != DLT_EN10MB) {
        return std::nullopt;
    }
    std::vector<Captured> frames;
    pcap_pkthdr* header = nullptr;
    u_char const* data = nullptr;
    while (pcap_next_ex(file.get(), &header, &data) == 1) {
        frames.push_back({std::chrono::seconds{header->ts.tv_sec} +
                              std::chrono::microseconds{header->ts.tv_usec},
                          Buffer(data, data + header->caplen)});
    }
    return frames;
}

// The same without the times.
inline std::optional<std::vector<Buffer>> read_capture(std::string const& path) {
    auto timed = read_timed_capture(path);
    if (!timed) {
        return std::nullopt;
    }
    std::vector<Buffer> frames;
    for (Captured& it : *timed) {
        frames.push_back(std::move(it.frame));
    }
    return frames;
}

inline bool write_capture(std::string const& path, std::vector<Buffer> const& frames) {
    PcapFile const file(pcap_open_dead(DLT_EN10MB, 65535));
    pcap_dumper_t* const dumper = pcap_dump_open(file.get(), path.c_str());
    if (dumper == nullptr) {
        return false;
    }
    for (Buffer const& frame : frames) {
        auto const size = static_cast<bpf_u_int32>(frame.size());
        pcap_pkthdr const header{.ts = {}, .caplen = size, .len = size};
        pcap_dump(reinterpret_cast<u_char*>(dumper), &header, frame.data());
    }
    pcap_dump_close(dumper);
    return true;
}

} // namespace mcast::wire::test
