// A file that whole lines are appended to, rotated by size: PATH, then PATH.1 (the youngest), ...
//
//   LineFile file({.path = path, .rotate_bytes = 100 << 20, .rotate_keep = 10});
//   absl::Status status = file.Append("{...}\n{...}\n");
//
// All of an Append is in the file and on disk when it returns, or nothing of it is in the file:
// what a full disk cut off is taken back. A line without an end that a crash has left is removed
// when the file is opened: it was never acknowledged, so its writer writes it again. (What does not
// begin as our lines do is given an end instead, and kept: the path may be of a file that is not
// ours.) So each line of the file is whole,
// always.
//
// The file may be moved away or removed while in use (logrotate, without copytruncate): the next
// Append makes a new one. One process writes to a file. Not thread-safe.
#ifndef SIGNINWATCH_DAEMON_SINKS_LINE_FILE_H_
#define SIGNINWATCH_DAEMON_SINKS_LINE_FILE_H_

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace signinwatch::sinks {

class LineFile {
 public:
  struct Options {
    std::string path;
    std::string line_start = {};  // what each line begins with: "{\"reason\":"
    // A file is rotated before it would become larger, so only one Append can be larger; 0: never.
    size_t rotate_bytes = 0;
    int rotate_keep = 1;  // PATH.1 to PATH.N; older ones are removed
  };
  explicit LineFile(Options options);
  ~LineFile();
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  // Opens the file, and makes it if need be. Append does so too: this is for knowing early.
  absl::Status Open();
  // `lines`: one or more whole lines. kResourceExhausted: the disk is full, or a quota.
  absl::Status Append(std::string_view lines);

  // So many times the file could not be rotated, and went on growing instead.
  [[nodiscard]] int failed_rotations() const { return failed_rotations_; }

 private:
  // Makes sure that fd_ is the file that PATH names.
  absl::Status EnsureOpen();
  absl::Status RepairEnd();
  absl::Status RotateIfFull(size_t bytes);
  absl::Status Rotate();
  absl::Status WriteAll(std::string_view lines);
  [[nodiscard]] bool IsStillAtPath() const;
  void Close();

  const Options options_;
  int fd_ = -1;
  dev_t device_ = 0;  // with inode_: which file fd_ is
  ino_t inode_ = 0;
  int failed_rotations_ = 0;
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_LINE_FILE_H_
