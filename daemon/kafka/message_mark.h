// What a message is known by, so that a log can be known again: a topic that was deleted and made
// anew, or a hub that failed over to another, has other messages at the offsets that were read.
#ifndef SIGNINWATCH_DAEMON_KAFKA_MESSAGE_MARK_H_
#define SIGNINWATCH_DAEMON_KAFKA_MESSAGE_MARK_H_

#include <cstdint>
#include <string_view>

#include "parser/event_time.h"

namespace signinwatch::kafka {

inline constexpr uint64_t kNoMark = 0;

// A hash of the message's time as the log has it, its size, and its first and last KiB: some
// hundred nanoseconds, however long it is. It is stored, so it must stay as it is. Never kNoMark.
[[nodiscard]] uint64_t MarkOf(std::string_view payload, EventTime broker_time);

}  // namespace signinwatch::kafka

#endif  // SIGNINWATCH_DAEMON_KAFKA_MESSAGE_MARK_H_
