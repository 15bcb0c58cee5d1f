#include "daemon/store/sqlite/store_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "daemon/disk/own_file.h"
#include "daemon/store/sqlite/file_access.h"
#include "parser/event_time.h"

namespace signinwatch::store {
namespace {

constexpr const char* kHolderStart = "process ";

// Since when is known to the file system; earlier releases wrote it into the file.
std::string ReadHolder(int fd) {
  char text[256];
  const ssize_t size = ::pread(fd, text, sizeof(text), 0);
  if (size <= 0) return "another process";
  std::string holder(text, static_cast<size_t>(size));
  holder = holder.substr(0, holder.find('\n'));
  struct stat file = {};
  if (holder.starts_with(kHolderStart) && holder.find(" since ") == std::string::npos &&
      ::fstat(fd, &file) == 0) {
    const EventTime since{std::chrono::seconds(file.st_mtim.tv_sec)};
    absl::StrAppend(&holder, " since ", FormatEventTime(since));
  }
  return holder;
}

// What stands in the file was not written by a lock.
bool IsOfAnother(int fd) {
  char text[8];
  const ssize_t size = ::pread(fd, text, sizeof(text), 0);
  return size > 0 && !std::string_view(kHolderStart).starts_with({text, static_cast<size_t>(size)});
}

// For people only, so failing to write it is no failure; and a file that was not made by a lock
// keeps what is in it.
void WriteHolder(int fd) {
  if (IsOfAnother(fd)) return;
  char host[256] = {};
  (void)::gethostname(host, sizeof(host) - 1);
  const std::string text = absl::StrCat(kHolderStart, ::getpid(), " on ", host, "\n");
  if (::ftruncate(fd, 0) == 0) (void)!::pwrite(fd, text.data(), text.size(), 0);
}

}  // namespace

absl::StatusOr<std::unique_ptr<StoreLock>> StoreLock::Take(const std::string& store_path) {
  const std::string path = store_path + ".lock";
  const disk::OpenedFile opened = disk::OpenOwnFile(path, O_RDWR | O_CREAT, 0600);
  if (opened.fd < 0) return FileError(opened.error, path, "open the lock", opened.problem);
  const int fd = opened.fd;
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

}  // namespace signinwatch::store
