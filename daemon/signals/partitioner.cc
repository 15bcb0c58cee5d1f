#include "daemon/signals/partitioner.h"

#include <cstddef>

namespace signinwatch::signals {

uint32_t Murmur2(std::string_view key) {
  constexpr uint32_t kSeed = 0x9747b28c, kFactor = 0x5bd1e995;
  const auto byte = [key](size_t i) { return uint32_t{static_cast<uint8_t>(key[i])}; };
  uint32_t hash = kSeed ^ static_cast<uint32_t>(key.size());
  size_t at = 0;
  for (; at + 4 <= key.size(); at += 4) {
    uint32_t word = byte(at) | byte(at + 1) << 8 | byte(at + 2) << 16 | byte(at + 3) << 24;
    word *= kFactor;
    word ^= word >> 24;
    word *= kFactor;
    hash = hash * kFactor ^ word;
  }
  const size_t rest = key.size() - at;
  if (rest == 3) hash ^= byte(at + 2) << 16;
  if (rest >= 2) hash ^= byte(at + 1) << 8;
  if (rest >= 1) hash = (hash ^ byte(at)) * kFactor;
  hash = (hash ^ hash >> 13) * kFactor;
  return hash ^ hash >> 15;
}

}  // namespace signinwatch::signals
