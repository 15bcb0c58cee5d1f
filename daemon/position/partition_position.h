// Where a partition is to be read on, and what is known of what was read of it: committed with the
// state that it belongs to, given to the source at its start, and told to the group for lag tools;
// or kept by the group.
#ifndef SIGNINWATCH_DAEMON_POSITION_PARTITION_POSITION_H_
#define SIGNINWATCH_DAEMON_POSITION_PARTITION_POSITION_H_

#include <cstdint>
#include <string>

#include "parser/event_time.h"

namespace signinwatch::position {

struct PartitionPosition {
  std::string topic;
  int32_t partition = 0;
  int64_t next_offset = 0;                 // the first that is not in the state
  EventTime watermark = kBeginningOfTime;  // of the partition; the source has no use for it
  // What the log is known by: of the message before next_offset (daemon/kafka/message_mark.h); 0:
  // not known.
  uint64_t mark = 0;
  // Which log of that name, as a number that grows (daemon/signals/signal_message.h). Where the
  // group keeps the positions: a store has no use for it.
  uint64_t log = 0;
};

}  // namespace signinwatch::position

#endif  // SIGNINWATCH_DAEMON_POSITION_PARTITION_POSITION_H_
