// Makes sure that a topic is there with the number of partitions that it is used with.
#ifndef SIGNINWATCH_DAEMON_KAFKA_TOPIC_ADMIN_H_
#define SIGNINWATCH_DAEMON_KAFKA_TOPIC_ADMIN_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "daemon/clock/clock.h"
#include "daemon/config/serve_config.h"
#include "daemon/kafka/token.h"

namespace signinwatch::kafka {

// Creates it where it is missing, with the brokers' own replication and retention. Blocks, at most
// for about twice `timeout`; for whoever has a thread of their own.
//   kFailedPrecondition  it has another number of partitions
//   kPermissionDenied    it is missing, and may not be created
//   kUnavailable         no broker answers
//   kInvalidArgument     an option, or a secret that can't be read
[[nodiscard]] absl::Status EnsureTopic(const clock::Clock& clock,
                                       const config::KafkaCluster& cluster,
                                       const TokenFetcher& fetch_token, const std::string& topic,
                                       int32_t partitions, std::chrono::milliseconds timeout);

}  // namespace signinwatch::kafka

#endif  // SIGNINWATCH_DAEMON_KAFKA_TOPIC_ADMIN_H_
