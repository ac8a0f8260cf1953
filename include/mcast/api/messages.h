// What a client may ask of the daemon and what the daemon answers, as values.
//
// A conversation over a Unix stream socket, request by request, answers in the order of requests:
//   request  {"version":1,"command":"show","arguments":["entries"],"options":{}}
//   reply    {"version":1,"ok":true,"data":...}
//            {"version":1,"ok":false,"error":{"code":"not_found","sentence":"..."}}
// Each travels as one frame of codec.h. Decoding is strict: an unknown member, a wrong type, a
// wrong version or too deep a nesting is refused with a sentence. What `data` holds for each
// command is written in shapes.md next to this file. Values; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace mcast::api {

// Members keep the order in which they were added, so that people find JSON as it was meant.
using Json = nlohmann::ordered_json;

inline constexpr int k_version = 1;
inline constexpr std::size_t k_max_request_bytes = std::size_t{1} << 20;
inline constexpr std::size_t k_max_reply_bytes = std::size_t{64} << 20;
inline constexpr std::size_t k_max_arguments = 64;
inline constexpr std::size_t k_max_nesting = 32;

struct Request {
    std::string command;
    std::vector<std::string> arguments;
    Json options = Json::object();

    bool operator==(Request const&) const = default;
};

enum class ErrorCode : std::uint8_t {
    bad_request,         // not JSON, or not a request
    unsupported_version, // of the protocol
    unknown_command,
    bad_argument, // the command is known, what it was given is not right
    not_found,    // right in form, but there is no such thing
    not_allowed,  // on this socket
    too_large,    // a request or a reply beyond the limits above
    unavailable,  // known, but this version or this state of the daemon cannot do it
    internal,
};

std::string_view name_of(ErrorCode code);
std::optional<ErrorCode> parse_error_code(std::string_view name);

struct Failure {
    ErrorCode code = ErrorCode::internal;
    std::string sentence; // for people: what, and what to do about it

    bool operator==(Failure const&) const = default;
};

struct Reply {
    Json data;                      // null when refused
    std::optional<Failure> failure; // absent: ok

    static Reply ok(Json data) { return {std::move(data), std::nullopt}; }
    static Reply refuse(ErrorCode code, std::string sentence) {
        return {nullptr, Failure{code, std::move(sentence)}};
    }
    bool operator==(Reply const&) const = default;
};

// One line of JSON. Bytes that are not UTF-8 are replaced, never refused.
std::string encode(Request const& request);
std::string encode(Reply const& reply);

std::expected<Request, Failure> decode_request(std::string_view text);
std::expected<Reply, Failure> decode_reply(std::string_view text);

} // namespace mcast::api
