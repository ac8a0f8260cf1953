#include "mcast/api/messages.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace mcast::api {

namespace {

struct NamedCode {
    ErrorCode code;
    std::string_view name;
};

constexpr std::array<NamedCode, 9> k_codes{{
    {ErrorCode::bad_request, "bad_request"},
    {ErrorCode::unsupported_version, "unsupported_version"},
    {ErrorCode::unknown_command, "unknown_command"},
    {ErrorCode::bad_argument, "bad_argument"},
    {ErrorCode::not_found, "not_found"},
    {ErrorCode::not_allowed, "not_allowed"},
    {ErrorCode::too_large, "too_large"},
    {ErrorCode::unavailable, "unavailable"},
    {ErrorCode::internal, "internal"},
}};

std::unexpected<Failure> bad(std::string sentence) {
    return std::unexpected(Failure{ErrorCode::bad_request, std::move(sentence)});
}

// Copying and printing nested values recurses, so depth is judged before anything is built.
bool too_deep(std::string_view text) {
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char const c = text[i];
        if (in_string) {
            i += c == '\\' ? 1 : 0;
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > k_max_nesting) {
                return true;
            }
        } else if ((c == ']' || c == '}') && depth > 0) {
            --depth;
        }
    }
    return false;
}

// An object of the right version with none but these members.
std::expected<Json, Failure> decode_object(std::string_view text,
                                           std::initializer_list<std::string_view> members) {
    if (too_deep(text)) {
        return bad(fmt::format("the message nests deeper than {} levels", k_max_nesting));
    }
    Json json = Json::parse(text, nullptr, false);
    if (!json.is_object()) {
        return bad("the message is not a JSON object");
    }
    auto const version = json.find("version");
    if (version == json.end() || !version->is_number_integer()) {
        return bad("the message has no version number");
    }
    if (*version != k_version) {
        return std::unexpected(
            Failure{ErrorCode::unsupported_version,
                    fmt::format("the message speaks version {} of the protocol, not version {}; "
                                "use mcastctl and mcastd of the same release",
                                version->dump(), k_version)});
    }
    for (auto const& [name, value] : json.items()) {
        if (std::ranges::find(members, name) == members.end()) {
            return bad(fmt::format("the message has an unknown member \"{}\"", name.substr(0, 64)));
        }
    }
    return json;
}

std::string text_of(Json const& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace

std::string_view name_of(ErrorCode code) {
    auto const found = std::ranges::find(k_codes, code, &NamedCode::code);
    return found == k_codes.end() ? "internal" : found->name;
}

std::optional<ErrorCode> parse_error_code(std::string_view name) {
    auto const found = std::ranges::find(k_codes, name, &NamedCode::name);
    return found == k_codes.end() ? std::nullopt : std::optional{found->code};
}

std::string encode(Request const& request) {
    Json json = Json::object();
    json["version"] = k_version;
    json["command"] = request.command;
    json["arguments"] = request.arguments;
    json["options"] = request.options;
    return text_of(json);
}

std::string encode(Reply const& reply) {
    Json json = Json::object();
    json["version"] = k_version;
    json["ok"] = !reply.failure.has_value();
    if (reply.failure) {
        json["error"]["code"] = name_of(reply.failure->code);
        json["error"]["sentence"] = reply.failure->sentence;
    } else {
        json["data"] = reply.data;
    }
    return text_of(json);
}

std::expected<Request, Failure> decode_request(std::string_view text) {
    auto json = decode_object(text, {"version", "command", "arguments", "options"});
    if (!json) {
        return std::unexpected(json.error());
    }
    Request request;
    if (!json->contains("command") || !(*json)["command"].is_string()) {
        return bad("the request has no command");
    }
    request.command = (*json)["command"].get<std::string>();
    if (json->contains("arguments")) {
        Json const& arguments = (*json)["arguments"];
        if (!arguments.is_array() || arguments.size() > k_max_arguments ||
            !std::ranges::all_of(arguments, &Json::is_string)) {
            return bad(
                fmt::format("arguments must be a list of at most {} texts", k_max_arguments));
        }
        request.arguments = arguments.get<std::vector<std::string>>();
    }
    if (json->contains("options")) {
        request.options = std::move((*json)["options"]);
        if (!request.options.is_object()) {
            return bad("options must be an object");
        }
    }
    return request;
}

std::expected<Reply, Failure> decode_reply(std::string_view text) {
    auto json = decode_object(text, {"version", "ok", "data", "error"});
    if (!json) {
        return std::unexpected(json.error());
    }
    if (!json->contains("ok") || !(*json)["ok"].is_boolean()) {
        return bad("the reply says neither ok nor refused");
    }
    bool const ok = (*json)["ok"].get<bool>();
    if (ok != json->contains("data") || ok == json->contains("error")) {
        return bad("a reply has data when it is ok, else an error");
    }
    if (ok) {
        return Reply::ok(std::move((*json)["data"]));
    }
    Json const& error = (*json)["error"];
    if (!error.is_object() || error.size() != 2 || !error.contains("code") ||
        !error["code"].is_string() || !error.contains("sentence") ||
        !error["sentence"].is_string()) {
        return bad("an error has a code and a sentence");
    }
    auto const code = parse_error_code(error["code"].get<std::string>());
    if (!code) {
        return bad(fmt::format("the reply has an unknown error code {}", text_of(error["code"])));
    }
    return Reply::refuse(*code, error["sentence"].get<std::string>());
}

} // namespace mcast::api
