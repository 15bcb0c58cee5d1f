// A source that was stopped leaves nothing behind, whenever it is stopped: 245 reloads had left 996
// threads and 1,733 descriptors, and at 1,024 descriptors the daemon ended.
#include <chrono>
#include <filesystem>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "daemon/kafka/kafka_source.h"
#include "daemon/kafka/mock_cluster.h"
#include "gtest/gtest.h"
#include "tests/daemon/kafka/source_run.h"

namespace signinwatch::kafka {
namespace source_leak_test {

using std::chrono::milliseconds;

size_t CountEntries(const char* folder) {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder),
                                           std::filesystem::directory_iterator()));
}

struct Held {
  size_t threads = CountEntries("/proc/self/task");
  size_t descriptors = CountEntries("/proc/self/fd");
};

// The cluster notices a while later that a connection was closed.
bool ComesDownTo(const Held& before) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    const Held now;
    if (now.threads <= before.threads + 2 && now.descriptors <= before.descriptors + 8) return true;
    std::this_thread::sleep_for(milliseconds(20));
  }
  const Held now;
  ADD_FAILURE() << now.threads << " threads of " << before.threads << ", " << now.descriptors
                << " descriptors of " << before.descriptors;
  return false;
}

void StartAndStop(const MockCluster& cluster, const std::string& name, milliseconds between) {
  const auto source =
      MakeKafkaSource(clock::SystemClock(), SourceOptions(cluster.bootstrap_servers(), name, name));
  ASSERT_TRUE(source.ok()) << source.status();
  ASSERT_TRUE((*source)->KeepAlive(between).ok());
  (*source)->Close(milliseconds(10'000));
}

TEST(SourceLeakTest, StartedAndStoppedTwoHundredTimesLeavesNothing) {
  const auto cluster = MockCluster::Start();
  const auto slow = MockCluster::Start();
  ASSERT_TRUE(cluster.ok() && slow.ok());
  // So that a stop often comes between the group's answer to the joining and the assignment.
  (*slow)->SetRoundTrip(1, milliseconds(150));
  for (const char* topic : {"a", "b", "c", "d"}) {
    ASSERT_TRUE((*cluster)->CreateTopic(topic, 2).ok());
    ASSERT_TRUE((*slow)->CreateTopic(topic, 2).ok());
  }
  const Held before;
  std::vector<std::thread> lanes;
  for (const char* topic : {"a", "b", "c", "d"}) {
    const int lane = static_cast<int>(lanes.size());
    lanes.emplace_back([&cluster, &slow, topic, lane] {
      for (int i = 0; i < 47; ++i) StartAndStop(**cluster, topic, milliseconds(i * 4));
      for (int i = 0; i < 3; ++i) {
        StartAndStop(**slow, topic, milliseconds(4'000 + (3 * lane + i) * 120));
      }
    });
  }
  for (std::thread& lane : lanes) lane.join();
  EXPECT_TRUE(ComesDownTo(before));
  EXPECT_EQ(KafkaClientsLeft(), 0u);
}

}  // namespace source_leak_test
}  // namespace signinwatch::kafka
