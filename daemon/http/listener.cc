#include "daemon/http/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "parser/ascii.h"

namespace signinwatch {
namespace {

struct HostAndPort {
  std::string host;
  std::string port;
};

std::optional<HostAndPort> SplitAddress(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon + 1 == address.size()) return std::nullopt;
  std::string host = address.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string::npos) {
    return std::nullopt;  // a v6 address without brackets: where does it end?
  }
  return HostAndPort{std::move(host), address.substr(colon + 1)};
}

// Loopback by definition (RFC 6761, section 6.3), so no resolver is asked: there may be none that
// knows it, and one that says otherwise is wrong.
bool IsLocalhost(std::string_view host) {
  constexpr std::string_view kName = "localhost";
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.size() < kName.size()) return false;
  const std::string_view below = host.substr(0, host.size() - kName.size());
  return EqualsWithoutCase(host.substr(below.size()), kName) &&
         (below.empty() || below.ends_with('.'));
}

// The error of the system call that failed, or the socket.
struct OpenedSocket {
  int socket = -1;
  int error = 0;
};

OpenedSocket Open(const addrinfo& address) {
  const int fd = ::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return {-1, errno};
  const int on = 1;
  // After a restart the port is ours at once. Not SO_REUSEPORT: it would let a second daemon listen
  // on the same port and take every other request.
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (address.ai_family == AF_INET6) {
    const int off = 0;
    ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  }
  constexpr int kBacklog = 128;
  if (::bind(fd, address.ai_addr, address.ai_addrlen) == 0 && ::listen(fd, kBacklog) == 0) {
    return {fd, 0};
  }
  const int error = errno;
  ::close(fd);
  return {-1, error};
}

absl::StatusOr<int> OpenAny(const std::string& host, const std::string& port,
                            const std::string& address) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("can't listen on ", address, ": ", ::gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> all(found, ::freeaddrinfo);
  OpenedSocket opened;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    opened = Open(*at);
    if (opened.socket >= 0) return opened.socket;
  }
  return absl::UnavailableError(
      absl::StrCat("can't listen on ", address, ": ", std::strerror(opened.error)));
}

absl::StatusOr<int> OpenListeningSocket(const std::string& address) {
  const std::optional<HostAndPort> parts = SplitAddress(address);
  if (!parts) {
    return absl::InvalidArgumentError(
        absl::StrCat("can't listen on ", address, ": not host:port, [v6]:port or :port"));
  }
  if (IsLocalhost(parts->host)) {
    absl::StatusOr<int> v4 = OpenAny("127.0.0.1", parts->port, address);
    if (v4.ok()) return v4;
    absl::StatusOr<int> v6 = OpenAny("::1", parts->port, address);
    return v6.ok() ? v6 : v4;
  }
  if (!parts->host.empty()) return OpenAny(parts->host, parts->port, address);
  absl::StatusOr<int> both = OpenAny("::", parts->port, address);
  return both.ok() ? both : OpenAny("0.0.0.0", parts->port, address);
}

struct BoundAddress {
  std::string text;
  int port = 0;
  bool loopback = false;
};

BoundAddress AddressOf(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  char host[NI_MAXHOST] = {};
  char port[NI_MAXSERV] = {};
  if (::getsockname(fd, address, &size) != 0 ||
      ::getnameinfo(address, size, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return {};
  }
  const bool v6 = storage.ss_family == AF_INET6;
  const std::string text = host;
  return {v6 ? absl::StrCat("[", text, "]:", port) : absl::StrCat(text, ":", port), std::atoi(port),
          v6 ? text == "::1" : text.starts_with("127.")};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Open(const std::string& address) {
  const absl::StatusOr<int> socket = OpenListeningSocket(address);
  if (!socket.ok()) return socket.status();
  return std::unique_ptr<Listener>(new Listener(*socket));
}

Listener::Listener(int socket) : socket_(socket) {
  const BoundAddress bound = AddressOf(socket_);
  address_ = bound.text;
  port_ = bound.port;
  loopback_ = bound.loopback;
}

Listener::~Listener() { ::close(socket_); }

}  // namespace signinwatch
