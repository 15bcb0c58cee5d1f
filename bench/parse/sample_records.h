// Sign-in records of the size and shape that Entra exports (about 11 KB, most of it conditional
// access policies), of invented people, as batches of Event Hubs.
#ifndef SIGNINWATCH_BENCH_PARSE_SAMPLE_RECORDS_H_
#define SIGNINWATCH_BENCH_PARSE_SAMPLE_RECORDS_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace signinwatch {

// Of the keys of each object. Entra's own order has been seen to differ between tenants and years.
enum class KeyOrder : uint8_t { kUsual, kShuffled, kReversed };

// A {"records":[...]} message of at least `bytes`. Shuffled: each object in an order of its own.
[[nodiscard]] std::string SampleBatch(size_t bytes, KeyOrder order, uint32_t seed);

}  // namespace signinwatch

#endif  // SIGNINWATCH_BENCH_PARSE_SAMPLE_RECORDS_H_
