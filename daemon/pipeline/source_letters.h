// Dead letters of what a source handed out and nobody can use (SPEC 3.3).
#ifndef SIGNINWATCH_DAEMON_PIPELINE_SOURCE_LETTERS_H_
#define SIGNINWATCH_DAEMON_PIPELINE_SOURCE_LETTERS_H_

#include <cstddef>
#include <vector>

#include "daemon/json/dead_letter.h"
#include "daemon/kafka/record_source.h"
#include "daemon/pipeline/batch.h"
#include "daemon/pipeline/partition_table.h"

namespace signinwatch::pipeline {

// Of what was stepped past (kUnreadable): its offsets, and no bytes.
[[nodiscard]] json::DeadLetter UnreadableLetter(const kafka::PartitionEvent& event,
                                                const PartitionTable::Partition& partition);

// Of the rejected records of message `i`, which must be taken in the order of the messages. Without
// `wanted` they are taken all the same, and none is returned.
[[nodiscard]] std::vector<json::DeadLetter> TakeRejectedLetters(
    Batch& batch, size_t i, const PartitionTable::Partition& partition, bool wanted);

// What a letter holds in memory.
[[nodiscard]] inline size_t BytesOf(const json::DeadLetter& letter) {
  return sizeof(json::DeadLetter) + letter.payload.size();
}

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_SOURCE_LETTERS_H_
