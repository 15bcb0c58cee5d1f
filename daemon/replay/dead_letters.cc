#include "daemon/replay/dead_letters.h"

#include <cerrno>
#include <utility>

#include "absl/strings/escaping.h"
#include "daemon/json/json_string.h"

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
  line_ = "{\"reason\":\"";
  line_ += RejectReasonName(reject.reason);
  line_ += "\",\"detail\":";
  AppendJsonString(reject.detail, &line_);
  line_ += ",\"source\":";
  AppendJsonString(source, &line_);
  line_ += ",\"partition\":" + std::to_string(partition);
  line_ += ",\"position\":" + std::to_string(position);
  line_ += ",\"payload_base64\":\"";
  line_ += absl::Base64Escape(absl::string_view(payload.data(), payload.size()));
  line_ += "\"}\n";
  if (std::fwrite(line_.data(), 1, line_.size(), file_) != line_.size()) NoteFailure();
}

int DeadLetters::Close() {
  if (file_ == nullptr) return error_;
  if (std::fclose(std::exchange(file_, nullptr)) != 0) NoteFailure();
  return error_;
}

}  // namespace signinwatch
