#include "daemon/disk/own_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace signinwatch::disk {
namespace {

constexpr const char* kLink = "a link, in a folder that others can write";

OpenedFile Failed(int error, std::string problem) {
  return {.fd = -1, .error = error, .problem = std::move(problem)};
}
OpenedFile Failed(int error) { return Failed(error, std::strerror(error)); }

struct Place {
  std::string folder;
  std::string name;
};

Place PlaceOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

// The folder of the file, held, so that it is the same for the look and for the opening.
class Folder {
 public:
  explicit Folder(const std::string& path)
      : fd_(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
    struct stat facts {};
    if (fd_ < 0 || ::fstat(fd_, &facts) != 0) {
      error_ = errno;
      return;
    }
    const bool is_ours = facts.st_uid == ::geteuid() || facts.st_uid == 0;
    shared_ = !is_ours || (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0;
  }
  ~Folder() {
    if (fd_ >= 0) ::close(fd_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] int error() const { return error_; }
  [[nodiscard]] bool shared() const { return shared_; }  // others can write it

 private:
  int fd_;
  int error_ = 0;
  bool shared_ = false;
};

// Of a file in a shared folder.
std::string Stranger(int fd) {
  struct stat facts {};
  if (::fstat(fd, &facts) != 0) return std::strerror(errno);
  const char* const where = ", in a folder that others can write";
  if (facts.st_uid != ::geteuid()) return std::string("a file of another user") + where;
  if (S_ISREG(facts.st_mode) && facts.st_nlink > 1) {
    return std::string("a file with several names") + where;
  }
  return {};
}

}  // namespace

OpenedFile OpenOwnFile(const std::string& path, int flags, mode_t mode) {
  const Place place = PlaceOf(path);
  const Folder folder(place.folder);
  if (folder.error() != 0) return Failed(folder.error());
  if (!folder.shared()) {
    const int fd = ::openat(folder.fd(), place.name.c_str(), flags | O_CLOEXEC, mode);
    return fd < 0 ? Failed(errno) : OpenedFile{.fd = fd, .error = 0, .problem = {}};
  }
  // Nothing is cut before it is known whose it is.
  const int first = (flags & ~O_TRUNC) | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  const int fd = ::openat(folder.fd(), place.name.c_str(), first, mode);
  if (fd < 0) return errno == ELOOP ? Failed(ELOOP, kLink) : Failed(errno);
  std::string stranger = Stranger(fd);
  if (stranger.empty() && (flags & O_TRUNC) != 0 && ::ftruncate(fd, 0) != 0 && errno != EINVAL) {
    stranger = std::strerror(errno);
  }
  if (stranger.empty()) return {.fd = fd, .error = 0, .problem = {}};
  ::close(fd);
  return Failed(EPERM, std::move(stranger));
}

std::string LinkProblem(const std::string& path) {
  const Place place = PlaceOf(path);
  const Folder folder(place.folder);
  struct stat facts {};
  if (!folder.shared() ||
      ::fstatat(folder.fd(), place.name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) {
    return {};
  }
  return S_ISLNK(facts.st_mode) ? kLink : "";
}

}  // namespace signinwatch::disk
