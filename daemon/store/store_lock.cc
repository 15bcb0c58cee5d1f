#include "daemon/store/store_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "daemon/store/file_access.h"
#include "parser/event_time.h"

namespace signinwatch {
namespace {

std::string ReadHolder(int fd) {
  char text[256];
  const ssize_t size = ::pread(fd, text, sizeof(text), 0);
  if (size <= 0) return "another process";
  std::string holder(text, static_cast<size_t>(size));
  return holder.substr(0, holder.find('\n'));
}

// For people only, so failing to write it is no failure.
void WriteHolder(int fd) {
  char host[256] = {};
  (void)::gethostname(host, sizeof(host) - 1);
  const auto now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  const std::string text =
      absl::StrCat("process ", ::getpid(), " on ", host, " since ", FormatEventTime(now), "\n");
  if (::ftruncate(fd, 0) == 0) (void)!::pwrite(fd, text.data(), text.size(), 0);
}

}  // namespace

absl::StatusOr<std::unique_ptr<StoreLock>> StoreLock::Take(const std::string& store_path) {
  const std::string path = store_path + ".lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return FileError(errno, path, "open the lock");
  std::unique_ptr<StoreLock> lock(new StoreLock(fd));
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return FileError(errno, path, "lock");
    return absl::FailedPreconditionError(
        absl::StrCat(store_path, ": in use by ", ReadHolder(fd),
                     ": stop that one, or give this instance its own store.path and kafka.group "
                     "(several instances cannot share a store yet)"));
  }
  WriteHolder(fd);
  return lock;
}

std::string StoreLock::HolderOf(const std::string& store_path) {
  const int fd = ::open((store_path + ".lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  // Shared, and given back at once: whoever holds it is not disturbed.
  const bool held = ::flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  std::string holder = held ? ReadHolder(fd) : std::string();
  ::close(fd);
  return holder;
}

StoreLock::~StoreLock() { ::close(fd_); }

}  // namespace signinwatch
