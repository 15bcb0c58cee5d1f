// Batches that no producer makes, put into a topic of the mock cluster, which takes any.
#ifndef SIGNINWATCH_TESTS_DAEMON_KAFKA_RAW_BATCH_H_
#define SIGNINWATCH_TESTS_DAEMON_KAFKA_RAW_BATCH_H_

#include <cstdint>
#include <string>

namespace signinwatch::kafka {

// Kafka's record batch, version 2; its checksum is wrong.
struct RawBatch {
  int32_t records = 1;  // that it claims to hold
  int16_t codec = 0;    // 0: none, 1: gzip, 4: zstd, 7: none that there is
  std::string payload;
};

// `broker`: host:port.
void ProduceRaw(const std::string& broker, const std::string& topic, int32_t partition,
                const RawBatch& batch);

// 4 KB that grow to `megabytes` (a multiple of 128 KiB is taken).
[[nodiscard]] std::string ZstdBomb(size_t megabytes);

}  // namespace signinwatch::kafka

#endif  // SIGNINWATCH_TESTS_DAEMON_KAFKA_RAW_BATCH_H_
