#include "daemon/sinks/line_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/disk/own_file.h"
#include "daemon/log/log.h"

namespace signinwatch::sinks {
namespace {

absl::Status ErrorOf(std::string_view what, const std::string& path, int error) {
  return absl::ErrnoToStatus(error,
                             absl::StrCat(absl::string_view(what.data(), what.size()), " ", path));
}

// So that a name is there after a power cut. Failing is no harm to what is written now.
void SyncFolderOf(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

// Where the last line of a file of `size` bytes begins that has no end; `size` if all have one.
// nullopt-like -1: it can't be read.
off_t StartOfUnfinishedLine(int fd, off_t size) {
  char block[16 * 1024];
  off_t end = size;
  while (end > 0) {
    const auto want = static_cast<size_t>(std::min<off_t>(end, sizeof(block)));
    const off_t start = end - static_cast<off_t>(want);
    if (::pread(fd, block, want, start) != static_cast<ssize_t>(want)) return -1;
    const std::string_view bytes(block, want);
    const size_t newline = bytes.rfind('\n');
    if (newline != std::string_view::npos) return start + static_cast<off_t>(newline) + 1;
    end = start;
  }
  return 0;
}

}  // namespace

LineFile::LineFile(Options options) : options_(std::move(options)) {}

LineFile::~LineFile() { Close(); }

void LineFile::Close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

absl::Status LineFile::Open() { return EnsureOpen(); }

absl::Status LineFile::Append(std::string_view lines) {
  if (absl::Status status = EnsureOpen(); !status.ok()) return status;
  if (absl::Status status = RotateIfFull(lines.size()); !status.ok()) return status;
  return WriteAll(lines);
}

bool LineFile::IsStillAtPath() const {
  struct stat at_path;
  return fd_ >= 0 && ::stat(options_.path.c_str(), &at_path) == 0 && at_path.st_dev == device_ &&
         at_path.st_ino == inode_;
}

absl::Status LineFile::EnsureOpen() {
  if (IsStillAtPath()) return absl::OkStatus();
  Close();
  const disk::OpenedFile opened =
      disk::OpenOwnFile(options_.path, O_RDWR | O_APPEND | O_CREAT | O_NOCTTY, 0640);
  if (opened.fd < 0) {
    return absl::Status(absl::ErrnoToStatusCode(opened.error),
                        absl::StrCat("cannot open ", options_.path, ": ", opened.problem));
  }
  fd_ = opened.fd;
  struct stat status;
  if (::fstat(fd_, &status) != 0 || !S_ISREG(status.st_mode)) {
    Close();
    return absl::InvalidArgumentError(absl::StrCat(options_.path, " is no regular file"));
  }
  device_ = status.st_dev;
  inode_ = status.st_ino;
  SyncFolderOf(options_.path);
  absl::Status repaired = RepairEnd();
  if (!repaired.ok()) Close();
  return repaired;
}

absl::Status LineFile::RepairEnd() {
  const off_t size = ::lseek(fd_, 0, SEEK_END);
  const off_t start = size < 0 ? -1 : StartOfUnfinishedLine(fd_, size);
  if (start < 0) return ErrorOf("cannot read", options_.path, errno);
  if (start == size) return absl::OkStatus();
  std::string begin(std::min(options_.line_start.size(), static_cast<size_t>(size - start)), '\0');
  if (::pread(fd_, begin.data(), begin.size(), start) != static_cast<ssize_t>(begin.size())) {
    return ErrorOf("cannot read", options_.path, errno);
  }
  const bool ours = !begin.empty() && options_.line_start.starts_with(begin);
  const bool done = ours ? ::ftruncate(fd_, start) == 0 : ::write(fd_, "\n", 1) == 1;
  if (!done) return ErrorOf("cannot repair the end of", options_.path, errno);
  log::Log(config::LogLevel::kWarning, "a file ended in the middle of a line",
           {{"path", options_.path},
            {"bytes", static_cast<int64_t>(size - start)},
            {"done", ours ? "removed, as it was never acknowledged" : "ended the line"}});
  return absl::OkStatus();
}

absl::Status LineFile::RotateIfFull(size_t bytes) {
  if (options_.rotate_bytes == 0) return absl::OkStatus();
  struct stat status;
  if (::fstat(fd_, &status) != 0) return ErrorOf("cannot look at", options_.path, errno);
  const auto size = static_cast<size_t>(status.st_size);
  if (size == 0 || size + bytes <= options_.rotate_bytes) return absl::OkStatus();
  if (absl::Status rotated = Rotate(); !rotated.ok()) {
    // A file that is too large is better than a ticket that is not written.
    ++failed_rotations_;
    log::Log(config::LogLevel::kError, "a file cannot be rotated and goes on growing",
             {{"path", options_.path}, {"error", std::string(rotated.message())}});
    return absl::OkStatus();
  }
  return EnsureOpen();
}

// From the oldest to the youngest, and only up to the first free number: a crash in between leaves
// a gap, and no later rotation removes a file because of it.
absl::Status LineFile::Rotate() {
  const auto numbered = [this](int n) { return absl::StrCat(options_.path, ".", n); };
  int free = 1;
  while (free < options_.rotate_keep && ::access(numbered(free).c_str(), F_OK) == 0) ++free;
  for (int n = free; n > 1; --n) {
    if (::rename(numbered(n - 1).c_str(), numbered(n).c_str()) != 0) {
      return ErrorOf("cannot rename", numbered(n - 1), errno);
    }
  }
  if (::rename(options_.path.c_str(), numbered(1).c_str()) != 0) {
    return ErrorOf("cannot rename", options_.path, errno);
  }
  return absl::OkStatus();
}

absl::Status LineFile::WriteAll(std::string_view lines) {
  const off_t start = ::lseek(fd_, 0, SEEK_END);
  size_t written = 0;
  int error = start < 0 ? errno : 0;
  while (error == 0 && written < lines.size()) {
    const ssize_t n = ::write(fd_, lines.data() + written, lines.size() - written);
    if (n > 0) {
      written += static_cast<size_t>(n);
    } else if (n == 0 || errno != EINTR) {
      error = n == 0 ? EIO : errno;
    }
  }
  if (error == 0 && ::fdatasync(fd_) != 0) error = errno;
  if (error == 0) return absl::OkStatus();
  // Opened again, and so repaired again, if even that fails.
  if (written > 0 && ::ftruncate(fd_, start) != 0) Close();
  return ErrorOf("cannot write to", options_.path, error);
}

}  // namespace signinwatch::sinks
