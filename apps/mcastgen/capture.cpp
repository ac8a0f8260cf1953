#include "capture.h"

#include <array>

#include <fmt/format.h>
#include <pcap/pcap.h>
#include <poll.h>

namespace mcast::gen {
namespace {

constexpr int k_snap_length = 65535 + 18;
constexpr int k_read_wait_ms = 100;
constexpr int k_kernel_buffer = 32 * 1024 * 1024;

timeval to_timeval(Duration since_1970) {
    auto const us = std::chrono::floor<std::chrono::microseconds>(since_1970).count();
    return {.tv_sec = us / 1'000'000, .tv_usec = us % 1'000'000};
}

Duration to_duration(timeval at) {
    return std::chrono::seconds{at.tv_sec} + std::chrono::microseconds{at.tv_usec};
}

std::expected<PcapHandle, std::string> open_live(std::string const& name, Delivery delivery) {
    std::array<char, PCAP_ERRBUF_SIZE> why{};
    PcapHandle handle(pcap_create(name.c_str(), why.data()));
    if (!handle) {
        return std::unexpected(fmt::format("interface {}: {}", name, why.data()));
    }
    pcap_set_snaplen(handle.get(), k_snap_length);
    pcap_set_promisc(handle.get(), 1);
    pcap_set_timeout(handle.get(), k_read_wait_ms);
    pcap_set_buffer_size(handle.get(), k_kernel_buffer);
    pcap_set_immediate_mode(handle.get(), delivery == Delivery::at_once ? 1 : 0);
    if (int const status = pcap_activate(handle.get()); status < 0) {
        return std::unexpected(fmt::format("interface {}: {}", name, pcap_statustostr(status)));
    }
    if (pcap_datalink(handle.get()) != DLT_EN10MB) {
        return std::unexpected(fmt::format("interface {}: not an Ethernet", name));
    }
    return handle;
}

} // namespace

void PcapClose::operator()(pcap* handle) const {
    pcap_close(handle);
}
void PcapClose::operator()(pcap_dumper* handle) const {
    pcap_dump_close(handle);
}

std::expected<CaptureWriter, std::string> CaptureWriter::open(std::string const& path) {
    CaptureWriter writer;
    writer.handle_.reset(pcap_open_dead(DLT_EN10MB, k_snap_length));
    writer.dumper_.reset(pcap_dump_open(writer.handle_.get(), path.c_str()));
    if (!writer.dumper_) {
        return std::unexpected(std::string{pcap_geterr(writer.handle_.get())});
    }
    return writer;
}

void CaptureWriter::write(wire::Bytes frame, Duration since_1970) {
    pcap_pkthdr header{};
    header.ts = to_timeval(since_1970);
    header.caplen = header.len = static_cast<bpf_u_int32>(frame.size());
    pcap_dump(reinterpret_cast<u_char*>(dumper_.get()), &header, frame.data());
}

bool CaptureWriter::close() {
    bool const written = pcap_dump_flush(dumper_.get()) == 0;
    dumper_.reset();
    return written;
}

std::expected<FrameSource, std::string> FrameSource::open_file(std::string const& path) {
    std::array<char, PCAP_ERRBUF_SIZE> why{};
    FrameSource source;
    source.handle_.reset(pcap_open_offline(path.c_str(), why.data()));
    if (!source.handle_) {
        return std::unexpected(std::string{why.data()});
    }
    if (pcap_datalink(source.handle_.get()) != DLT_EN10MB) {
        return std::unexpected(fmt::format("{}: not a capture of Ethernet frames", path));
    }
    return source;
}

std::expected<FrameSource, std::string> FrameSource::open_interface(std::string const& name,
                                                                    Delivery delivery) {
    auto handle = open_live(name, delivery);
    if (!handle) {
        return std::unexpected(handle.error());
    }
    std::array<char, PCAP_ERRBUF_SIZE> why{};
    FrameSource source;
    source.handle_ = std::move(*handle);
    source.live_ = true;
    pcap_setdirection(source.handle_.get(), PCAP_D_IN);
    // Linux waits for a first packet without end, whatever the time-out says: we poll instead.
    if (pcap_setnonblock(source.handle_.get(), 1, why.data()) != 0) {
        return std::unexpected(fmt::format("interface {}: {}", name, why.data()));
    }
    return source;
}

std::expected<FrameSource::Read, std::string>
FrameSource::read(std::function<void(wire::Bytes, Duration)> const& f) {
    auto const taken = read_now(f);
    if (taken && *taken == Read::nothing) {
        pollfd waiting{.fd = pcap_get_selectable_fd(handle_.get()), .events = POLLIN, .revents = 0};
        poll(&waiting, 1, k_read_wait_ms);
    }
    return taken;
}

std::expected<FrameSource::Read, std::string>
FrameSource::read_now(std::function<void(wire::Bytes, Duration)> const& f) {
    pcap_pkthdr* header = nullptr;
    u_char const* bytes = nullptr;
    switch (pcap_next_ex(handle_.get(), &header, &bytes)) {
    case 1:
        f({bytes, header->caplen}, to_duration(header->ts));
        return Read::frame;
    case 0:
        return Read::nothing;
    case PCAP_ERROR_BREAK:
        return Read::end;
    default:
        return std::unexpected(std::string{pcap_geterr(handle_.get())});
    }
}

std::uint64_t FrameSource::missed() const {
    pcap_stat statistics{};
    if (!live_ || pcap_stats(handle_.get(), &statistics) != 0) {
        return 0;
    }
    return statistics.ps_drop;
}

std::expected<FrameSink, std::string> FrameSink::open_interface(std::string const& name) {
    auto handle = open_live(name, Delivery::together);
    if (!handle) {
        return std::unexpected(handle.error());
    }
    FrameSink sink;
    sink.handle_ = std::move(*handle);
    return sink;
}

std::expected<void, std::string> FrameSink::send(wire::Bytes frame) {
    if (pcap_inject(handle_.get(), frame.data(), frame.size()) != static_cast<int>(frame.size())) {
        return std::unexpected(std::string{pcap_geterr(handle_.get())});
    }
    return {};
}

} // namespace mcast::gen
