// One PATH -> its messages in order (SPEC 3.1).
//
//   FileSource source(std::move(stream), options);
//   FileBlock block;                                  // reuse it: it keeps its buffer
//   for (bool more = true; more;) {
//     more = source.ReadBlock(&block);
//     for (const FileMessage& m : block.messages) parser.Parse(block.Bytes(m), ...);
//   }
//
// How a file is read is decided by its beginning, the first message_bytes_max bytes from the first
// line on that is not blank:
//   if that line is a whole JSON value, or above message_bytes_max: line by line;
//   else, if a whole object or array begins it: value after value, as far as they are whole; what
//   is
//     left is one message;
//   else, if one of its lines begins with { or [, ends with } or ] and is longer than two bytes:
//   line
//     by line;
//   else as one message.
// It is decided as soon as it can be, so that a pipe is followed.
//
// Memory: the block's buffer and what is carried to the next block, each at most the largest of
// block_bytes, message_bytes_max (and a few bytes) and kTooLargeKeptBytes, however long the file, a
// line or a value of it is.
//
// Not thread-safe; may be used by one thread after another.
#ifndef SIGNINWATCH_DAEMON_FILES_FILE_SOURCE_H_
#define SIGNINWATCH_DAEMON_FILES_FILE_SOURCE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "daemon/files/byte_stream.h"
#include "daemon/files/foreign_format.h"
#include "daemon/files/json_scanner.h"

namespace signinwatch::files {

// What is kept of a message that is too large (SPEC 3.3).
inline constexpr size_t kTooLargeKeptBytes = size_t{64} << 10;

struct FileMessage {
  size_t offset = 0;  // in the block's buffer
  size_t size = 0;
  uint64_t position = 0;  // number of the line at which it starts, from 1
  // Above message_bytes_max; offset and size are those of its first kTooLargeKeptBytes.
  bool too_large = false;
  // The data broke off within or just behind this message (damaged gzip): the last of its file,
  // and it may be empty.
  bool cut_short = false;
};

// Bytes that are not initialised before they are read.
class FileBuffer {
 public:
  // Keeps what there is.
  void Reserve(size_t capacity);
  // `bytes` must not be of this buffer.
  void Assign(std::string_view bytes);
  void Clear() { size_ = 0; }
  // Drops the first `count` bytes.
  void RemovePrefix(size_t count);

  [[nodiscard]] std::string_view view() const { return {data_.get(), size_}; }
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] size_t capacity() const { return capacity_; }
  // Reads until there is something or the stream ends; there must be room. The bytes read.
  size_t ReadFrom(ByteStream& stream);

 private:
  std::unique_ptr<char[]> data_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

struct FileBlock {
  FileBuffer buffer;
  std::vector<FileMessage> messages;

  [[nodiscard]] std::string_view Bytes(const FileMessage& message) const {
    return buffer.view().substr(message.offset, message.size);
  }
};

struct FileSourceOptions {
  size_t message_bytes_max = size_t{16} << 20;
  size_t block_bytes = size_t{1} << 20;
  size_t block_messages_max = 4096;
};

class FileSource {
 public:
  FileSource(std::unique_ptr<ByteStream> stream, const FileSourceOptions& options);

  // The next messages, possibly none. false: they are the last, and ReadBlock must not be called
  // again.
  [[nodiscard]] bool ReadBlock(FileBlock* block);

  // See RawFile::Pause.
  void Pause() { stream_->Pause(); }
  // What the file looks like, if it is none of ours. Known after the first ReadBlock.
  [[nodiscard]] ForeignFormat foreign_format() const { return foreign_format_; }
  // ReadBlock may have to wait for a writer.
  [[nodiscard]] bool may_wait() const { return stream_->may_wait(); }
  // For after the end. Why the file ended before its end, as gzip data, static text; nullptr: it
  // did not.
  [[nodiscard]] const char* damage() const { return stream_->damage(); }
  // Why reading failed.
  [[nodiscard]] const absl::Status& status() const {
    return rewind_status_.ok() ? stream_->status() : rewind_status_;
  }
  [[nodiscard]] std::optional<uint64_t> stored_bytes() const { return stream_->stored_bytes(); }
  [[nodiscard]] uint64_t stored_bytes_read() const { return stream_->stored_bytes_read(); }

 private:
  enum class Mode : uint8_t {
    kUndecided,
    kLines,
    kValues,
    kRest,      // all that is left is one message
    kSkipping,  // it was too large; the file is read to its end all the same
    kEnded,
  };

  // Deciding. The file's bytes so far are in the block's buffer, blank lines before the first
  // message left out.
  void Decide(FileBlock* block);
  [[nodiscard]] std::optional<std::string_view> ReadFirstLine(FileBuffer* buffer);
  [[nodiscard]] bool BeginsWithValue(FileBuffer* buffer);
  [[nodiscard]] bool HasContainerLine(FileBuffer* buffer);

  // Reading lines or values. `begin`: what has been given out of the block's buffer.
  void ReadMessages(FileBlock* block);
  void CutLines(FileBlock* block, size_t* begin);
  void AddLine(FileBlock* block, size_t begin, size_t size);
  void CutValues(FileBlock* block, size_t* begin);
  [[nodiscard]] bool SkipBetweenValues(std::string_view text, size_t* begin);
  void AddValue(FileBlock* block, size_t begin, size_t size);
  void EndMessages(FileBlock* block, size_t begin);
  void CarryOn(std::string_view rest);

  void ReadRest(FileBlock* block);
  void SkipRest(FileBlock* block);
  void MarkCutShort(FileBlock* block, size_t messages_before);
  [[nodiscard]] bool ReadMore(FileBuffer* buffer, size_t capacity);
  [[nodiscard]] bool IsNothing(std::string_view line) const;
  // So much of a message is held: to see that it is above the limit even if it ends in CR LF, and
  // to keep its beginning.
  [[nodiscard]] size_t HeldBytesMax() const {
    return std::max(options_.message_bytes_max + 2, kTooLargeKeptBytes);
  }

  std::unique_ptr<ByteStream> stream_;
  FileSourceOptions options_;
  Mode mode_ = Mode::kUndecided;
  FileBuffer carry_;         // read, and not yet given out
  uint64_t line_ = 1;        // number of the line that begins with the next byte
  bool skipping_ = false;    // the next bytes are the rest of a line that is too large
  JsonScanner scanner_;      // of the value at hand
  size_t scanned_ = 0;       // bytes of it that the scanner has taken
  bool stream_end_ = false;  // the stream has nothing more
  absl::Status rewind_status_;
  ForeignFormat foreign_format_ = ForeignFormat::kNone;
};

}  // namespace signinwatch::files

#endif  // SIGNINWATCH_DAEMON_FILES_FILE_SOURCE_H_
