// Sinks as the configuration has them.
#include "daemon/sinks/sink_registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "daemon/config/sink_types.h"
#include "daemon/kafka/mock_cluster.h"
#include "tests/daemon/sinks/deliveries.h"
#include "tests/daemon/sinks/system_parts.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::sinks {
namespace sink_registry_test {

using testing::HasSubstr;
using testing::StartsWith;
using Kind = SendResult::Kind;

config::SinkConfig Config(const std::string& type) {
  config::SinkConfig config;
  config.name = "soc";
  config.type = type;
  return config;
}

TEST(SinkRegistry, HasARowForEachTypeOfTheConfiguration) {
  std::vector<std::string> types;
  for (const SinkRow& row : SinkRegistry()) types.push_back(row.type);
  EXPECT_EQ(types, config::SinkTypeNames());
}

TEST(MakeTicketSink, MakesEachType) {
  const TemporaryFolder folder;
  config::SinkConfig file = Config("file");
  file.settings["path"] = folder.Path("tickets.jsonl");
  file.settings["rotate_bytes"] = 1;
  file.settings["rotate_keep"] = 1;
  const auto sink = MakeTicketSink(file, SystemParts());
  ASSERT_TRUE(sink.ok()) << sink.status();
  for (int i = 1; i <= 3; ++i) {
    const std::vector<store::Delivery> batch{MakeDelivery(i, "t" + std::to_string(i))};
    EXPECT_EQ((*sink)->Send(batch)[0].kind, Kind::kDelivered);
  }
  EXPECT_EQ(ReadWholeFile(folder.Path("tickets.jsonl")), MakeDelivery(3, "t3").json + "\n");
  EXPECT_EQ(ReadWholeFile(folder.Path("tickets.jsonl.1")), MakeDelivery(2, "t2").json + "\n");

  config::SinkConfig webhook = Config("webhook");
  webhook.settings["url"] = "https://hooks.example.com/";
  EXPECT_TRUE(MakeTicketSink(webhook, SystemParts()).ok());
  EXPECT_TRUE(MakeTicketSink(Config("stdout"), SystemParts()).ok());
}

TEST(MakeTicketSink, SaysWhichSinkCannotBeUsed) {
  const TemporaryFolder folder;
  config::SinkConfig file = Config("file");
  file.settings["path"] = folder.Path("no/folder");
  const absl::Status no_folder = MakeTicketSink(file, SystemParts()).status();
  EXPECT_EQ(no_folder.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(no_folder.message()), StartsWith("sink soc: "));

  config::SinkConfig webhook = Config("webhook");
  webhook.settings["url"] = "ftp://name:pa55word@hooks.example.com/";
  const absl::Status no_url = MakeTicketSink(webhook, SystemParts()).status();
  EXPECT_EQ(no_url.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(no_url.message()), testing::Not(HasSubstr("pa55word")));

  webhook.settings["url"] = "https://hooks.example.com/";
  webhook.settings["secret"] =
      config::SecretRef{config::SecretRef::From::kFile, folder.Path("secret")};
  EXPECT_FALSE(MakeTicketSink(webhook, SystemParts()).ok());

  config::SinkConfig kafka = Config("kafka");
  kafka.settings["topic"] = "tickets";
  kafka.cluster.brokers = "127.0.0.1:1";
  kafka.cluster.options = {{"no.such.option", "1"}};
  EXPECT_THAT(std::string(MakeTicketSink(kafka, SystemParts()).status().message()),
              StartsWith("sink soc: "));
}

TEST(MakeTicketSink, AKafkaSinkTakesTheSourcesClusterByDefault) {
  const auto cluster = kafka::MockCluster::Start();
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  ASSERT_TRUE((*cluster)->CreateTopic("tickets", 2).ok());
  config::SinkConfig config = Config("kafka");
  config.settings["topic"] = "tickets";
  config::KafkaCluster source;
  source.brokers = (*cluster)->bootstrap_servers();
  const auto sink = MakeTicketSink(config, SystemParts(source));
  ASSERT_TRUE(sink.ok()) << sink.status();
  const std::vector<store::Delivery> batch{MakeDelivery(1, "a"), MakeDelivery(2, "b"),
                                           MakeDelivery(3, "c")};
  const std::vector<SendResult> results = (*sink)->Send(batch);
  ASSERT_EQ(results.size(), 3u);
  for (const SendResult& result : results) EXPECT_EQ(result.kind, Kind::kDelivered) << result.error;

  // A broker that is gone is waited for, but not when it is time to stop.
  (*cluster)->SetBrokerDown(1);
  auto waiting = std::async(std::launch::async, [&] { return (*sink)->Send(batch); });
  (*sink)->Cancel();
  EXPECT_EQ(waiting.get()[0].kind, Kind::kTemporary);
}

}  // namespace sink_registry_test
}  // namespace signinwatch::sinks
