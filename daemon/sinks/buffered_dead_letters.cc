#include "daemon/sinks/buffered_dead_letters.h"

#include <string>
#include <utility>

namespace signinwatch::sinks {
namespace {

// Lines are put together up to this before they are written.
constexpr size_t kFileBlock = size_t{4} << 20;

size_t BytesOf(const json::DeadLetter& letter) {
  // Short messages in large numbers cost more than their text.
  return sizeof(WaitingLetter) + sizeof(WaitingLetter::InTopic) + 128 + letter.payload.size();
}

}  // namespace

BufferedDeadLetters::BufferedDeadLetters(std::unique_ptr<LineFile> file,
                                         std::unique_ptr<DeadLetterTopic> topic, size_t bytes_max)
    : file_(std::move(file)), topic_(std::move(topic)), bytes_max_(bytes_max) {}

absl::Status BufferedDeadLetters::Write(const json::DeadLetter& letter) {
  const size_t bytes = BytesOf(letter);
  if (!letters_.empty() && bytes_ + bytes > bytes_max_) {
    if (absl::Status status = Flush(kFullTimeout); !status.ok()) return status;
  }
  WaitingLetter& waiting = letters_.emplace_back();
  waiting.letter = letter;
  waiting.in_topic = std::make_shared<WaitingLetter::InTopic>();
  waiting.in_topic->size_max = letter.payload.size();
  bytes_ += bytes;
  return absl::OkStatus();
}

absl::Status BufferedDeadLetters::Flush(std::chrono::milliseconds timeout) {
  // Both are tried, so that the one that works has what it can have.
  absl::Status in_file = file_ == nullptr ? absl::OkStatus() : FlushToFile();
  absl::Status in_topic = topic_ == nullptr ? absl::OkStatus() : topic_->Send(letters_, timeout);
  if (!in_file.ok()) return in_file;
  if (!in_topic.ok()) return in_topic;
  letters_.clear();
  bytes_ = 0;
  return absl::OkStatus();
}

absl::Status BufferedDeadLetters::FlushToFile() {
  auto letter = letters_.begin();
  while (letter != letters_.end()) {
    std::string lines;
    const auto first = letter;
    for (; letter != letters_.end() && lines.size() < kFileBlock; ++letter) {
      if (!letter->in_file) json::AppendDeadLetterLine(letter->letter, &lines);
    }
    if (lines.empty()) continue;
    if (absl::Status status = file_->Append(lines); !status.ok()) return status;
    for (auto written = first; written != letter; ++written) written->in_file = true;
  }
  return absl::OkStatus();
}

}  // namespace signinwatch::sinks
