#include "daemon/replay/dead_letters.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "daemon/disk/own_file.h"
#include "daemon/json/dead_letter.h"

namespace signinwatch::replay {

DeadLetters::~DeadLetters() { (void)Close(); }

int DeadLetters::Open(const std::string& path) {
  const disk::OpenedFile opened = disk::OpenOwnFile(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (opened.fd < 0) return opened.error;
  file_ = ::fdopen(opened.fd, "w");
  if (file_ != nullptr) return 0;
  const int error = errno;
  ::close(opened.fd);
  return error;
}

void DeadLetters::NoteFailure() {
  if (error_ == 0) error_ = errno;
}

void DeadLetters::Write(const Reject& reject, std::string_view source, size_t partition,
                        uint64_t position, std::string_view payload) {
  if (error_ != 0) return;
  line_.clear();
  json::AppendDeadLetterLine({.reason = RejectReasonName(reject.reason),
                              .detail = RejectDetail(reject),
                              .source = std::string(source),
                              .partition = partition,
                              .position = position,
                              .payload = std::string(payload)},
                             &line_);
  if (std::fwrite(line_.data(), 1, line_.size(), file_) != line_.size()) NoteFailure();
}

int DeadLetters::Close() {
  if (file_ == nullptr) return error_;
  if (std::fclose(std::exchange(file_, nullptr)) != 0) NoteFailure();
  return error_;
}

}  // namespace signinwatch::replay
