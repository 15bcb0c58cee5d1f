// A socket that listens on one address. Knows nothing of what is said over its connections.
//
//   auto listener = Listener::Open("127.0.0.1:0");
#ifndef SIGNINWATCH_DAEMON_HTTP_LISTENER_H_
#define SIGNINWATCH_DAEMON_HTTP_LISTENER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace signinwatch {

class Listener {
 public:
  // `address`: host:port, [v6]:port, or :port for every address of the machine; port 0 is any free
  // one; localhost and names below it are this machine's loopback address, whatever a resolver
  // says. An error names the address. Connections wait in the system's queue until they are
  // accepted.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Listener>> Open(const std::string& address);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] int socket() const { return socket_; }  // does not block
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] const std::string& address() const { return address_; }  // "127.0.0.1:9532"
  // Of this machine alone.
  [[nodiscard]] bool loopback() const { return loopback_; }

 private:
  explicit Listener(int socket);

  const int socket_;
  int port_ = 0;
  std::string address_;
  bool loopback_ = false;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_HTTP_LISTENER_H_
