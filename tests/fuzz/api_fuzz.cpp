// The daemon's and the client's view of a byte stream that nobody vouches for.
#include "fuzz.h"
#include "mcast/api/codec.h"
#include "mcast/api/messages.h"

namespace mcast {
namespace {

// What decodes must survive being encoded again.
void judge(std::string_view text) {
    if (auto const request = api::decode_request(text)) {
        fuzz::require(api::decode_request(api::encode(*request)) == *request);
    }
    if (auto const reply = api::decode_reply(text)) {
        fuzz::require(api::decode_reply(api::encode(*reply)) == *reply);
    }
}

// The first byte says how the rest is cut.
void stream(std::string_view bytes) {
    if (bytes.empty()) {
        return;
    }
    std::size_t const step = static_cast<unsigned char>(bytes.front()) % 16 + 1;
    bytes.remove_prefix(1);
    api::FrameDecoder decoder(1024);
    while (!bytes.empty()) {
        decoder.feed(bytes.substr(0, step));
        bytes.remove_prefix(std::min(step, bytes.size()));
        fuzz::require(!decoder.failed() || decoder.buffered() == 0);
        while (auto const payload = decoder.next()) {
            fuzz::require(!payload->empty() && payload->size() <= 1024);
            judge(*payload);
        }
        fuzz::require(decoder.buffered() <= 1024 + api::k_frame_header_bytes + 16);
    }
}

} // namespace
} // namespace mcast

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const bytes{reinterpret_cast<char const*>(data), size};
    mcast::judge(bytes);
    mcast::stream(bytes);
    return 0;
}
