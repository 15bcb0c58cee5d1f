#include "daemon/sinks/syslog/udp_connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

namespace signinwatch::sinks {

UdpConnection::Resolved UdpConnection::Resolve(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  Resolved resolved;
  resolved.result = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  resolved.addresses.reset(found);
  return resolved;
}

absl::Status UdpConnection::Open(std::chrono::milliseconds timeout) {
  Close();
  if (cancelled_) return absl::CancelledError("it was cancelled");
  const size_t colon = address_.rfind(':');
  std::string host = address_.substr(0, colon);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  // getaddrinfo has no deadline: the look-up before, if it is still under way, is waited for first.
  if (!resolving_.valid()) {
    std::packaged_task<Resolved()> look_up(
        [host, port = address_.substr(colon + 1)] { return Resolve(host, port); });
    resolving_ = look_up.get_future();
    std::thread(std::move(look_up)).detach();
  }
  if (resolving_.wait_for(timeout) != std::future_status::ready) {
    return absl::UnavailableError(absl::StrCat(address_, ": its name was not found in time"));
  }
  const Resolved resolved = resolving_.get();
  if (resolved.result != 0) {
    return absl::UnavailableError(absl::StrCat(address_, ": ", ::gai_strerror(resolved.result)));
  }
  for (const addrinfo* each = resolved.addresses.get(); each != nullptr; each = each->ai_next) {
    fd_ = ::socket(each->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd_ >= 0 && ::connect(fd_, each->ai_addr, each->ai_addrlen) == 0) return absl::OkStatus();
    Close();
  }
  return absl::UnavailableError(absl::StrCat(address_, ": no route"));
}

absl::Status UdpConnection::Send(std::string_view bytes, std::chrono::milliseconds /*timeout*/) {
  if (cancelled_) return absl::CancelledError("it was cancelled");
  if (::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) >= 0) return absl::OkStatus();
  // Of this datagram or of one before it.
  absl::Status status = absl::ErrnoToStatus(errno, address_);
  Close();
  return absl::AbortedError(status.message());
}

bool UdpConnection::IsOpen() {
  if (fd_ < 0) return false;
  int error = 0;
  socklen_t size = sizeof(error);
  if (::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) Close();
  return fd_ >= 0;
}

void UdpConnection::Close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

}  // namespace signinwatch::sinks
