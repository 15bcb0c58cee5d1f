#include "daemon/pipeline/source_commands.h"

#include <utility>

namespace signinwatch {

void SourceCommands::Align(const PartitionTable::Alignment& alignment) {
  if (alignment.pause.empty() && alignment.resume.empty()) return;
  const std::lock_guard lock(mutex_);
  for (const PartitionSlot slot : alignment.pause) {
    std::erase(alignment_.resume, slot);
    alignment_.pause.push_back(slot);
  }
  for (const PartitionSlot slot : alignment.resume) {
    std::erase(alignment_.pause, slot);
    alignment_.resume.push_back(slot);
  }
}

void SourceCommands::Commit(const std::vector<PartitionPosition>& positions) {
  const std::lock_guard lock(mutex_);
  committed_.insert(committed_.end(), positions.begin(), positions.end());
}

void SourceCommands::StartAt(PartitionSlot slot, int64_t offset, uint64_t mark) {
  const std::lock_guard lock(mutex_);
  starts_.push_back({.slot = slot, .offset = offset, .mark = mark});
}

void SourceCommands::Apply(RecordSource& source) {
  PartitionTable::Alignment alignment;
  std::vector<PartitionPosition> committed;
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

}  // namespace signinwatch
