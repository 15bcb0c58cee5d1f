// The file of rejected records: one JSON object a line (daemon/json/dead_letter.h).
//
// `partition` is the index of the PATH, from 0; `position` the number of the line at which the
// message starts, from 1.
#ifndef SIGNINWATCH_DAEMON_REPLAY_DEAD_LETTERS_H_
#define SIGNINWATCH_DAEMON_REPLAY_DEAD_LETTERS_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "parser/message_parser.h"

namespace signinwatch::replay {

class DeadLetters {
 public:
  DeadLetters() = default;
  ~DeadLetters();
  DeadLetters(const DeadLetters&) = delete;
  DeadLetters& operator=(const DeadLetters&) = delete;

  // Empties the file. An errno; 0: it is open.
  [[nodiscard]] int Open(const std::string& path);
  [[nodiscard]] bool is_open() const { return file_ != nullptr; }

  void Write(const Reject& reject, std::string_view source, size_t partition, uint64_t position,
             std::string_view payload);
  // An errno, of the first failure since Open; 0: all is written.
  [[nodiscard]] int Close();

 private:
  void NoteFailure();

  std::FILE* file_ = nullptr;
  int error_ = 0;
  std::string line_;
};

}  // namespace signinwatch::replay

#endif  // SIGNINWATCH_DAEMON_REPLAY_DEAD_LETTERS_H_
