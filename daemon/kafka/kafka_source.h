// RecordSource on librdkafka: a member of a consumer group.
//
// Groups of several members use the assignor `range`: the cooperative one of 2.0.2 may loop for
// ever (librdkafka #4783). A rebalance takes all partitions for a moment then; that is told only of
// those that do not come back, so it costs a fetch and nothing else. A single member is
// cooperative.
#ifndef SIGNINWATCH_DAEMON_KAFKA_KAFKA_SOURCE_H_
#define SIGNINWATCH_DAEMON_KAFKA_KAFKA_SOURCE_H_

#include <cstdint>
#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "daemon/clock/clock.h"
#include "daemon/config/serve_config.h"
#include "daemon/kafka/record_source.h"
#include "daemon/kafka/token.h"

namespace signinwatch::kafka {

// Who says where a partition starts that is assigned.
enum class StartsBy : uint8_t {
  kPositions,  // KafkaSourceOptions::positions; the only member of its group
  kGroup,      // the group's committed offsets; one of several members, as the next
  kTold,       // StartAt; until then it is offered
};

struct KafkaSourceOptions {
  config::KafkaSourceConfig config;
  StartsBy starts_by = StartsBy::kPositions;
  // Where to start; partitions that are not in it start by config.start. Those of a topic of which
  // others are in it start at their beginning: they were added since.
  std::vector<position::PartitionPosition> positions;
  TokenFetcher fetch_token;  // needed for kOauthBearer
  size_t batch_messages_max = 1'000;
  size_t batch_bytes_max = size_t{4} << 20;
  // Seconds without a message, though there is something to read, after which what comes next is
  // taken for a batch that the client passes over in silence. Longer than any fetch takes, and than
  // a broker that throttles says that it does.
  int silent_seconds = 15;
};

// Does not wait for a broker. `clock` outlives all clients; it must run as the system's does, which
// the client waits by. kInvalidArgument: an option that librdkafka does not know, a secret
// that can not be read.
[[nodiscard]] absl::StatusOr<std::unique_ptr<RecordSource>> MakeKafkaSource(
    const clock::Clock& clock, const KafkaSourceOptions& options);

// Clients of earlier sources that could not be ended: by a fault of librdkafka before 2.3, or since
// they wait for what never comes. Each keeps its threads and connections until the process ends, so
// from kKafkaClientsLeftMax on no other source should be made. Thread-safe.
[[nodiscard]] size_t KafkaClientsLeft();
inline constexpr size_t kKafkaClientsLeftMax = 8;

}  // namespace signinwatch::kafka

#endif  // SIGNINWATCH_DAEMON_KAFKA_KAFKA_SOURCE_H_
