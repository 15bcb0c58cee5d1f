// A rejected record with its bytes, and its line in a dead-letter file (SPEC 3.3, 8); the same for
// `replay` and the daemon:
//
//   {"reason":"no_time","detail":"...","source":"PATH","partition":0,"position":17,
//    "payload_base64":"..."}
//
// `replay`: the path, its index from 0, and the line at which the message starts, from 1. The
// daemon: topic, partition and offset.
#ifndef SIGNINWATCH_DAEMON_JSON_DEAD_LETTER_H_
#define SIGNINWATCH_DAEMON_JSON_DEAD_LETTER_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace signinwatch::json {

struct DeadLetter {
  std::string_view reason;  // a literal
  std::string detail;
  std::string source;
  uint64_t partition = 0;
  uint64_t position = 0;
  std::string payload;  // any bytes
};

// With the newline at its end.
void AppendDeadLetterLine(const DeadLetter& letter, std::string* out);

}  // namespace signinwatch::json

#endif  // SIGNINWATCH_DAEMON_JSON_DEAD_LETTER_H_
