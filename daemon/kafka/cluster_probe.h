// A look at a cluster from outside, for `signinwatch doctor`: log-in, topics and their settings,
// offsets, some messages, a group's members.
//
// Disturbs nobody: it has no group, and so can neither join one nor commit; it makes no topic and
// sends no message. Every call ends by its timeout. One thread.
#ifndef SIGNINWATCH_DAEMON_KAFKA_CLUSTER_PROBE_H_
#define SIGNINWATCH_DAEMON_KAFKA_CLUSTER_PROBE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/clock/clock.h"
#include "daemon/config/serve_config.h"
#include "daemon/kafka/token.h"
#include "parser/event_time.h"

namespace signinwatch::kafka {

struct ProbedTopic {
  enum class State : uint8_t { kThere, kMissing, kForbidden, kUnknown };
  std::string name;
  State state = State::kUnknown;
  int32_t partitions = 0;
  std::string error;  // of kUnknown
};

struct ProbedPartition {
  std::string topic;
  int32_t partition = 0;
  int64_t start = -1;                   // of the first that is kept; -1: not known
  int64_t end = -1;                     // behind the last
  std::string error;                    // why they are not known
  EventTime oldest = kBeginningOfTime;  // the timestamp of the first; kBeginningOfTime: not known
  [[nodiscard]] bool empty() const { return start < 0 || start >= end; }
};

struct ProbedMessage {
  std::string topic = {};
  int32_t partition = 0;
  int64_t offset = 0;
  EventTime broker_time = kBeginningOfTime;  // kBeginningOfTime: it has none
  std::string payload = {};
};

// What the brokers keep a topic by, as Kafka names it: cleanup.policy, retention.ms, ...
struct ProbedSettings {
  std::map<std::string, std::string> values;
  std::string error;  // they could not be asked
};

struct ProbedGroup {
  struct Member {
    std::string client_id;
    std::string host;
  };
  std::vector<Member> members;
  std::string error;  // it could not be asked
};

class ClusterProbe {
 public:
  using Timeout = std::chrono::milliseconds;

  // kInvalidArgument: an option, or a secret that can't be read.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<ClusterProbe>> Make(
      const clock::Clock& clock, const config::KafkaCluster& cluster, TokenFetcher fetch_token);
  ~ClusterProbe();
  ClusterProbe(const ClusterProbe&) = delete;
  ClusterProbe& operator=(const ClusterProbe&) = delete;

  //   kUnauthenticated     the broker refuses
  //   kNotFound            there is no token to show it
  //   kFailedPrecondition  no TLS with it
  //   kUnavailable         no broker answers
  [[nodiscard]] absl::Status LogIn(Timeout timeout);
  [[nodiscard]] std::vector<ProbedTopic> Topics(const std::vector<std::string>& names,
                                                Timeout timeout);
  // Where the partitions of these topics begin and end.
  [[nodiscard]] std::vector<ProbedPartition> Partitions(const std::vector<ProbedTopic>& topics,
                                                        Timeout timeout);
  // Reads the first message of each, for its time.
  void FindOldest(std::vector<ProbedPartition>* partitions, Timeout timeout);
  // The last `each` messages of each partition, up to `bytes_max` of all.
  [[nodiscard]] std::vector<ProbedMessage> Newest(const std::vector<ProbedPartition>& partitions,
                                                  int64_t each, size_t bytes_max, Timeout timeout);
  [[nodiscard]] ProbedGroup Group(const std::string& name, Timeout timeout);
  // After LogIn.
  [[nodiscard]] ProbedSettings Settings(const std::string& topic, Timeout timeout);
  // Whether the partition can be read: asks for its last message, or what would be its first.
  //   kPermissionDenied  it may not be read
  //   kUnavailable       no answer in time, or another error
  [[nodiscard]] absl::Status TryToRead(const ProbedPartition& partition, Timeout timeout);

  // The longest time that a broker has held an answer back for, to keep to a quota.
  [[nodiscard]] std::chrono::milliseconds throttled() const;

 private:
  class Impl;
  explicit ClusterProbe(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace signinwatch::kafka

#endif  // SIGNINWATCH_DAEMON_KAFKA_CLUSTER_PROBE_H_
