// Datagrams to one address: what is sent at once is one datagram. "Closed" is what the peer's
// machine says when nobody is there, if it says it.
#ifndef SIGNINWATCH_DAEMON_SINKS_SYSLOG_UDP_CONNECTION_H_
#define SIGNINWATCH_DAEMON_SINKS_SYSLOG_UDP_CONNECTION_H_

#include <atomic>
#include <string>
#include <utility>

#include "daemon/http_client/kept_connection.h"

namespace signinwatch {

class UdpConnection : public KeptConnection {
 public:
  explicit UdpConnection(std::string address) : address_(std::move(address)) {}  // host:port
  ~UdpConnection() override { Close(); }
  UdpConnection(const UdpConnection&) = delete;
  UdpConnection& operator=(const UdpConnection&) = delete;

  // Looks the name up, for as long as the system's resolver takes.
  [[nodiscard]] absl::Status Open(std::chrono::milliseconds timeout) override;
  [[nodiscard]] absl::Status Send(std::string_view bytes,
                                  std::chrono::milliseconds timeout) override;
  [[nodiscard]] bool IsOpen() override;
  void Cancel() override { cancelled_ = true; }

 private:
  void Close();

  const std::string address_;
  int fd_ = -1;
  std::atomic<bool> cancelled_{false};
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_SINKS_SYSLOG_UDP_CONNECTION_H_
