#include "daemon/files/temporary_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

namespace signinwatch::files {

TemporaryFile::TemporaryFile() {
  const char* const configured = std::getenv("TMPDIR");
  std::string path = configured != nullptr && *configured != '\0' ? configured : "/tmp";
  path += "/signinwatch-XXXXXX";
  fd_ = ::mkostemp(path.data(), O_CLOEXEC);
  if (fd_ < 0 || ::unlink(path.c_str()) != 0) Fail(errno);
}

TemporaryFile::~TemporaryFile() {
  if (fd_ >= 0) ::close(fd_);
}

void TemporaryFile::Append(std::string_view bytes) {
  while (status_.ok() && !bytes.empty()) {
    const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (n >= 0) {
      bytes.remove_prefix(static_cast<size_t>(n));
      size_ += static_cast<uint64_t>(n);
    } else if (errno != EINTR) {
      Fail(errno);
    }
  }
}

size_t TemporaryFile::ReadAt(uint64_t offset, char* to, size_t size) {
  size_t done = 0;
  while (status_.ok() && done < size) {
    const ssize_t n = ::pread(fd_, to + done, size - done, static_cast<off_t>(offset + done));
    if (n == 0) break;
    if (n > 0) {
      done += static_cast<size_t>(n);
    } else if (errno != EINTR) {
      Fail(errno);
    }
  }
  return done;
}

void TemporaryFile::Fail(int error) {
  status_ = absl::Status(absl::ErrnoToStatusCode(error),
                         "temporary file: " + std::generic_category().message(error));
}

}  // namespace signinwatch::files
