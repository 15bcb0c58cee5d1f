// An open PATH and its bytes as they are: a regular file, a pipe, a FIFO, a device, or standard
// input ("-").
#ifndef SIGNINWATCH_DAEMON_FILES_RAW_FILE_H_
#define SIGNINWATCH_DAEMON_FILES_RAW_FILE_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace signinwatch::files {

class RawFile {
 public:
  // Does not wait, not even for the writer of a FIFO. A directory is an error. `cancel_fd`: when
  // it becomes readable, waiting for a pipe ends and the file counts as read to its end; -1: none.
  // Errors say why without the path ("No such file or directory").
  [[nodiscard]] static absl::StatusOr<RawFile> Open(const std::string& path, int cancel_fd);

  RawFile(RawFile&& other) noexcept;
  RawFile& operator=(RawFile&&) = delete;
  ~RawFile();

  // Waits until there is something. 0: at its end, or an error (then status() says so).
  [[nodiscard]] size_t Read(char* to, size_t size);
  // Back to where it was when it was opened (which, of standard input, need not be the beginning).
  [[nodiscard]] absl::Status Rewind();

  // Gives the descriptor back until the next Read or Rewind, which open the path again: for more
  // files than may be open at once. Does nothing to what is no regular file, or standard input.
  void Pause();

  // Can be read again, and never has to be waited for.
  [[nodiscard]] bool is_regular() const { return size_.has_value(); }
  // From the place where it was opened to the end, at that time. Regular files only.
  [[nodiscard]] std::optional<uint64_t> size() const { return size_; }
  [[nodiscard]] const absl::Status& status() const { return status_; }
  // Bytes given out since it was opened or rewound.
  [[nodiscard]] uint64_t bytes_read() const { return bytes_read_; }

 private:
  RawFile(std::string path, int fd, int cancel_fd)
      : path_(std::move(path)), fd_(fd), cancel_fd_(cancel_fd) {}
  // Where it was before Pause. false: see status().
  [[nodiscard]] bool Resume();
  // false: cancelled.
  [[nodiscard]] bool WaitForInput();

  std::string path_;
  int fd_;
  int cancel_fd_;
  dev_t device_ = 0;  // with inode_: which file it is
  ino_t inode_ = 0;
  off_t start_ = 0;
  std::optional<uint64_t> size_;
  uint64_t bytes_read_ = 0;
  absl::Status status_;
};

// To be called before files are opened. Raises the limit of open files as far as that needs no
// privileges; and fills standard input, output and error where the parent process left them closed,
// so that no other file gets their number: using them stays an error.
void PrepareDescriptors();

// So many files may be open at once, with something left for others.
[[nodiscard]] size_t OpenFilesMax();

}  // namespace signinwatch::files

#endif  // SIGNINWATCH_DAEMON_FILES_RAW_FILE_H_
