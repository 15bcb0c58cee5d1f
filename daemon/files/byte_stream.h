// The bytes of one PATH, unpacked and in UTF-8: what FileSource cuts into messages.
//
// Files are taken as gzip when they begin with its magic bytes, whatever they are called, and as
// UTF-16 when what is in them begins with its byte order mark.
// Not thread-safe; may be used by one thread after another.
#ifndef SIGNINWATCH_DAEMON_FILES_BYTE_STREAM_H_
#define SIGNINWATCH_DAEMON_FILES_BYTE_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/files/gzip_reader.h"
#include "daemon/files/raw_file.h"
#include "daemon/files/utf16.h"

namespace signinwatch::files {

struct ByteStreamOptions {
  size_t gzip_input_bytes = size_t{64} << 10;  // buffer of a gzip file's input
  int cancel_fd = -1;                          // see RawFile::Open
};

class ByteStream {
 public:
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<ByteStream>> Open(
      const std::string& path, const ByteStreamOptions& options);
  ~ByteStream();

  // At least one byte, or 0 at the end: then damage() and status() say what kind of end it is.
  [[nodiscard]] size_t Read(char* to, size_t size);

  // The next Read starts over. Only of a regular file.
  [[nodiscard]] absl::Status Rewind();
  [[nodiscard]] bool can_rewind() const { return file_.is_regular(); }
  // See RawFile::Pause.
  void Pause() { file_.Pause(); }

  // Reading may wait for a writer: what is there should be given out first.
  [[nodiscard]] bool may_wait() const { return !file_.is_regular(); }
  // Why the data ended before its end (gzip only), static text; nullptr: it did not.
  [[nodiscard]] const char* damage() const { return gzip_ ? gzip_->damage() : nullptr; }
  // Of the file itself.
  [[nodiscard]] const absl::Status& status() const { return file_.status(); }
  // Size of the file as it is stored, when that is known.
  [[nodiscard]] std::optional<uint64_t> stored_bytes() const { return file_.size(); }
  // Of the file as it is stored, read up to here; does not go back when rewound.
  [[nodiscard]] uint64_t stored_bytes_read() const { return stored_bytes_read_; }

 private:
  ByteStream(RawFile file, const ByteStreamOptions& options);
  void LookForGzip();
  void LookForUtf16();
  // What is stored; what was packed; the same in UTF-8.
  [[nodiscard]] size_t ReadStored(char* to, size_t size);
  [[nodiscard]] size_t ReadUnpacked(char* to, size_t size);
  [[nodiscard]] size_t ReadUtf16(char* to, size_t size);

  RawFile file_;
  size_t gzip_input_bytes_;
  bool begun_ = false;
  std::string stored_;    // read to look for gzip, and not yet given out
  std::string unpacked_;  // read to look for UTF-16, and not yet given out
  std::unique_ptr<GzipReader> gzip_;
  std::optional<Utf16Decoder> utf16_;
  std::string decoded_;      // of UTF-16
  size_t decoded_read_ = 0;  // of decoded_, given out
  uint64_t stored_bytes_read_ = 0;
};

}  // namespace signinwatch::files

#endif  // SIGNINWATCH_DAEMON_FILES_BYTE_STREAM_H_
