// Dead letters to a file, a topic, or both. Each letter is kept until it is in all of them, so that
// an error of one neither loses letters nor writes them twice to the other.
#ifndef SIGNINWATCH_DAEMON_SINKS_BUFFERED_DEAD_LETTERS_H_
#define SIGNINWATCH_DAEMON_SINKS_BUFFERED_DEAD_LETTERS_H_

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>

#include "daemon/sinks/dead_letter_sink.h"
#include "daemon/sinks/dead_letter_topic.h"
#include "daemon/sinks/line_file.h"

namespace signinwatch::sinks {

class BufferedDeadLetters : public DeadLetterSink {
 public:
  static constexpr size_t kBytesMax = size_t{64} << 20;
  static constexpr std::chrono::milliseconds kFullTimeout{10'000};  // of a Flush that Write does

  // nullptr: none.
  BufferedDeadLetters(std::unique_ptr<LineFile> file, std::unique_ptr<DeadLetterTopic> topic,
                      size_t bytes_max = kBytesMax);

  // After an error the letter was not taken.
  absl::Status Write(const json::DeadLetter& letter) override;
  absl::Status Flush(std::chrono::milliseconds timeout) override;

 private:
  absl::Status FlushToFile();

  const std::unique_ptr<LineFile> file_;
  const std::unique_ptr<DeadLetterTopic> topic_;
  const size_t bytes_max_;
  std::deque<WaitingLetter> letters_;
  size_t bytes_ = 0;  // that they take
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_BUFFERED_DEAD_LETTERS_H_
