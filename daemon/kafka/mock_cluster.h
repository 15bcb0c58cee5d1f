// librdkafka's own mock cluster inside this process: for the demo, where no broker is installed,
// and for tests that need faults.
#ifndef SIGNINWATCH_DAEMON_KAFKA_MOCK_CLUSTER_H_
#define SIGNINWATCH_DAEMON_KAFKA_MOCK_CLUSTER_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace signinwatch::kafka {

class MockCluster {
 public:
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<MockCluster>> Start(int brokers = 1);
  ~MockCluster();
  MockCluster(const MockCluster&) = delete;
  MockCluster& operator=(const MockCluster&) = delete;

  [[nodiscard]] const std::string& bootstrap_servers() const;
  absl::Status CreateTopic(const std::string& topic, int partitions);
  // Faults: a broker that closes its connections and takes none; one that answers again.
  void SetBrokerDown(int broker_id);
  void SetBrokerUp(int broker_id);
  // Every answer of a broker comes so much later.
  void SetRoundTrip(int broker_id, std::chrono::milliseconds delay);
  // The cluster says that it has no such topic. (One that was not made, it makes when asked.)
  void SetTopicMissing(const std::string& topic, bool missing);
  // The next `times` requests of a kind, by the numbers of Kafka's protocol (0: produce, 1: fetch,
  // 8: commit an offset), are answered with an error of the protocol.
  void FailRequests(int16_t request, int error, int times);

 private:
  class Impl;
  explicit MockCluster(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace signinwatch::kafka

#endif  // SIGNINWATCH_DAEMON_KAFKA_MOCK_CLUSTER_H_
