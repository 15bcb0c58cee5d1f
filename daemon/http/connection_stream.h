// A visit as cpp-httplib's stream: first what the reception has read, then what comes, with
// deadlines for the whole of a request and of its answer (the library's own are for each byte), and
// a bound on what a request may be.
#ifndef SIGNINWATCH_DAEMON_HTTP_CONNECTION_STREAM_H_
#define SIGNINWATCH_DAEMON_HTTP_CONNECTION_STREAM_H_

#include <httplib.h>
#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <string>

#include "daemon/http/closing_time.h"
#include "daemon/http/http_limits.h"
#include "daemon/http/visit.h"

namespace signinwatch {

class ConnectionStream : public httplib::Stream {
 public:
  // All outlive it.
  ConnectionStream(Visit& visit, const HttpLimits& limits, const ClosingTime& closing);

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* bytes, size_t size) override;  // 0: closed by the client; -1: over a limit
  ssize_t write(const char* bytes, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  // The library refuses descriptors above FD_SETSIZE, as it uses select(); here nothing does.
  socket_t socket() const override { return 0; }

  // Lets the answer reach a client whose request was not read to its end: a close with unread bytes
  // is a reset, which can overtake it.
  void Linger();

 private:
  using Clock = std::chrono::steady_clock;
  [[nodiscard]] bool Wait(short events, Clock::time_point deadline) const;
  bool Fill();

  Visit& visit_;
  const HttpLimits& limits_;
  const ClosingTime& closing_;
  const Clock::time_point answer_by_;
  size_t read_ = 0;  // of visit_.received
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_HTTP_CONNECTION_STREAM_H_
