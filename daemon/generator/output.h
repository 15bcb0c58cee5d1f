// How records become messages, and the files that messages are written to.
#ifndef SIGNINWATCH_DAEMON_GENERATOR_OUTPUT_H_
#define SIGNINWATCH_DAEMON_GENERATOR_OUTPUT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/generator/message_sink.h"
#include "daemon/generator/random.h"

namespace signinwatch::generator {

// A file that is written in large pieces. Errors stick: after the first, nothing is written.
class OutputFile {
 public:
  // "-" is standard output. `buffer_bytes`: how much is written at once.
  OutputFile(std::string path, size_t buffer_bytes);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void Append(std::string_view text);
  // Writes what is left and closes.
  void Close();
  // Empty while all is well, else "PATH: why".
  [[nodiscard]] const std::string& error() const { return error_; }
  // Appended so far.
  [[nodiscard]] uint64_t bytes() const { return bytes_; }

 private:
  void Flush();

  std::string path_;
  size_t buffer_bytes_;
  int fd_ = -1;
  std::string buffer_;
  uint64_t bytes_ = 0;
  std::string error_;
};

enum class Layout : uint8_t {
  kBatches,  // Event Hubs messages; in a file, one a line
  kLines,    // a message is one record; a file's lines end in CR LF as in the storage archive
};

// An Event Hubs message holds at most this much.
inline constexpr size_t kMessageBytesMax = size_t{256} << 10;

// One file or standard output, or a directory of partitions.
class FileSink : public MessageSink {
 public:
  // With more than one partition `path` is a directory, made if need be, of part-0.jsonl,
  // part-1.jsonl and so on.
  FileSink(const std::string& path, uint32_t partitions, Layout layout);

  bool Send(std::string_view message, uint32_t partition, EventTime exported_at) override;
  void Close() override;
  [[nodiscard]] std::string error() const override;
  [[nodiscard]] uint64_t bytes() const override;

 private:
  std::string_view line_end_;
  std::vector<std::unique_ptr<OutputFile>> files_;
  std::string error_;
};

// Packs records into messages and deals the messages out to the partitions.
class Output {
 public:
  // `sink` must outlive it.
  Output(MessageSink* sink, uint32_t partitions, Layout layout, uint64_t seed);

  // Of the records that follow.
  void set_export_time(EventTime t) { export_time_ = t; }
  // A record as JSON without a line's end.
  void Add(std::string_view record);
  // The next record starts a new message: an export is over, or a tenant's part of it.
  void EndMessage();
  // No more is wanted.
  [[nodiscard]] bool full() const { return full_; }

 private:
  void Send(std::string_view message);

  MessageSink* sink_;
  uint32_t partitions_;
  Layout layout_;
  Random random_;
  EventTime export_time_;
  bool full_ = false;
  uint32_t partition_ = 0;  // of the message being filled; of lines, of those that belong together
  std::string message_;     // kBatches: so far
  size_t group_bytes_ = 0;  // kLines: of the lines that belong together so far
};

}  // namespace signinwatch::generator

#endif  // SIGNINWATCH_DAEMON_GENERATOR_OUTPUT_H_
