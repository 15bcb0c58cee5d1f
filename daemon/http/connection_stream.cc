#include "daemon/http/connection_stream.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace signinwatch {

using Clock = Listener::Clock;
using std::chrono::milliseconds;

ConnectionStream::ConnectionStream(int socket, Transport& transport, const HttpLimits& limits,
                                   const Listener& listener)
    : socket_(socket), transport_(transport), limits_(limits), listener_(listener) {}

ssize_t ConnectionStream::read(char* bytes, size_t size) {
  if (begin_ == end_ && !Fill()) return -1;
  const size_t taken = std::min(size, end_ - begin_);
  std::memcpy(bytes, buffer_.data() + begin_, taken);
  begin_ += taken;
  return static_cast<ssize_t>(taken);
}

// False: over a limit, or broken. Nothing in the buffer afterwards: the client has closed.
bool ConnectionStream::Fill() {
  const size_t room = limits_.request_bytes_max - received_;
  if (room == 0) return false;
  while (true) {
    const Transport::Result got = transport_.Read(buffer_.data(), std::min(room, buffer_.size()));
    if (got.bytes >= 0) {
      begin_ = 0;
      end_ = static_cast<size_t>(got.bytes);
      received_ += end_;
      return true;
    }
    if (got.wait_for == 0) return false;
    if (!Wait(got.wait_for, For::kRequest, start_ + limits_.request_timeout)) return false;
  }
}

ssize_t ConnectionStream::write(const char* bytes, size_t size) {
  while (true) {
    const Transport::Result sent = transport_.Write(bytes, size);
    if (sent.bytes >= 0) return sent.bytes;
    if (sent.wait_for == 0) return -1;
    const Clock::time_point deadline =
        std::min(Clock::now() + limits_.write_timeout, start_ + limits_.answer_timeout);
    if (!Wait(sent.wait_for, For::kAnswer, deadline)) return -1;
  }
}

// In slices, as how patient it may be changes with the others who wait.
bool ConnectionStream::Wait(short events, For what, Clock::time_point deadline) const {
  constexpr milliseconds kSlice(100);
  while (true) {
    Clock::time_point limit = std::min(deadline, listener_.stop_by());
    if (what == For::kRequest) {
      if (listener_.crowded()) limit = std::min(limit, start_ + limits_.request_timeout_crowded);
      if (listener_.stopping() && received_ == 0) limit = start_;
    }
    const auto left = std::chrono::ceil<milliseconds>(limit - Clock::now());
    pollfd watched = {socket_, events, 0};
    const int ready =
        ::poll(&watched, 1, static_cast<int>(std::clamp(left, milliseconds(0), kSlice).count()));
    if (ready > 0) return true;  // an error too: the next call tells it
    if (ready < 0 && errno != EINTR) return false;
    if (left.count() <= 0) return false;
  }
}

void ConnectionStream::Linger() {
  constexpr milliseconds kPatience(200);
  char unread[4096];
  const Clock::time_point end = Clock::now() + kPatience;
  transport_.Finish();
  ::shutdown(socket_, SHUT_WR);
  // Only where bytes are seen to be unread: a client that sent one request waits for the close.
  bool pending = begin_ < end_;
  for (size_t bytes = 0; bytes < limits_.request_bytes_max;) {
    const ssize_t got = ::recv(socket_, unread, sizeof(unread), MSG_DONTWAIT);
    if (got == 0) return;
    if (got > 0) {
      pending = true;
      bytes += static_cast<size_t>(got);
    } else if ((errno != EAGAIN && errno != EWOULDBLOCK) || !pending ||
               !Wait(POLLIN, For::kRequest, end)) {
      return;
    }
  }
}

void ConnectionStream::get_remote_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

void ConnectionStream::get_local_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

}  // namespace signinwatch
