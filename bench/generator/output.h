// Where the records go: one file or standard output, or a directory of partitions.
#ifndef SIGNINWATCH_BENCH_GENERATOR_OUTPUT_H_
#define SIGNINWATCH_BENCH_GENERATOR_OUTPUT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/generator/random.h"

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
  kBatches,  // one Event Hubs message a line
  kLines,    // one record a line, ending in CR LF as in the storage archive
};

// An Event Hubs message holds at most this much.
inline constexpr size_t kMessageBytesMax = size_t{256} << 10;

// Packs records into messages and deals the messages out to the partitions.
class Output {
 public:
  // With more than one partition `path` is a directory, made if need be, of part-0.jsonl,
  // part-1.jsonl and so on.
  Output(const std::string& path, uint32_t partitions, Layout layout, uint64_t seed);

  // A record as JSON without a line's end.
  void Add(std::string_view record);
  // The next record starts a new message: an export is over, or a tenant's part of it.
  void EndMessage();
  void Close();

  [[nodiscard]] const std::string& error() const;
  [[nodiscard]] uint64_t bytes() const;

 private:
  void ChoosePartition();

  Layout layout_;
  Random random_;
  std::vector<std::unique_ptr<OutputFile>> files_;
  std::string error_;
  OutputFile* file_ = nullptr;  // of the message being filled
  size_t message_bytes_ = 0;    // of that message so far; 0: none
};

}  // namespace signinwatch::generator

#endif  // SIGNINWATCH_BENCH_GENERATOR_OUTPUT_H_
