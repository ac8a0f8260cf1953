#include "mcast/api/codec.h"

#include <cstdint>

namespace mcast::api {

std::string frame(std::string_view payload) {
    auto const length = static_cast<std::uint32_t>(payload.size());
    std::string bytes;
    bytes.reserve(k_frame_header_bytes + payload.size());
    for (int shift = 24; shift >= 0; shift -= 8) {
        bytes += static_cast<char>((length >> shift) & 0xff);
    }
    return bytes += payload;
}

// The payload length that the next header says; nullopt while the header is incomplete.
std::optional<std::size_t> FrameDecoder::announced() const {
    if (buffered() < k_frame_header_bytes) {
        return std::nullopt;
    }
    std::size_t length = 0;
    for (std::size_t i = 0; i < k_frame_header_bytes; ++i) {
        length = (length << 8) | static_cast<unsigned char>(buffer_[taken_ + i]);
    }
    return length;
}

void FrameDecoder::judge_length() {
    auto const length = announced();
    if (length && (*length == 0 || *length > max_payload_bytes_)) {
        failed_ = true;
        buffer_.clear();
        buffer_.shrink_to_fit();
        taken_ = 0;
    }
}

void FrameDecoder::feed(std::string_view bytes) {
    if (failed_) {
        return;
    }
    buffer_.erase(0, taken_);
    taken_ = 0;
    buffer_ += bytes;
    judge_length();
}

bool FrameDecoder::ready() const {
    auto const length = announced();
    return !failed_ && length && buffered() - k_frame_header_bytes >= *length;
}

std::optional<std::string> FrameDecoder::next() {
    if (!ready()) {
        return std::nullopt;
    }
    std::size_t const length = *announced();
    std::string payload = buffer_.substr(taken_ + k_frame_header_bytes, length);
    taken_ += k_frame_header_bytes + length;
    judge_length();
    return payload;
}

} // namespace mcast::api
