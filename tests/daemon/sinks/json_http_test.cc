#include "daemon/sinks/json_http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/daemon/sinks/fake_parts.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::sinks {
namespace json_http_test {

using testing::Contains;
using testing::Pair;
using Kind = Answer::Kind;

class JsonHttpTest : public testing::Test {
 protected:
  JsonHttpTest() {
    config_.type = "servicenow";
    config_.settings["url"] = std::string("https://h.example//");
    secret_ = {config::SecretRef::From::kFile, folder_.Write("s", "one\n")};
  }
  Answer Send(JsonHttp* http) {
    return http->Send({.method = "GET", .target = "/a"}, {.wants_json = true}, &response_, &json_);
  }

  const TemporaryFolder folder_;
  FakeParts world_;
  config::SinkConfig config_;
  config::SecretRef secret_;
  http_client::HttpResponse response_;
  json::JsonDocument json_{""};
};

TEST_F(JsonHttpTest, SendsWhatTheOtherSideWants) {
  world_.answer = [](const http_client::HttpCall&) {
    return http_client::HttpResponse{200, R"({"id":"7"})", ""};
  };
  JsonHttp http(config_, world_.parts(), {.username = "u", .secret = secret_}, {{"X-A", "b"}});
  EXPECT_TRUE(http.Check().ok());
  EXPECT_TRUE(Send(&http).done());
  EXPECT_EQ(json_.root()["id"].Text(), "7");
  EXPECT_EQ(world_.calls[0].url, "https://h.example/a");
  EXPECT_THAT(world_.calls[0].headers, Contains(Pair("Authorization", "Basic dTpvbmU=")));
  EXPECT_THAT(world_.calls[0].headers, Contains(Pair("X-A", "b")));
}

TEST_F(JsonHttpTest, FindsARotatedToken) {
  JsonHttp http(config_, world_.parts(), {.secret = secret_});
  EXPECT_TRUE(Send(&http).done());
  folder_.Write("s", "two");
  EXPECT_TRUE(Send(&http).done());
  EXPECT_THAT(world_.calls[0].headers, Contains(Pair("Authorization", "Bearer one")));
  EXPECT_THAT(world_.calls[1].headers, Contains(Pair("Authorization", "Bearer two")));
}

TEST_F(JsonHttpTest, WhatIsNoWholeJsonLeavesTheOutcomeUnknown) {
  JsonHttp http(config_, world_.parts(), {.secret = secret_});
  for (const char* body : {"", "<html>", "{\"id\":", "{} x", "7"}) {
    world_.answer = [body](const http_client::HttpCall&) {
      return http_client::HttpResponse{201, body, ""};
    };
    EXPECT_EQ(Send(&http).kind, Kind::kUnknown) << body;
  }
}

TEST_F(JsonHttpTest, WithoutASecretNothingIsSent) {
  JsonHttp http(config_, world_.parts(),
                {.secret = {config::SecretRef::From::kFile, folder_.Path("none")}});
  EXPECT_FALSE(http.Check().ok());
  const Answer answer = Send(&http);
  EXPECT_EQ(answer.kind, Kind::kNotDone);
  EXPECT_TRUE(answer.sink_down);
  EXPECT_TRUE(world_.calls.empty());
}

}  // namespace json_http_test
}  // namespace signinwatch::sinks
