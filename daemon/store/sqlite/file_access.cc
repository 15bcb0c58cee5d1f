#include "daemon/store/sqlite/file_access.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "daemon/disk/own_file.h"

namespace signinwatch::store {

absl::Status FileError(int error, const std::string& path, const char* doing,
                       const std::string& why) {
  const std::string text =
      absl::StrCat(path, ": cannot ", doing, ": ", why.empty() ? std::strerror(error) : why);
  switch (error) {
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(text);
    case ENOSPC:
    case EDQUOT:
      return absl::ResourceExhaustedError(text);
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
      return absl::FailedPreconditionError(text);
    default:
      return absl::UnavailableError(text);
  }
}

absl::StatusOr<std::string> ResolveStorePath(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::path folder = fs::path(path).parent_path();
  if (folder.empty()) folder = ".";
  const bool exists = fs::is_directory(folder, error);
  if (error && error != std::errc::no_such_file_or_directory) {
    return FileError(error.value(), folder.string(), "look into the folder of the store");
  }
  if (!exists) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": there is no folder ", folder.string(), ": create it"));
  }
  if (const std::string problem = disk::LinkProblem(path); !problem.empty()) {
    return FileError(ELOOP, path, "use the store", problem);
  }
  const fs::path resolved = fs::weakly_canonical(path, error);
  if (error) return FileError(error.value(), path, "find the store");
  if (fs::is_directory(resolved, error)) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": is a folder, not a store's file"));
  }
  return resolved.string();
}

absl::Status CreateStoreFile(const std::string& path) {
  // O_EXCL: an existing file is SQLite's alone to open, as closing it here would end its locks.
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return errno == EEXIST ? absl::OkStatus() : FileError(errno, path, "create");
  ::close(fd);
  return absl::OkStatus();
}

DiskSpace DiskSpaceOf(const std::string& path) {
  struct statvfs disk {};
  if (::statvfs(path.c_str(), &disk) != 0) return {};
  return {.free_bytes = uint64_t{disk.f_bavail} * disk.f_frsize,
          .bytes = uint64_t{disk.f_blocks} * disk.f_frsize};
}

uint64_t FileBytes(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? static_cast<uint64_t>(status.st_size) : 0;
}

}  // namespace signinwatch::store
