// What is committed beside an offset, as the metadata of the group's commit: of which log it is,
// and what the message before it is known by. So whoever reads on, wherever, knows a log that was
// made anew, and gives it the number that was given to it before.
#ifndef SIGNINWATCH_DAEMON_KAFKA_COMMIT_NOTE_H_
#define SIGNINWATCH_DAEMON_KAFKA_COMMIT_NOTE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/kafka/message_mark.h"

namespace signinwatch::kafka {

struct CommitNote {
  uint64_t log = 0;  // PartitionPosition::log
  uint64_t mark = kNoMark;
  friend bool operator==(const CommitNote&, const CommitNote&) = default;
};

// "signinwatch 1 1764158400 9007199254740993": far below the 4,096 bytes that brokers take
// (offset.metadata.max.bytes). Empty for a note that says nothing.
[[nodiscard]] std::string FormatCommitNote(const CommitNote& note);
// One that says nothing, where the text is another's: tools that set a group's offsets leave none.
[[nodiscard]] CommitNote ParseCommitNote(std::string_view text);

}  // namespace signinwatch::kafka

#endif  // SIGNINWATCH_DAEMON_KAFKA_COMMIT_NOTE_H_
