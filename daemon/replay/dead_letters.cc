#include "daemon/replay/dead_letters.h"

#include <cerrno>
#include <utility>

#include "daemon/json/dead_letter_line.h"

namespace signinwatch {

DeadLetters::~DeadLetters() { (void)Close(); }

int DeadLetters::Open(const std::string& path) {
  file_ = std::fopen(path.c_str(), "we");
  return file_ != nullptr ? 0 : errno;
}

void DeadLetters::NoteFailure() {
  if (error_ == 0) error_ = errno;
}

void DeadLetters::Write(const Reject& reject, std::string_view source, size_t partition,
                        uint64_t position, std::string_view payload) {
  if (error_ != 0) return;
  line_.clear();
  const std::string detail = RejectDetail(reject);
  AppendDeadLetterLine({.reason = RejectReasonName(reject.reason),
                        .detail = detail,
                        .source = source,
                        .partition = partition,
                        .position = position,
                        .payload = payload},
                       &line_);
  if (std::fwrite(line_.data(), 1, line_.size(), file_) != line_.size()) NoteFailure();
}

int DeadLetters::Close() {
  if (file_ == nullptr) return error_;
  if (std::fclose(std::exchange(file_, nullptr)) != 0) NoteFailure();
  return error_;
}

}  // namespace signinwatch
