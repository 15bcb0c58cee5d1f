// Many reloads, one after the other: what one leaves behind, a thread or a descriptor, ends the
// daemon after some hundred. (245 reloads left 996 threads and 1,733 descriptors, once: each a
// client of Kafka, which daemon/kafka's tests count.)
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "daemon/serve/serve.h"
#include "tests/daemon/pipeline/fake_source.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch {
namespace {

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
  Config config;
  config.serve.kafka.cluster.brokers = "none:1";
  config.serve.kafka.topics = {FakeSource::kTopic};
  config.serve.store.path = folder.Path("store.db");
  config.serve.http.listen = "127.0.0.1:0";
  config.serve.dead_letters.path = folder.Path("dead.jsonl");
  SinkConfig file;
  file.name = "file";
  file.type = SinkType::kFile;
  file.path = folder.Path("tickets.jsonl");
  SinkConfig hook;
  hook.name = "hook";
  hook.type = SinkType::kWebhook;
  hook.url = "http://127.0.0.1:1/";
  config.serve.sinks = {file, hook};

  const std::vector<std::vector<std::string>> partitions(2);
  Config next = config;
  auto serve = Serve::Start(
      config, {.load_config = [&next] { return next; },
               .on_committed = {},
               .make_source =
                   [&](const KafkaSourceOptions&) -> absl::StatusOr<std::unique_ptr<RecordSource>> {
                 return std::make_unique<FakeSource>(partitions, std::vector<PartitionPosition>{},
                                                     FakeSource::Options{});
               }});
  ASSERT_TRUE(serve.ok()) << serve.status();
  // The first may make what stays: caches, a descriptor of random numbers.
  Held before;
  for (int i = 0; i < kReloads; ++i) {
    if (i == 2) before = Held();
    next.serve.metrics.max_tenants = static_cast<uint32_t>(100 + i % 2);
    next.serve.sinks[1].timeout = std::chrono::seconds(1 + i % 7);
    ASSERT_TRUE((*serve)->Reload().ok()) << i;
  }
  const Held after;
  EXPECT_EQ(after.threads, before.threads);
  EXPECT_EQ(after.descriptors, before.descriptors);
}

}  // namespace
}  // namespace signinwatch
