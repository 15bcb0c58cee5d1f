#include "daemon/http/transport.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

namespace signinwatch {
namespace {

// `call` until no signal has interrupted it.
template <typename Call>
Transport::Result Try(short wait_for, Call call) {
  while (true) {
    const ssize_t bytes = call();
    if (bytes >= 0) return {bytes, 0};
    if (errno == EINTR) continue;
    return {-1, errno == EAGAIN || errno == EWOULDBLOCK ? wait_for : short{0}};
  }
}

}  // namespace

Transport::Result PlainTransport::Read(char* bytes, size_t size) {
  return Try(POLLIN, [&] { return ::recv(socket_, bytes, size, 0); });
}

Transport::Result PlainTransport::Write(const char* bytes, size_t size) {
  return Try(POLLOUT, [&] { return ::send(socket_, bytes, size, MSG_NOSIGNAL); });
}

}  // namespace signinwatch
