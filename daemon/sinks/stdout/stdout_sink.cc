#include "daemon/sinks/stdout/stdout_sink.h"

#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace signinwatch::sinks {

std::vector<SendResult> StdoutSink::Send(std::span<const store::Delivery> deliveries) {
  std::vector<SendResult> results(deliveries.size());
  std::string error = Write(&rest_);
  for (size_t i = 0; i < deliveries.size(); ++i) {
    if (error.empty() && deliveries[i].sequence != begun_) {
      std::string line = deliveries[i].json + "\n";
      const size_t size = line.size();
      error = Write(&line);
      if (!error.empty() && line.size() < size) {
        rest_ = std::move(line);
        begun_ = deliveries[i].sequence;
      }
    }
    if (!error.empty()) results[i] = {SendResult::Kind::kTemporary, error, {}, true};
  }
  return results;
}

std::string StdoutSink::Write(std::string* text) {
  // In slices, so that Cancel is seen.
  constexpr std::chrono::milliseconds kSlice{50};
  size_t written = 0;
  auto waited = std::chrono::milliseconds(0);
  std::string error;
  while (error.empty() && written < text->size()) {
    pollfd poll_fd{fd_, POLLOUT, 0};
    const int ready = ::poll(&poll_fd, 1, static_cast<int>(kSlice.count()));
    if (cancelled_) {
      error = "stopped";
    } else if (ready == 0) {
      waited += kSlice;
      if (waited >= timeout_) error = "nobody reads the output";
    } else if (ready > 0) {
      // A pipe that is ready takes so much without blocking (POSIX: pipe, PIPE_BUF).
      const size_t piece = std::min<size_t>(text->size() - written, PIPE_BUF);
      const ssize_t n = ::write(fd_, text->data() + written, piece);
      if (n > 0) written += static_cast<size_t>(n);
      if (n < 0 && errno != EINTR && errno != EAGAIN) error = std::strerror(errno);
    } else if (errno != EINTR) {
      error = std::strerror(errno);
    }
  }
  text->erase(0, written);
  return error;
}

TicketSinkOr MakeStdoutSink(const config::SinkConfig&, const SinkParts&) {
  return std::make_unique<StdoutSink>(STDOUT_FILENO);
}

}  // namespace signinwatch::sinks
