// Which of librdkafka's own options a configuration may set (the `options` of a cluster).
#ifndef SIGNINWATCH_DAEMON_CONFIG_KAFKA_OPTIONS_H_
#define SIGNINWATCH_DAEMON_CONFIG_KAFKA_OPTIONS_H_

#include <string_view>

namespace signinwatch::config {

// Why `name` may not be set to `value` here, and where to say it instead; empty: it may. Whether
// librdkafka knows the name is not looked at.
[[nodiscard]] std::string_view KafkaOptionRefusal(std::string_view name, std::string_view value);

// [a-z0-9._]: whether it can be a name at all.
[[nodiscard]] bool IsKafkaOptionName(std::string_view name);

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_KAFKA_OPTIONS_H_
