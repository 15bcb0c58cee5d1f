#include "daemon/config/secret.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "absl/status/status.h"

namespace signinwatch::config {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

// Up to kSecretBytesMax + 2 bytes, a line's end, and one more: enough to know that it is too long.
absl::StatusOr<std::string> ReadBeginning(const std::string& path) {
  // Nothing but a regular file can be read again, or is sure to answer: a pipe may wait for ever.
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat facts {};
  if (file.get() < 0 || ::fstat(file.get(), &facts) != 0) {
    return absl::ErrnoToStatus(errno, "secret file " + path);
  }
  if (!S_ISREG(facts.st_mode)) {
    return absl::InvalidArgumentError("secret file " + path + ": not a regular file");
  }
  std::string text(kSecretBytesMax + 3, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = ::read(file.get(), text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return absl::ErrnoToStatus(errno, "secret file " + path);
    if (count == 0) break;
    size += static_cast<size_t>(count);
  }
  text.resize(size);
  return text;
}

absl::StatusOr<std::string> ReadRaw(const SecretRef& secret) {
  if (secret.from == SecretRef::From::kFile) return ReadBeginning(secret.name);
  const char* value = std::getenv(secret.name.c_str());
  if (value == nullptr) {
    return absl::NotFoundError("environment variable " + secret.name + ": not set");
  }
  return std::string(value);
}

}  // namespace

absl::StatusOr<std::string> ReadSecret(const SecretRef& secret, SecretForm form) {
  if (secret.empty()) return absl::InvalidArgumentError("no secret is configured");
  absl::StatusOr<std::string> text = ReadRaw(secret);
  if (!text.ok()) return text;
  if (!text->empty() && text->back() == '\n') text->pop_back();
  if (!text->empty() && text->back() == '\r') text->pop_back();

  const auto unusable = [&secret](std::string_view why) {
    const bool is_file = secret.from == SecretRef::From::kFile;
    return absl::InvalidArgumentError((is_file ? "secret file " : "environment variable ") +
                                      secret.name + ": " + std::string(why));
  };
  if (text->empty()) return unusable("empty");
  if (text->size() > kSecretBytesMax) return unusable("longer than a secret may be (64 KiB)");
  // A second line would become a header of its own, and a zero byte cut the rest off.
  const std::string_view refused(form == SecretForm::kPem ? "\0" : "\0\r\n",
                                 form == SecretForm::kPem ? 1 : 3);
  if (text->find_first_of(refused) != std::string::npos) {
    return unusable("more than one line, or a zero byte in it");
  }
  return text;
}

}  // namespace signinwatch::config
