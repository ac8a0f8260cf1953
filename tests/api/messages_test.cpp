#include "mcast/api/messages.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace mcast::api {
namespace {

TEST(Request, RoundTrip) {
    ASSERT_TRUE(rc::check([] {
        Request request;
        request.command = *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
        request.arguments = *rc::gen::container<std::vector<std::string>>(
            5, rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127)));
        request.options["limit"] = *rc::gen::arbitrary<int>();
        auto const again = decode_request(encode(request));
        RC_ASSERT(again.has_value());
        RC_ASSERT(*again == request);
    }));
}

TEST(Request, TextIsAsDocumented) {
    EXPECT_EQ(encode(Request{"show", {"entries"}, Json::object()}),
              R"({"version":1,"command":"show","arguments":["entries"],"options":{}})");
    auto const terse = decode_request(R"({"version":1,"command":"show"})");
    ASSERT_TRUE(terse);
    EXPECT_TRUE(terse->arguments.empty());
    EXPECT_TRUE(terse->options.is_object());
}

TEST(Request, RefusesByName) {
    struct Case {
        std::string text;
        ErrorCode code;
        std::string_view sentence;
    };
    std::string many = R"({"version":1,"command":"show","arguments":["0")";
    for (std::size_t i = 1; i <= k_max_arguments; ++i) {
        many += ",\"x\"";
    }
    Case const cases[] = {
        {"", ErrorCode::bad_request, "the message is not a JSON object"},
        {"{", ErrorCode::bad_request, "the message is not a JSON object"},
        {"[]", ErrorCode::bad_request, "the message is not a JSON object"},
        {"{} x", ErrorCode::bad_request, "the message is not a JSON object"},
        {"{}", ErrorCode::bad_request, "the message has no version number"},
        {R"({"version":"1"})", ErrorCode::bad_request, "the message has no version number"},
        {R"({"version":2})", ErrorCode::unsupported_version,
         "the message speaks version 2 of the protocol, not version 1; use mcastctl and mcastd of "
         "the same release"},
        {R"({"version":1})", ErrorCode::bad_request, "the request has no command"},
        {R"({"version":1,"command":7})", ErrorCode::bad_request, "the request has no command"},
        {R"({"version":1,"command":"show","color":1})", ErrorCode::bad_request,
         "the message has an unknown member \"color\""},
        {R"({"version":1,"command":"show","arguments":"entries"})", ErrorCode::bad_request,
         "arguments must be a list of at most 64 texts"},
        {R"({"version":1,"command":"show","arguments":[1]})", ErrorCode::bad_request,
         "arguments must be a list of at most 64 texts"},
        {many + "]}", ErrorCode::bad_request, "arguments must be a list of at most 64 texts"},
        {R"({"version":1,"command":"show","options":[]})", ErrorCode::bad_request,
         "options must be an object"},
        {R"({"version":1,"command":"show","options":{"x":)" + std::string(40, '[') +
             std::string(40, ']') + "}}",
         ErrorCode::bad_request, "the message nests deeper than 32 levels"},
        {std::string(1'000'000, '['), ErrorCode::bad_request,
         "the message nests deeper than 32 levels"},
    };
    for (Case const& c : cases) {
        auto const result = decode_request(c.text);
        ASSERT_FALSE(result) << c.text.substr(0, 80);
        EXPECT_EQ(result.error(), (Failure{c.code, std::string{c.sentence}}));
    }
}

// Brackets in a text do not nest, and an escaped quote does not end it.
TEST(Request, BracketsInTextsAreNotNesting) {
    Request request{"explain", {std::string(100, '[') + "\"\\" + std::string(100, '{')}, {}};
    request.options = Json::object();
    auto const again = decode_request(encode(request));
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, request);
}

TEST(Reply, RoundTrip) {
    Reply const ok = Reply::ok(Json{{"b", 1}, {"a", {1, 2, nullptr}}});
    EXPECT_EQ(encode(ok), R"({"version":1,"ok":true,"data":{"b":1,"a":[1,2,null]}})");
    EXPECT_EQ(decode_reply(encode(ok)), ok);
    Reply const nothing = Reply::ok(nullptr);
    EXPECT_EQ(decode_reply(encode(nothing)), nothing);
    Reply const refused = Reply::refuse(ErrorCode::not_found, "no such group");
    EXPECT_EQ(
        encode(refused),
        R"({"version":1,"ok":false,"error":{"code":"not_found","sentence":"no such group"}})");
    EXPECT_EQ(decode_reply(encode(refused)), refused);
}

TEST(Reply, RefusesWhatContradictsItself) {
    for (std::string_view text :
         {R"({"version":1})", R"({"version":1,"ok":1,"data":1})", R"({"version":1,"ok":true})",
          R"({"version":1,"ok":false})", R"({"version":1,"ok":false,"data":1})",
          R"({"version":1,"ok":true,"data":1,"error":{"code":"internal","sentence":""}})",
          R"({"version":1,"ok":false,"error":{"code":"internal"}})",
          R"({"version":1,"ok":false,"error":{"code":"strange","sentence":""}})",
          R"({"version":1,"ok":false,"error":{"code":"internal","sentence":1}})",
          R"({"version":1,"ok":false,"error":"internal"})"}) {
        auto const result = decode_reply(text);
        ASSERT_FALSE(result) << text;
        EXPECT_EQ(result.error().code, ErrorCode::bad_request);
    }
}

TEST(Reply, BytesThatAreNotUtf8AreReplaced) {
    auto const again = decode_reply(encode(Reply::ok(Json{{"device", "a\xff"}})));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->data["device"], "a\xef\xbf\xbd");
}

TEST(ErrorCode, NamesAreOneToOne) {
    for (int i = 0; i <= static_cast<int>(ErrorCode::internal); ++i) {
        auto const code = static_cast<ErrorCode>(i);
        EXPECT_EQ(parse_error_code(name_of(code)), code);
    }
    EXPECT_EQ(parse_error_code("fine"), std::nullopt);
}

} // namespace
} // namespace mcast::api
