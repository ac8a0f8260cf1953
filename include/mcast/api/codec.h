// Messages to bytes of a stream and back: four bytes of length, big-endian, then the payload.
//
// The decoder takes bytes as they come and gives whole payloads. It never holds more than the limit
// plus what one call of feed() brought; a length of zero or beyond the limit latches `failed()`,
// and the stream is then worthless. One owner, one thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mcast::api {

inline constexpr std::size_t k_frame_header_bytes = 4;

// Precondition: the payload is neither empty nor longer than 2^32 - 1 bytes.
std::string frame(std::string_view payload);

class FrameDecoder {
public:
    explicit FrameDecoder(std::size_t max_payload_bytes) : max_payload_bytes_(max_payload_bytes) {}

    // After a failure bytes are discarded.
    void feed(std::string_view bytes);
    // The next whole payload, taken out; nullopt when bytes are missing or the stream has failed.
    std::optional<std::string> next();
    // Whether next() would give a payload.
    bool ready() const;

    bool failed() const { return failed_; }
    std::size_t buffered() const { return buffer_.size() - taken_; }

private:
    std::optional<std::size_t> announced() const;
    void judge_length();

    std::size_t max_payload_bytes_;
    std::string buffer_;
    std::size_t taken_ = 0; // bytes at the front of buffer_ that next() has given away
    bool failed_ = false;
};

} // namespace mcast::api
