#include "daemon/serve/reloadable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/temporary_folder.h"

namespace signinwatch {
namespace {

using testing::HasSubstr;

TEST(LoadServeConfigTest, HasAllMistakesOfTheFileOrWhatServeMisses) {
  TemporaryFolder folder;
  const std::string path = folder.Write("a.yaml", "kafka: {brokrs: x}\nlog: {level: loud}\n");
  const auto mistaken = LoadServeConfig(path);
  EXPECT_EQ(mistaken.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(mistaken.status().message()), HasSubstr(path + ":1:9: unknown key"));
  EXPECT_THAT(std::string(mistaken.status().message()), HasSubstr("\n" + path + ":2:14: "));
  folder.Write("a.yaml", "log: {level: info}");
  EXPECT_THAT(std::string(LoadServeConfig(path).status().message()),
              HasSubstr("kafka.brokers is not given"));
  folder.Write("a.yaml", "kafka: {topics: [a], brokers: 'b:1'}");
  ASSERT_TRUE(LoadServeConfig(path).ok());
  EXPECT_EQ(LoadServeConfig(path)->serve.kafka.topics[0], "a");
}

TEST(CheckReloadableTest, WhatStaysThroughAReloadCanNotChange) {
  const Config now;
  EXPECT_TRUE(CheckReloadable(now, now).ok());
  Config next;
  next.detection.rules.clear();
  next.serve.kafka.cluster.brokers = "other:9092";
  next.serve.store.keep_tickets *= 2;
  EXPECT_TRUE(CheckReloadable(now, next).ok());
  next.serve.store.path = "other.db";
  EXPECT_EQ(CheckReloadable(now, next).message(), "store.path is changed by a restart only");
  next.serve.http.web_config_file = "web.yaml";
  next.serve.http.external_url = "https://soc.contoso.example";
  EXPECT_EQ(CheckReloadable(now, next).message(),
            "store.path, http.external_url, http.web_config_file are changed by a restart only");
}

}  // namespace
}  // namespace signinwatch
