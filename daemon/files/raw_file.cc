#include "daemon/files/raw_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace signinwatch::files {
namespace {

absl::Status ErrnoStatus(int error) {
  return absl::Status(absl::ErrnoToStatusCode(error), std::generic_category().message(error));
}

// A read() takes at most this much (Linux: 0x7ffff000).
constexpr size_t kReadBytesMax = size_t{1} << 30;

// O_NONBLOCK: opening a FIFO must not wait for its writer, since that writer may be waiting for
// another of our files to be opened first. Reading waits in poll() instead, which Linux lets sleep
// until a FIFO has had its first writer. Standard input is shared with others and keeps its mode.
int OpenDescriptor(const std::string& path) {
  if (path == "-") return ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
  return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

}  // namespace

absl::StatusOr<RawFile> RawFile::Open(const std::string& path, int cancel_fd) {
  const int fd = OpenDescriptor(path);
  if (fd < 0) return ErrnoStatus(errno);
  RawFile file(path, fd, cancel_fd);
  if ((::fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY) return ErrnoStatus(EBADF);
  struct stat info {};
  if (::fstat(fd, &info) != 0) return ErrnoStatus(errno);
  if (S_ISDIR(info.st_mode)) return ErrnoStatus(EISDIR);
  if (S_ISREG(info.st_mode)) {
    const off_t start = ::lseek(fd, 0, SEEK_CUR);
    if (start < 0) return ErrnoStatus(errno);
    file.start_ = start;
    file.device_ = info.st_dev;
    file.inode_ = info.st_ino;
    file.size_ = static_cast<uint64_t>(std::max<off_t>(info.st_size - start, 0));
    (void)::posix_fadvise(fd, start, 0, POSIX_FADV_SEQUENTIAL);  // a hint, and may be refused
  }
  return file;
}

RawFile::RawFile(RawFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      cancel_fd_(other.cancel_fd_),
      device_(other.device_),
      inode_(other.inode_),
      start_(other.start_),
      size_(other.size_),
      bytes_read_(other.bytes_read_),
      status_(std::move(other.status_)) {}

RawFile::~RawFile() {
  if (fd_ >= 0) ::close(fd_);
}

void RawFile::Pause() {
  if (fd_ < 0 || !is_regular() || path_ == "-") return;
  ::close(std::exchange(fd_, -1));
}

bool RawFile::Resume() {
  fd_ = OpenDescriptor(path_);
  struct stat info {};
  const off_t place = start_ + static_cast<off_t>(bytes_read_);
  if (fd_ < 0 || ::fstat(fd_, &info) != 0 || ::lseek(fd_, place, SEEK_SET) < 0) {
    status_ = ErrnoStatus(errno);
  } else if (info.st_dev != device_ || info.st_ino != inode_) {
    status_ = absl::NotFoundError("was replaced by another file while it was read");
  }
  return status_.ok();
}

bool RawFile::WaitForInput() {
  while (true) {
    pollfd waits[2] = {{fd_, POLLIN, 0}, {cancel_fd_, POLLIN, 0}};
    const int ready = ::poll(waits, cancel_fd_ >= 0 ? 2 : 1, -1);
    if (ready < 0 && errno != EINTR) return true;  // read() will say what is wrong
    if (ready <= 0) continue;
    if (cancel_fd_ >= 0 && waits[1].revents != 0) return false;
    return true;
  }
}

size_t RawFile::Read(char* to, size_t size) {
  if (fd_ < 0 && !Resume()) return 0;
  while (status_.ok()) {
    if (!is_regular() && !WaitForInput()) return 0;
    const ssize_t n = ::read(fd_, to, std::min(size, kReadBytesMax));
    if (n >= 0) {
      bytes_read_ += static_cast<uint64_t>(n);
      return static_cast<size_t>(n);
    }
    if (errno != EINTR && errno != EAGAIN) status_ = ErrnoStatus(errno);
  }
  return 0;
}

absl::Status RawFile::Rewind() {
  bytes_read_ = 0;
  if (fd_ < 0) return absl::OkStatus();  // Resume goes to the right place
  if (::lseek(fd_, start_, SEEK_SET) < 0) return ErrnoStatus(errno);
  return absl::OkStatus();
}

size_t OpenFilesMax() {
  // Besides the files that are read: standard streams, dead letters, temporary files.
  constexpr rlim_t kOthers = 32;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur <= kOthers) return 1;
  return limit.rlim_cur - kOthers;
}

void PrepareDescriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    // Takes the least number that is free; opened the wrong way round, so that it is of no use.
    (void)::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);  // what does not fit is seen when it is opened
}

}  // namespace signinwatch::files
