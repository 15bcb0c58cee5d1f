#include "daemon/files/byte_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace signinwatch::files {
namespace {

// Moves bytes that were read ahead.
size_t TakeFrom(std::string* bytes, char* to, size_t size) {
  const size_t n = std::min(size, bytes->size());
  std::memcpy(to, bytes->data(), n);
  bytes->erase(0, n);
  return n;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ByteStream>> ByteStream::Open(const std::string& path,
                                                             const ByteStreamOptions& options) {
  absl::StatusOr<RawFile> file = RawFile::Open(path, options.cancel_fd);
  if (!file.ok()) return file.status();
  return std::unique_ptr<ByteStream>(new ByteStream(*std::move(file), options));
}

ByteStream::ByteStream(RawFile file, const ByteStreamOptions& options)
    : file_(std::move(file)), gzip_input_bytes_(options.gzip_input_bytes) {}

ByteStream::~ByteStream() = default;

void ByteStream::LookForGzip() {
  char magic[kGzipMagic.size()];
  while (stored_.size() < sizeof(magic)) {
    const size_t n = file_.Read(magic, sizeof(magic) - stored_.size());
    if (n == 0) break;
    stored_.append(magic, n);
  }
  if (stored_ != kGzipMagic) return;
  if (gzip_ == nullptr) gzip_ = std::make_unique<GzipReader>(gzip_input_bytes_);
  gzip_->Begin(stored_);
  stored_.clear();
}

void ByteStream::LookForUtf16() {
  char mark[2];
  while (unpacked_.size() < sizeof(mark)) {
    const size_t n = ReadUnpacked(mark, sizeof(mark) - unpacked_.size());
    if (n == 0) break;
    unpacked_.append(mark, n);
  }
  const std::optional<ByteOrder> order = Utf16ByteOrder(unpacked_);
  if (!order.has_value()) return;
  utf16_.emplace(*order);
  unpacked_.clear();
}

size_t ByteStream::ReadStored(char* to, size_t size) {
  if (stored_.empty()) return file_.Read(to, size);
  size_t n = TakeFrom(&stored_, to, size);
  // A regular file gives more at once; a pipe may have nothing more for a while.
  if (file_.is_regular()) n += file_.Read(to + n, size - n);
  return n;
}

size_t ByteStream::ReadUnpacked(char* to, size_t size) {
  return gzip_ != nullptr ? gzip_->Read(file_, to, size) : ReadStored(to, size);
}

size_t ByteStream::ReadUtf16(char* to, size_t size) {
  while (decoded_read_ == decoded_.size()) {
    decoded_.clear();
    decoded_read_ = 0;
    char text[size_t{16} << 10];
    const size_t n = ReadUnpacked(text, sizeof(text));
    utf16_->Decode({text, n}, &decoded_);
    if (n == 0) utf16_->Finish(&decoded_);
    if (n == 0 && decoded_.empty()) return 0;
  }
  const size_t n = std::min(size, decoded_.size() - decoded_read_);
  std::memcpy(to, decoded_.data() + decoded_read_, n);
  decoded_read_ += n;
  return n;
}

size_t ByteStream::Read(char* to, size_t size) {
  if (!std::exchange(begun_, true)) {
    LookForGzip();
    LookForUtf16();
  }
  size_t n = 0;
  if (utf16_.has_value()) {
    n = ReadUtf16(to, size);
  } else if (unpacked_.empty()) {
    n = ReadUnpacked(to, size);
  } else {
    n = TakeFrom(&unpacked_, to, size);
    if (file_.is_regular() && n < size) n += ReadUnpacked(to + n, size - n);
  }
  stored_bytes_read_ = std::max(stored_bytes_read_, file_.bytes_read());
  return n;
}

absl::Status ByteStream::Rewind() {
  begun_ = false;
  stored_.clear();
  unpacked_.clear();
  gzip_.reset();
  utf16_.reset();
  decoded_.clear();
  decoded_read_ = 0;
  return file_.Rewind();
}

}  // namespace signinwatch::files
