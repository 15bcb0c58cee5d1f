// Datagrams to one address: what is sent at once is one datagram. "Closed" is what the peer's
// machine says when nobody is there, if it says it.
#ifndef SIGNINWATCH_DAEMON_SINKS_SYSLOG_UDP_CONNECTION_H_
#define SIGNINWATCH_DAEMON_SINKS_SYSLOG_UDP_CONNECTION_H_

#include <netdb.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "daemon/http_client/kept_connection.h"

namespace signinwatch::sinks {

class UdpConnection : public http_client::KeptConnection {
 public:
  explicit UdpConnection(std::string address) : address_(std::move(address)) {}  // host:port
  ~UdpConnection() override { Close(); }
  UdpConnection(const UdpConnection&) = delete;
  UdpConnection& operator=(const UdpConnection&) = delete;

  // Looks the name up, by a thread of its own that a resolver without an answer may outlast this
  // by.
  [[nodiscard]] absl::Status Open(std::chrono::milliseconds timeout) override;
  [[nodiscard]] absl::Status Send(std::string_view bytes,
                                  std::chrono::milliseconds timeout) override;
  [[nodiscard]] bool IsOpen() override;
  void Cancel() override { cancelled_ = true; }

 private:
  // What a thread that looks a name up leaves behind.
  struct Resolved {
    int result = EAI_AGAIN;
    std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses{nullptr, &::freeaddrinfo};
  };
  static Resolved Resolve(const std::string& host, const std::string& port);
  void Close();

  const std::string address_;
  int fd_ = -1;
  std::future<Resolved> resolving_;  // valid: a look-up is under way
  std::atomic<bool> cancelled_{false};
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_SYSLOG_UDP_CONNECTION_H_
