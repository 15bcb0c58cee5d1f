// A connected socket as cpp-httplib's stream, with deadlines for the whole of a request and of its
// answer (the library's own are for each byte), and a bound on what a request may be.
#ifndef SIGNINWATCH_DAEMON_HTTP_CONNECTION_STREAM_H_
#define SIGNINWATCH_DAEMON_HTTP_CONNECTION_STREAM_H_

#include <httplib.h>
#include <sys/types.h>

#include <array>
#include <cstddef>
#include <string>

#include "daemon/http/http_limits.h"
#include "daemon/http/listener.h"
#include "daemon/http/transport.h"

namespace signinwatch {

class ConnectionStream : public httplib::Stream {
 public:
  // All outlive it; `transport` is over `socket`.
  ConnectionStream(int socket, Transport& transport, const HttpLimits& limits,
                   const Listener& listener);

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
  enum class For : uint8_t { kRequest, kAnswer };
  [[nodiscard]] bool Wait(short events, For what, Listener::Clock::time_point deadline) const;
  bool Fill();

  const int socket_;
  Transport& transport_;
  const HttpLimits& limits_;
  const Listener& listener_;
  const Listener::Clock::time_point start_ = Listener::Clock::now();
  size_t received_ = 0;
  std::array<char, 4096> buffer_;
  size_t begin_ = 0, end_ = 0;  // of what is unread in the buffer
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_HTTP_CONNECTION_STREAM_H_
