#include "daemon/files/byte_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace signinwatch {

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
  begun_ = true;
  char magic[kGzipMagic.size()];
  while (peeked_.size() < sizeof(magic)) {
    const size_t n = file_.Read(magic, sizeof(magic) - peeked_.size());
    if (n == 0) break;
    peeked_.append(magic, n);
  }
  if (peeked_ != kGzipMagic) return;
  if (gzip_ == nullptr) gzip_ = std::make_unique<GzipReader>(gzip_input_bytes_);
  gzip_->Begin(peeked_);
  peeked_.clear();
}

size_t ByteStream::ReadSource(char* to, size_t size) {
  if (!begun_) LookForGzip();
  size_t n = 0;
  if (!peeked_.empty()) {
    n = std::min(size, peeked_.size());
    std::memcpy(to, peeked_.data(), n);
    peeked_.erase(0, n);
    // A regular file gives more at once; a pipe may have nothing more for a while.
    if (file_.is_regular()) n += file_.Read(to + n, size - n);
  } else {
    n = gzip_ != nullptr ? gzip_->Read(file_, to, size) : file_.Read(to, size);
  }
  stored_bytes_read_ = std::max(stored_bytes_read_, file_.bytes_read());
  return n;
}

size_t ByteStream::Read(char* to, size_t size) {
  if (kept_ != nullptr && reading_kept_) {
    const size_t n = kept_->ReadAt(kept_read_, to, size);
    kept_read_ += n;
    if (n != 0) return n;
    kept_status_ = kept_->status();
    if (!kept_status_.ok()) return 0;
    kept_.reset();
  }
  const size_t n = ReadSource(to, size);
  if (kept_ != nullptr) kept_->Append(std::string_view(to, n));
  return n;
}

void ByteStream::Keep(std::string_view so_far) {
  kept_ = std::make_unique<TemporaryFile>();
  kept_->Append(so_far);
}

absl::Status ByteStream::Rewind() {
  if (kept_ != nullptr) {
    reading_kept_ = true;
    return kept_->status();
  }
  begun_ = false;
  peeked_.clear();
  gzip_.reset();
  return file_.Rewind();
}

}  // namespace signinwatch
