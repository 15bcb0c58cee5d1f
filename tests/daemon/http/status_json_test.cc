#include "daemon/http/status_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/daemon/http/sample_status.h"

namespace signinwatch::http {
namespace status_json_test {

using Json = nlohmann::json;

TEST(StatusJson, UnknownIsNull) {
  pipeline::ServeStatus status;
  status.partitions.resize(1);
  status.sinks.resize(1);
  const Json json = Json::parse(StatusJson(status));
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
  const Json json = Json::parse(StatusJson(TroubledStatus()));
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

}  // namespace status_json_test
}  // namespace signinwatch::http
