// One rejected record as a line of a dead-letter file (SPEC 3.3, 8), the same for `replay` and the
// daemon:
//
//   {"reason":"no_time","detail":"...","source":"PATH","partition":0,"position":17,
//    "payload_base64":"..."}
//
// `replay`: the path, its index from 0, and the line at which the message starts, from 1. The
// daemon: topic, partition and offset.
#ifndef SIGNINWATCH_DAEMON_JSON_DEAD_LETTER_LINE_H_
#define SIGNINWATCH_DAEMON_JSON_DEAD_LETTER_LINE_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace signinwatch {

struct DeadLetterLine {
  std::string_view reason;
  std::string_view detail;
  std::string_view source;
  uint64_t partition = 0;
  uint64_t position = 0;
  std::string_view payload;  // any bytes
};

// With the newline at its end.
void AppendDeadLetterLine(const DeadLetterLine& letter, std::string* out);

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_JSON_DEAD_LETTER_LINE_H_
