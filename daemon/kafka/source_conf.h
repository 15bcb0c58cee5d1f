// How the consumer is configured. For the sources of this folder only.
#ifndef SIGNINWATCH_DAEMON_KAFKA_SOURCE_CONF_H_
#define SIGNINWATCH_DAEMON_KAFKA_SOURCE_CONF_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "daemon/config/serve_config.h"
#include "daemon/kafka/client.h"

namespace signinwatch::kafka {

// See MakeConf. `several_members`: of the group.
[[nodiscard]] absl::StatusOr<ConfHandle> MakeSourceConf(const config::KafkaSourceConfig& config,
                                                        bool several_members,
                                                        ClientContext* context);

// How much may be fetched and not taken.
[[nodiscard]] size_t QueueBytes(const rd_kafka_conf_t* conf);

}  // namespace signinwatch::kafka

#endif  // SIGNINWATCH_DAEMON_KAFKA_SOURCE_CONF_H_
