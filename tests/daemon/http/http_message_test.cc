#include "daemon/http/http_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <map>
#include <string>

namespace signinwatch::http {
namespace http_message_test {

namespace beast = boost::beast;
using testing::ElementsAre;
using testing::Pair;

WireRequest Request(const std::string& target, beast::http::verb method = beast::http::verb::get) {
  return {method, target, 11};
}

TEST(HttpMessageTest, APathAndItsParametersAreDecoded) {
  const HttpRequest request = PlainRequest(
      Request("/tickets/a%2Fb+c%zz%4?tenant=a+b%26c&x&=none&q=1=2&q=%00&x&&last=%E2%82%AC%"));
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.path, "/tickets/a/b+c%zz%4");
  EXPECT_THAT(request.parameters,
              ElementsAre(Pair("last", "€%"), Pair("q", "1=2"), Pair("q", std::string(1, '\0')),
                          Pair("tenant", "a b&c"), Pair("x", "")));
}

TEST(HttpMessageTest, HeadersThatCount) {
  WireRequest from = Request("/");
  from.insert(beast::http::field::host, "a");
  from.insert(beast::http::field::host, "b");
  from.set(beast::http::field::accept, "text/html");
  from.set(beast::http::field::origin, "http://o");
  from.set(beast::http::field::referer, "http://r");
  const HttpRequest request = PlainRequest(from);
  EXPECT_THAT(request.hosts, ElementsAre("a", "b"));
  EXPECT_EQ(request.accept, "text/html");
  EXPECT_EQ(request.origin, "http://o");
  EXPECT_EQ(request.referer, "http://r");
  EXPECT_TRUE(request.needs_host);
  from.version(10);
  EXPECT_FALSE(PlainRequest(from).needs_host);
}

TEST(HttpMessageTest, WhatIsTooLongOrUnknownIsAFault) {
  EXPECT_EQ(FaultOf(Request("/")), std::nullopt);
  EXPECT_EQ(FaultOf(Request("/" + std::string(8'191, 'x'))), std::nullopt);
  EXPECT_EQ(FaultOf(Request("/" + std::string(8'192, 'x')))->status, 414);
  WireRequest long_header = Request("/");
  long_header.set("X", std::string(8'192, 'x'));
  EXPECT_EQ(FaultOf(long_header)->status, 400);
  WireRequest brew = Request("/");
  brew.method_string("BREW");
  EXPECT_EQ(FaultOf(brew)->status, 400);
}

TEST(HttpMessageTest, HeadersOfTheConfigurationStandInForOurs) {
  config::WebConfig config;
  config.headers = {{"X-Frame-Options", "sameorigin"}, {"Strict-Transport-Security", "max-age=60"}};
  const WireResponse response =
      WireReply({.status = 303, .body = "", .location = "/tickets"}, config, "gzip");
  EXPECT_EQ(response.count("X-Frame-Options"), 1U);
  EXPECT_EQ(response["X-Frame-Options"], "sameorigin");
  EXPECT_EQ(response["Strict-Transport-Security"], "max-age=60");
  EXPECT_EQ(response["X-Content-Type-Options"], "nosniff");
  EXPECT_EQ(response["Location"], "/tickets");
  EXPECT_EQ(response["Connection"], "close");
  EXPECT_EQ(response["Cache-Control"], "no-store");
  EXPECT_EQ(response["Content-Encoding"], "") << "there is nothing to compress";
}

TEST(HttpMessageTest, WhoIsToComeAgainIsToldWhen) {
  const auto retry_after = [](HttpReply reply) {
    return std::string(WireReply(std::move(reply), config::WebConfig{}, "")["Retry-After"]);
  };
  EXPECT_EQ(retry_after({.status = 200, .body = ""}), "");
  EXPECT_EQ(retry_after({.status = 503, .body = ""}), "1");
  EXPECT_EQ(retry_after({.status = 429, .body = "", .retry_after_s = 7}), "7");
  EXPECT_EQ(TurnedAwayReply().status, 503);
}

std::string Unzipped(const std::string& zipped, size_t size) {
  z_stream stream{};
  EXPECT_EQ(::inflateInit2(&stream, 15 + 16), Z_OK);
  std::string text(size + 1, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zipped.data()));
  stream.avail_in = static_cast<uInt>(zipped.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  EXPECT_EQ(::inflate(&stream, Z_FINISH), Z_STREAM_END);
  text.resize(stream.total_out);
  ::inflateEnd(&stream);
  return text;
}

TEST(HttpMessageTest, CompressesTextForWhoTakesIt) {
  const std::string text(100'000, 'x');
  const auto sent = [&](const char* type, const char* accept_encoding) {
    return WireReply({.content_type = type, .body = text}, config::WebConfig{}, accept_encoding);
  };
  for (const char* type : {kTextType, kHtmlType, kJsonType, kProblemType, "image/svg+xml"}) {
    const WireResponse response = sent(type, "br, gzip");
    EXPECT_EQ(response["Content-Encoding"], "gzip") << type;
    EXPECT_EQ(response["Content-Length"], std::to_string(response.body().size()));
    EXPECT_EQ(Unzipped(response.body(), text.size()), text);
  }
  EXPECT_EQ(sent("image/png", "gzip").body(), text);
  EXPECT_EQ(sent(kTextType, "br").body(), text);
  EXPECT_EQ(sent(kTextType, "").body(), text);
}

}  // namespace http_message_test
}  // namespace signinwatch::http
