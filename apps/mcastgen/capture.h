// Frames to and from libpcap: capture files and kernel interfaces. Errors are sentences. One
// thread.
#pragma once

#include "mcast/base/time.h"
#include "mcast/wire/cursor.h"

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>

struct pcap;
struct pcap_dumper;

namespace mcast::gen {

struct PcapClose {
    void operator()(pcap* handle) const;
    void operator()(pcap_dumper* handle) const;
};
using PcapHandle = std::unique_ptr<pcap, PcapClose>;

// A capture file of Ethernet frames, microsecond time stamps, written from the beginning.
class CaptureWriter {
public:
    static std::expected<CaptureWriter, std::string> open(std::string const& path);

    void write(wire::Bytes frame, Duration since_1970);
    // False when not all could be written; the file is closed either way.
    bool close();

private:
    CaptureWriter() = default;
    PcapHandle handle_;
    std::unique_ptr<pcap_dumper, PcapClose> dumper_;
};

// When the kernel hands over what came: many frames together, or each one for its delay's sake.
enum class Delivery : std::uint8_t { together, at_once };

// Where frames come from: a capture file or an interface.
class FrameSource {
public:
    static std::expected<FrameSource, std::string> open_file(std::string const& path);
    // Promiscuous; only what arrives, not what this host sends. Waits at most 100 ms in read().
    static std::expected<FrameSource, std::string>
    open_interface(std::string const& name, Delivery delivery = Delivery::together);

    enum class Read { frame, nothing, end };
    // Calls f(frame, time since 1970) at most once.
    std::expected<Read, std::string> read(std::function<void(wire::Bytes, Duration)> const& f);
    // The same, without waiting.
    std::expected<Read, std::string> read_now(std::function<void(wire::Bytes, Duration)> const& f);
    // Frames that the kernel could not hand over; 0 for a file.
    std::uint64_t missed() const;

private:
    FrameSource() = default;
    PcapHandle handle_;
    bool live_ = false;
};

// Sends frames out of a kernel interface.
class FrameSink {
public:
    static std::expected<FrameSink, std::string> open_interface(std::string const& name);
    std::expected<void, std::string> send(wire::Bytes frame);

private:
    FrameSink() = default;
    PcapHandle handle_;
};

} // namespace mcast::gen
