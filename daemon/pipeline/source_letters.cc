#include "daemon/pipeline/source_letters.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/pipeline/commit_work.h"

namespace signinwatch::pipeline {

json::DeadLetter UnreadableLetter(const kafka::PartitionEvent& event,
                                  const PartitionTable::Partition& partition) {
  return {.reason = kUnreadableRecord,
          .detail = "offsets " + std::to_string(event.offset) + " to " +
                    std::to_string(event.gap_end - 1) + ": " +
                    kafka::UnreadableReasonName(event.reason),
          .source = partition.topic,
          .partition = static_cast<uint64_t>(partition.partition),
          .position = static_cast<uint64_t>(event.offset),
          .payload = {}};
}

std::vector<json::DeadLetter> TakeRejectedLetters(Batch& batch, size_t i,
                                                  const PartitionTable::Partition& partition,
                                                  bool wanted) {
  std::vector<json::DeadLetter> letters;
  for (const Reject& reject : batch.parsed(i).rejects) {
    const std::string_view bytes = batch.TakeRejectedBytes(reject);
    if (!wanted) continue;
    letters.push_back({.reason = RejectReasonName(reject.reason),
                       .detail = RejectDetail(reject),
                       .source = partition.topic,
                       .partition = static_cast<uint64_t>(partition.partition),
                       .position = static_cast<uint64_t>(batch.input.messages[i].offset),
                       .payload = std::string(bytes)});
  }
  return letters;
}

}  // namespace signinwatch::pipeline
