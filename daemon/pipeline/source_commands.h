// What moves left: what the other stages ask of the source, which is the consume stage's alone.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_SOURCE_COMMANDS_H_
#define SIGNINWATCH_DAEMON_PIPELINE_SOURCE_COMMANDS_H_

#include <cstdint>
#include <mutex>
#include <vector>

#include "daemon/kafka/record_source.h"
#include "daemon/pipeline/partition_table.h"
#include "daemon/position/partition_position.h"

namespace signinwatch::pipeline {

// Thread-safe.
class SourceCommands {
 public:
  // Of the fold. A later word about a partition replaces an earlier one.
  void Align(const PartitionTable::Alignment& alignment);
  // Of the fold: where a partition is to go on (RecordSource::StartAt). Once for each time.
  void StartAt(kafka::PartitionSlot slot, int64_t offset, uint64_t mark);
  // Of the commit: what is safe in the store.
  void Commit(const std::vector<position::PartitionPosition>& positions);

  // Of the consume stage: tells the source all that came since the last time.
  void Apply(kafka::RecordSource& source);

 private:
  std::mutex mutex_;
  PartitionTable::Alignment alignment_;
  std::vector<position::PartitionPosition> committed_;
  struct Start {
    kafka::PartitionSlot slot = 0;
    int64_t offset = 0;
    uint64_t mark = 0;
  };
  std::vector<Start> starts_;
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_SOURCE_COMMANDS_H_
