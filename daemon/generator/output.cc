#include "daemon/generator/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace signinwatch::generator {
namespace {

constexpr size_t kBufferBytesMax = size_t{1} << 20;
constexpr size_t kAllBuffersBytes = size_t{256} << 20;
constexpr std::string_view kMessageHead = R"({"records":[)";
constexpr std::string_view kMessageTail = "]}";

}  // namespace

OutputFile::OutputFile(std::string path, size_t buffer_bytes)
    : path_(std::move(path)), buffer_bytes_(buffer_bytes) {
  fd_ = path_ == "-" ? ::dup(STDOUT_FILENO)
                     : ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd_ < 0) error_ = path_ + ": " + std::strerror(errno);
}

OutputFile::~OutputFile() { Close(); }

void OutputFile::Append(std::string_view text) {
  buffer_ += text;
  bytes_ += text.size();
  if (buffer_.size() >= buffer_bytes_) Flush();
}

void OutputFile::Flush() {
  std::string_view rest = buffer_;
  while (!rest.empty() && error_.empty()) {
    const ssize_t written = ::write(fd_, rest.data(), rest.size());
    if (written < 0) {
      if (errno != EINTR) error_ = path_ + ": " + std::strerror(errno);
      continue;
    }
    rest.remove_prefix(static_cast<size_t>(written));
  }
  buffer_.clear();
}

void OutputFile::Close() {
  if (fd_ < 0) return;
  Flush();
  if (::close(fd_) != 0 && error_.empty()) error_ = path_ + ": " + std::strerror(errno);
  fd_ = -1;
}

FileSink::FileSink(const std::string& path, uint32_t partitions, Layout layout)
    : line_end_(layout == Layout::kLines ? "\r\n" : "\n") {
  const size_t buffer_bytes = std::min(kBufferBytesMax, kAllBuffersBytes / partitions);
  if (partitions == 1) {
    files_.push_back(std::make_unique<OutputFile>(path, buffer_bytes));
    return;
  }
  std::error_code failure;
  std::filesystem::create_directories(path, failure);
  if (failure) error_ = path + ": " + failure.message();
  for (uint32_t i = 0; i < partitions && error_.empty(); ++i) {
    files_.push_back(
        std::make_unique<OutputFile>(path + "/part-" + std::to_string(i) + ".jsonl", buffer_bytes));
    error_ = files_.back()->error();
  }
}

bool FileSink::Send(std::string_view message, uint32_t partition, EventTime) {
  OutputFile& file = *files_[partition];
  file.Append(message);
  file.Append(line_end_);
  return file.error().empty();
}

void FileSink::Close() {
  for (const auto& file : files_) file->Close();
}

std::string FileSink::error() const {
  if (!error_.empty()) return error_;
  for (const auto& file : files_) {
    if (!file->error().empty()) return file->error();
  }
  return {};
}

uint64_t FileSink::bytes() const {
  uint64_t sum = 0;
  for (const auto& file : files_) sum += file->bytes();
  return sum;
}

Output::Output(MessageSink* sink, uint32_t partitions, Layout layout, uint64_t seed)
    : sink_(sink), partitions_(partitions), layout_(layout), random_(Mix(seed, 4)) {
  message_.reserve(kMessageBytesMax);
}

void Output::Send(std::string_view message) {
  full_ = full_ || !sink_->Send(message, partition_, export_time_);
}

void Output::Add(std::string_view record) {
  if (layout_ == Layout::kLines) {
    if (group_bytes_ == 0) partition_ = static_cast<uint32_t>(random_.Below(partitions_));
    Send(record);
    group_bytes_ += record.size();
    if (group_bytes_ >= kMessageBytesMax) group_bytes_ = 0;
    return;
  }
  // The comma and the line's end count too.
  if (message_.size() + 1 + record.size() + kMessageTail.size() + 1 > kMessageBytesMax) {
    EndMessage();
  }
  if (message_.empty()) {
    partition_ = static_cast<uint32_t>(random_.Below(partitions_));
    message_ = kMessageHead;
  } else {
    message_ += ',';
  }
  message_ += record;
}

void Output::EndMessage() {
  group_bytes_ = 0;
  if (message_.empty()) return;
  message_ += kMessageTail;
  Send(message_);
  message_.clear();
}

}  // namespace signinwatch::generator
