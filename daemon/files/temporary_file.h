// A file without a name, in TMPDIR or else /tmp, gone when it is closed: room for what is too much
// for memory.
#ifndef SIGNINWATCH_DAEMON_FILES_TEMPORARY_FILE_H_
#define SIGNINWATCH_DAEMON_FILES_TEMPORARY_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"

namespace signinwatch::files {

class TemporaryFile {
 public:
  // Opens it; status() says whether that went well.
  TemporaryFile();
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  void Append(std::string_view bytes);
  // Reads from `offset` on until `size` bytes or the end are reached. The bytes read.
  [[nodiscard]] size_t ReadAt(uint64_t offset, char* to, size_t size);

  // Bytes appended.
  [[nodiscard]] uint64_t size() const { return size_; }
  // The first failure; nothing is done after it.
  [[nodiscard]] const absl::Status& status() const { return status_; }

 private:
  void Fail(int error);

  int fd_ = -1;
  uint64_t size_ = 0;
  absl::Status status_;
};

}  // namespace signinwatch::files

#endif  // SIGNINWATCH_DAEMON_FILES_TEMPORARY_FILE_H_
