#include "daemon/serve/reloadable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>

#include "daemon/serve/reload_gate.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::serve {
namespace reloadable_test {

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
  const config::Config now;
  EXPECT_TRUE(CheckReloadable(now, now).ok());
  config::Config next;
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
  next = now;
  next.serve.http.hosts = {"soc"};
  next.serve.http.enable_reload = true;
  EXPECT_EQ(CheckReloadable(now, next).message(),
            "http.hosts, http.enable_reload are changed by a restart only");
}

TEST(ConfigFingerprintTest, ChangesWithWhatIsSaidAndWithWhatIsNamed) {
  const TemporaryFolder folder;
  const std::string secret = folder.Write("secret", "one");
  const std::string ca = folder.Write("ca.pem", "authority");
  const std::string path = folder.Write(
      "a.yaml", "kafka: {brokers: 'b:1', topics: [a], auth: plain, username: u, password: 'file:" +
                    secret + "', ca_file: " + ca +
                    ", tls: true}\n"
                    "sinks: [{name: s, type: stdout}]\n");
  const auto print = [&path] {
    const auto config = LoadServeConfig(path);
    EXPECT_TRUE(config.ok()) << config.status();
    return config.ok() ? ConfigFingerprint(*config) : std::string();
  };
  const std::string first = print();
  EXPECT_EQ(print(), first);
  folder.Write("secret", "two");
  const std::string second = print();
  EXPECT_NE(second, first) << "a secret was rotated";
  folder.Write("ca.pem", "another");
  EXPECT_NE(print(), second);
  folder.Write("secret", "one");
  folder.Write("ca.pem", "authority");
  EXPECT_EQ(print(), first);

  const config::Config config = *LoadServeConfig(path);
  const auto changed = [&](const std::function<void(config::Config&)>& change) {
    config::Config next = config;
    change(next);
    return ConfigFingerprint(next) != first;
  };
  EXPECT_FALSE(changed([](config::Config&) {}));
  EXPECT_TRUE(changed([](config::Config& c) { c.serve.sinks[0].name = "t"; }));
  EXPECT_TRUE(changed([](config::Config& c) { c.serve.sinks.push_back(c.serve.sinks[0]); }));
  EXPECT_TRUE(changed([](config::Config& c) { c.detection.rules[0].threshold += 1; }));
  EXPECT_TRUE(changed([](config::Config& c) { c.serve.kafka.cluster.options["client.id"] = "x"; }));
  EXPECT_TRUE(changed([](config::Config& c) { c.serve.kafka.topics = {"a", "b"}; }));
  EXPECT_TRUE(changed([](config::Config& c) { c.serve.log.level = config::LogLevel::kDebug; }));
}

TEST(ReloadGateTest, LetsOneThroughInTenSeconds) {
  using std::chrono::milliseconds;
  ReloadGate gate;
  const ReloadGate::Clock::time_point start{};
  EXPECT_EQ(gate.Enter(start), 0);
  EXPECT_EQ(gate.Enter(start), 10);
  EXPECT_EQ(gate.Enter(start + milliseconds(9'001)), 1);
  EXPECT_EQ(gate.Enter(start + milliseconds(10'000)), 0);
  EXPECT_EQ(gate.Enter(start + milliseconds(10'001)), 10);
}

}  // namespace reloadable_test
}  // namespace signinwatch::serve
