#include "daemon/pipeline/source_commands.h"

#include <utility>

namespace signinwatch::pipeline {

void SourceCommands::Align(const PartitionTable::Alignment& alignment) {
  if (alignment.pause.empty() && alignment.resume.empty()) return;
  const std::lock_guard lock(mutex_);
  for (const kafka::PartitionSlot slot : alignment.pause) {
    std::erase(alignment_.resume, slot);
    alignment_.pause.push_back(slot);
  }
  for (const kafka::PartitionSlot slot : alignment.resume) {
    std::erase(alignment_.pause, slot);
    alignment_.resume.push_back(slot);
  }
}

void SourceCommands::Commit(const std::vector<position::PartitionPosition>& positions) {
  const std::lock_guard lock(mutex_);
  committed_.insert(committed_.end(), positions.begin(), positions.end());
}

void SourceCommands::StartAt(kafka::PartitionSlot slot, int64_t offset, uint64_t mark) {
  const std::lock_guard lock(mutex_);
  starts_.push_back({.slot = slot, .offset = offset, .mark = mark});
}

void SourceCommands::Apply(kafka::RecordSource& source) {
  PartitionTable::Alignment alignment;
  std::vector<position::PartitionPosition> committed;
  std::vector<Start> starts;
  {
    const std::lock_guard lock(mutex_);
    alignment = std::exchange(alignment_, {});
    committed = std::exchange(committed_, {});
    starts = std::exchange(starts_, {});
  }
  for (const Start& start : starts) source.StartAt(start.slot, start.offset, start.mark);
  if (!alignment.pause.empty()) source.Pause(alignment.pause);
  if (!alignment.resume.empty()) source.Resume(alignment.resume);
  if (!committed.empty()) source.CommitOffsets(committed);
}

}  // namespace signinwatch::pipeline
