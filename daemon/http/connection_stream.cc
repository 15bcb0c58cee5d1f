#include "daemon/http/connection_stream.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace signinwatch {

using std::chrono::milliseconds;

ConnectionStream::ConnectionStream(Visit& visit, const HttpLimits& limits,
                                   const ClosingTime& closing)
    : visit_(visit),
      limits_(limits),
      closing_(closing),
      answer_by_(Clock::now() + limits.answer_timeout) {}

ssize_t ConnectionStream::read(char* bytes, size_t size) {
  if (read_ == visit_.received.size() && !Fill()) return -1;
  const size_t taken = std::min(size, visit_.received.size() - read_);
  std::memcpy(bytes, visit_.received.data() + read_, taken);
  read_ += taken;
  return static_cast<ssize_t>(taken);
}

// False: over a limit, or broken. Nothing new afterwards: the client has closed.
bool ConnectionStream::Fill() {
  if (visit_.ended) return true;
  const size_t room = limits_.request_bytes_max - visit_.received.size();
  if (room == 0) return false;
  char bytes[4096];
  while (true) {
    const Transport::Result got = visit_.transport().Read(bytes, std::min(room, sizeof(bytes)));
    if (got.bytes >= 0) {
      visit_.received.append(bytes, static_cast<size_t>(got.bytes));
      visit_.ended = got.bytes == 0;
      return true;
    }
    if (got.wait_for == 0) return false;
    if (!Wait(got.wait_for, visit_.since + limits_.request_timeout)) return false;
  }
}

ssize_t ConnectionStream::write(const char* bytes, size_t size) {
  while (true) {
    const Transport::Result sent = visit_.transport().Write(bytes, size);
    if (sent.bytes >= 0) return sent.bytes;
    if (sent.wait_for == 0) return -1;
    const Clock::time_point deadline = std::min(Clock::now() + limits_.write_timeout, answer_by_);
    if (!Wait(sent.wait_for, deadline)) return -1;
  }
}

// In slices, as the server may begin to stop meanwhile.
bool ConnectionStream::Wait(short events, Clock::time_point deadline) const {
  constexpr milliseconds kSlice(100);
  while (true) {
    const Clock::time_point limit = std::min(deadline, closing_.end());
    const auto left = std::chrono::ceil<milliseconds>(limit - Clock::now());
    pollfd watched = {visit_.socket(), events, 0};
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
  visit_.transport().Finish();
  ::shutdown(visit_.socket(), SHUT_WR);
  // Only where bytes are seen to be unread: a client that sent one request waits for the close.
  bool pending = read_ < visit_.received.size();
  for (size_t bytes = 0; bytes < limits_.request_bytes_max;) {
    const ssize_t got = ::recv(visit_.socket(), unread, sizeof(unread), MSG_DONTWAIT);
    if (got == 0) return;
    if (got > 0) {
      pending = true;
      bytes += static_cast<size_t>(got);
    } else if ((errno != EAGAIN && errno != EWOULDBLOCK) || !pending || !Wait(POLLIN, end)) {
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
