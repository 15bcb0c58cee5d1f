#include "daemon/http/json.h"

#include <gtest/gtest.h>

#include "daemon/http/status_json.h"
#include "tests/daemon/http/sample_status.h"

namespace signinwatch {
namespace {

TEST(Json, WhatIsNotThereIsEmpty) {
  const Json object = ReadJson(R"({"text":"a","number":7,"truth":true,"list":[1],"object":{"x":1},
                                   "null":null,"negative":-1})");
  EXPECT_EQ(TextOf(object, "text"), "a");
  EXPECT_EQ(NumberOf(object, "number"), 7u);
  EXPECT_TRUE(TruthOf(object, "truth"));
  EXPECT_EQ(ListOf(object, "list").size(), 1u);
  EXPECT_EQ(ObjectOf(object, "object").size(), 1u);
  for (const char* key : {"absent", "null", "negative"}) {
    EXPECT_EQ(TextOf(object, key), "");
    EXPECT_EQ(NumberOf(object, key), 0u);
    EXPECT_FALSE(TruthOf(object, key));
    EXPECT_TRUE(ListOf(object, key).empty());
    EXPECT_TRUE(ObjectOf(object, key).empty());
  }
  // Each of another type than is asked for.
  EXPECT_EQ(TextOf(object, "number"), "");
  EXPECT_EQ(NumberOf(object, "text"), 0u);
  EXPECT_TRUE(ListOf(object, "object").empty());
  EXPECT_TRUE(ObjectOf(object, "list").empty());
}

TEST(Json, WhatIsNoJsonIsNull) {
  for (const char* text : {"", "{", "nonsense", "{\"a\":\"\xff\"}"}) {
    const Json json = ReadJson(text);
    EXPECT_TRUE(json.is_null());
    EXPECT_EQ(TextOf(json, "a"), "");
  }
}

TEST(Json, TextThatIsNoUtf8IsMended) {
  EXPECT_EQ(JsonText({{"b", "x\xff"}, {"a", 1}}), "{\"b\":\"x\ufffd\",\"a\":1}");
}

TEST(StatusJson, UnknownIsNull) {
  ServeStatus status;
  status.partitions.resize(1);
  status.sinks.resize(1);
  const Json json = ReadJson(StatusJson(status));
  for (const char* key : {"watermark", "source_error", "started_at"}) {
    EXPECT_TRUE(json.at(key).is_null()) << key;
  }
  EXPECT_TRUE(json["ready"]);
  EXPECT_TRUE(json["store"]["last_commit_at"].is_null());
  for (const char* key :
       {"log_end_offset", "lag_records", "watermark", "stands_at", "unreadable", "made_anew_at"}) {
    EXPECT_TRUE(json["partitions"][0].at(key).is_null()) << key;
  }
  for (const char* key : {"outbox_oldest", "last_delivered_at", "last_error"}) {
    EXPECT_TRUE(json["sinks"][0].at(key).is_null()) << key;
  }
}

TEST(StatusJson, HasTheValues) {
  const Json json = ReadJson(StatusJson(TroubledStatus()));
  EXPECT_FALSE(json["ready"]);
  EXPECT_EQ(json["not_ready"].size(), 1u);
  EXPECT_EQ(json["watermark"], "2026-11-24T09:31:40.000000Z");
  EXPECT_EQ(json["records"]["read"], 162'408'226u);
  EXPECT_EQ(json["partitions"][0]["lag_records"], 1'200'400);
  EXPECT_EQ(json["partitions"][0]["lag_seconds"], 1'260);
  EXPECT_EQ(json["partitions"][0]["stands_at"], "compression");
  EXPECT_EQ(json["partitions"][0]["unreadable"]["batches"], 2);
  EXPECT_EQ(json["partitions"][0]["unreadable"]["last_to"], 81'204'112) << "as in the dead letter";
  EXPECT_EQ(json["partitions"][0]["made_anew"], 1);
  EXPECT_EQ(json["sinks"][0]["outbox_depth"], 57);
  EXPECT_EQ(json["sinks"][0]["outbox_oldest"], "2026-11-24T09:56:05.000000Z");
  EXPECT_EQ(json["sinks"][0]["last_error"], "HTTP 503");
  EXPECT_EQ(json["detection"]["credential_events"]["admin_reset"], 12);
  EXPECT_EQ(json["detection"]["evictions"]["users"], 204);
  EXPECT_EQ(json["detection"]["unknown_password_operations"]["set password policy"], 3);
  EXPECT_EQ(json["failures"][0]["code"], 50132);
}

}  // namespace
}  // namespace signinwatch
