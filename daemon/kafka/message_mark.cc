#include "daemon/kafka/message_mark.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#include "parser/ids.h"

namespace signinwatch::kafka {

uint64_t MarkOf(std::string_view payload, EventTime broker_time) {
  constexpr size_t kPart = 1'024;
  std::array<char, 2 * sizeof(int64_t) + 2 * kPart> bytes;
  size_t size = 0;
  const auto append = [&](const void* data, size_t count) {
    if (count > 0) std::memcpy(bytes.data() + size, data, count);
    size += count;
  };
  const int64_t numbers[] = {broker_time.time_since_epoch().count(),
                             static_cast<int64_t>(payload.size())};
  append(numbers, sizeof(numbers));
  const size_t head = std::min(payload.size(), kPart);
  const size_t tail = std::min(payload.size() - head, kPart);
  append(payload.data(), head);
  append(payload.data() + (payload.size() - tail), tail);
  return std::max<uint64_t>(HashText64({bytes.data(), size}), kNoMark + 1);
}

}  // namespace signinwatch::kafka
