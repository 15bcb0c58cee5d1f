// Which partition of the signal topic a tenant is in: as Java's clients choose it for a key
// (org.apache.kafka.common.utils.Utils.murmur2), so that other programs find it too.
#ifndef SIGNINWATCH_DAEMON_SIGNALS_PARTITIONER_H_
#define SIGNINWATCH_DAEMON_SIGNALS_PARTITIONER_H_

#include <cstdint>
#include <string_view>

namespace signinwatch::signals {

[[nodiscard]] uint32_t Murmur2(std::string_view key);

// `tenant`: its id in lower case, as signals have it. `partitions` > 0.
[[nodiscard]] inline int32_t PartitionOfTenant(std::string_view tenant, int32_t partitions) {
  return static_cast<int32_t>((Murmur2(tenant) & 0x7fffffff) % static_cast<uint32_t>(partitions));
}

}  // namespace signinwatch::signals

#endif  // SIGNINWATCH_DAEMON_SIGNALS_PARTITIONER_H_
