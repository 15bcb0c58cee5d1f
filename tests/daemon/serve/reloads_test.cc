// Many reloads, one after the other: what one leaves behind, a thread or a descriptor, ends the
// daemon after some hundred. (245 reloads left 996 threads and 1,733 descriptors, once: each a
// client of Kafka, which daemon/kafka's tests count.)
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "daemon/serve/serve.h"
#include "tests/daemon/pipeline/fake_source.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::serve {
namespace reloads_test {

size_t EntriesOf(const char* folder) {
  size_t entries = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++entries;
  return entries;
}

struct Held {
  size_t threads = EntriesOf("/proc/self/task");
  size_t descriptors = EntriesOf("/proc/self/fd");
};

TEST(ReloadsTest, LeaveThreadsAndDescriptorsAsTheyWere) {
  constexpr int kReloads = 200;
  const TemporaryFolder folder;
  config::Config config;
  config.serve.kafka.cluster.brokers = "none:1";
  config.serve.kafka.topics = {pipeline::FakeSource::kTopic};
  config.serve.store.path = folder.Path("store.db");
  config.serve.http.listen = "127.0.0.1:0";
  config.serve.dead_letters.path = folder.Path("dead.jsonl");
  config::SinkConfig file;
  file.name = "file";
  file.type = "file";
  file.settings["path"] = folder.Path("tickets.jsonl");
  config::SinkConfig hook;
  hook.name = "hook";
  hook.type = "webhook";
  hook.settings["url"] = "http://127.0.0.1:1/";
  config.serve.sinks = {file, hook};

  const std::vector<std::vector<std::string>> partitions(2);
  config::Config next = config;
  auto serve = Serve::Start(
      config, {.load_config = [&next] { return next; },
               .on_committed = {},
               .make_source = [&](const clock::Clock&, const kafka::KafkaSourceOptions&)
                   -> absl::StatusOr<std::unique_ptr<kafka::RecordSource>> {
                 return std::make_unique<pipeline::FakeSource>(
                     partitions, std::vector<position::PartitionPosition>{},
                     pipeline::FakeSource::Options{});
               }});
  ASSERT_TRUE(serve.ok()) << serve.status();
  // The first may make what stays: caches, a descriptor of random numbers.
  Held before;
  for (int i = 0; i < kReloads; ++i) {
    if (i == 2) before = Held();
    next.serve.metrics.max_tenants = static_cast<uint32_t>(100 + i % 2);
    next.serve.sinks[1].settings["timeout"] = std::chrono::seconds(1 + i % 7);
    ASSERT_TRUE((*serve)->Reload().ok()) << i;
  }
  const Held after;
  // One that was joined may be seen for a moment more.
  EXPECT_NEAR(static_cast<double>(after.threads), static_cast<double>(before.threads), 2);
  EXPECT_EQ(after.descriptors, before.descriptors);
}

config::Config ConfigFor(const TemporaryFolder& folder) {
  config::Config config;
  config.serve.kafka.cluster.brokers = "none:1";
  config.serve.kafka.topics = {pipeline::FakeSource::kTopic};
  config.serve.store.path = folder.Path("store.db");
  config.serve.http.listen = "127.0.0.1:0";
  return config;
}

// Each client that librdkafka can't end keeps its threads: a reload would add one more.
TEST(ReloadsTest, AreRefusedWhileTooManyClientsOfEarlierOnesAreLeft) {
  const TemporaryFolder folder;
  const config::Config config = ConfigFor(folder);
  config::Config next = config;
  size_t left = kafka::kKafkaClientsLeftMax;
  const std::vector<std::vector<std::string>> partitions(1);
  int sources = 0;
  auto serve = Serve::Start(
      config, {.load_config = [&next] { return next; },
               .on_committed = {},
               .make_source = [&](const clock::Clock&, const kafka::KafkaSourceOptions&)
                   -> absl::StatusOr<std::unique_ptr<kafka::RecordSource>> {
                 ++sources;
                 return std::make_unique<pipeline::FakeSource>(
                     partitions, std::vector<position::PartitionPosition>{},
                     pipeline::FakeSource::Options{});
               },
               .clients_left = [&left] { return left; }});
  ASSERT_TRUE(serve.ok()) << serve.status();
  EXPECT_TRUE((*serve)->Reload().ok()) << "nothing has changed, so nothing is started";
  next.serve.metrics.max_tenants = 7;
  const absl::Status refused = (*serve)->Reload();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(std::string(refused.message()).find("restart signinwatch"), std::string::npos);
  EXPECT_EQ(sources, 1) << "the former one goes on";
  --left;
  EXPECT_TRUE((*serve)->Reload().ok());
  EXPECT_EQ(sources, 2);
}

// Without it a topic that was made anew while the daemon was down, and has outgrown the position,
// would be read on in its middle.
TEST(ReloadsTest, WhatALogIsKnownByIsHandedToTheSourceAfterARestart) {
  const TemporaryFolder folder;
  const config::Config config = ConfigFor(folder);
  const std::vector<std::vector<std::string>> partitions = {{"{}", "{}", "{}"}, {}};
  std::vector<position::PartitionPosition> positions;
  const auto start = [&] {
    return Serve::Start(
        config, {.load_config = {},
                 .on_committed = {},
                 .make_source = [&](const clock::Clock&, const kafka::KafkaSourceOptions& options)
                     -> absl::StatusOr<std::unique_ptr<kafka::RecordSource>> {
                   positions = options.positions;
                   return std::make_unique<pipeline::FakeSource>(
                       partitions, std::vector<position::PartitionPosition>{},
                       pipeline::FakeSource::Options{});
                 }});
  };
  {
    auto serve = start();
    ASSERT_TRUE(serve.ok()) << serve.status();
    EXPECT_TRUE(positions.empty());
    while ((*serve)->status().records < 3) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_TRUE((*serve)->Stop().ok());
  }
  ASSERT_TRUE(start().ok());
  ASSERT_EQ(positions.size(), 2u);
  EXPECT_EQ(positions[0].next_offset, 3);
  EXPECT_EQ(positions[0].mark, pipeline::FakeSource::MarkOf(2));
  EXPECT_EQ(positions[1].mark, 0u);
}

}  // namespace reloads_test
}  // namespace signinwatch::serve
