#include "bench/generator/output.h"

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
constexpr std::string_view kMessageTail = "]}\n";

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
    bytes_ += static_cast<uint64_t>(written);
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

Output::Output(const std::string& path, uint32_t partitions, Layout layout, uint64_t seed)
    : layout_(layout), random_(Mix(seed, 4)) {
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

void Output::ChoosePartition() { file_ = files_[random_.Below(files_.size())].get(); }

void Output::Add(std::string_view record) {
  if (layout_ == Layout::kLines) {
    if (message_bytes_ == 0) ChoosePartition();
    file_->Append(record);
    file_->Append("\r\n");
    message_bytes_ += record.size();
    if (message_bytes_ >= kMessageBytesMax) message_bytes_ = 0;
    return;
  }
  if (message_bytes_ + 1 + record.size() + kMessageTail.size() > kMessageBytesMax) EndMessage();
  if (message_bytes_ == 0) {
    ChoosePartition();
    file_->Append(kMessageHead);
    message_bytes_ = kMessageHead.size();
  } else {
    file_->Append(",");
    ++message_bytes_;
  }
  file_->Append(record);
  message_bytes_ += record.size();
}

void Output::EndMessage() {
  if (message_bytes_ != 0 && layout_ == Layout::kBatches) file_->Append(kMessageTail);
  message_bytes_ = 0;
}

void Output::Close() {
  EndMessage();
  for (const auto& file : files_) file->Close();
}

const std::string& Output::error() const {
  if (!error_.empty()) return error_;
  for (const auto& file : files_) {
    if (!file->error().empty()) return file->error();
  }
  return error_;
}

uint64_t Output::bytes() const {
  uint64_t sum = 0;
  for (const auto& file : files_) sum += file->bytes();
  return sum;
}

}  // namespace signinwatch::generator
