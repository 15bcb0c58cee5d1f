// How far each source partition is safe in the signal topic: all messages made of the source
// messages below that offset have been acknowledged. Acknowledgements come in any order.
#ifndef SIGNINWATCH_DAEMON_INGEST_SENT_POSITIONS_H_
#define SIGNINWATCH_DAEMON_INGEST_SENT_POSITIONS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "daemon/kafka/record_source.h"

namespace signinwatch::ingest {

// Not thread-safe.
class SentPositions {
 public:
  // What was made of one source message and is under way.
  struct Pending {
    int64_t next_offset = 0;
    uint64_t mark = 0;
    size_t messages = 0;
  };
  struct Position {
    int64_t next_offset = 0;
    uint64_t mark = 0;
    friend bool operator==(const Position&, const Position&) = default;
  };

  // It goes on at `next_offset`; what was under way is of no interest any more.
  void Start(kafka::PartitionSlot slot, int64_t next_offset, uint64_t mark);
  void End(kafka::PartitionSlot slot);
  // A source message was read; its successors have this offset and more. Whoever sends something of
  // it adds to `messages`, and takes that away when it is acknowledged, at whatever time.
  [[nodiscard]] std::shared_ptr<Pending> Add(kafka::PartitionSlot slot, int64_t next_offset,
                                             uint64_t mark);
  // nullopt: it has not been started.
  [[nodiscard]] std::optional<Position> SafeOf(kafka::PartitionSlot slot);

 private:
  struct Partition {
    bool started = false;
    Position safe;
    std::deque<std::shared_ptr<Pending>> pending;
  };
  [[nodiscard]] Partition& Of(kafka::PartitionSlot slot);

  std::vector<Partition> partitions_;
};

}  // namespace signinwatch::ingest

#endif  // SIGNINWATCH_DAEMON_INGEST_SENT_POSITIONS_H_
