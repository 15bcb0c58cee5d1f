// A connection that is kept, to write bytes to a peer that need not answer: a collector of log
// lines. By TCP, or by TLS over it, with libcurl.
//
//   auto connection = ConnectByTcp({.address = "siem.contoso.example:6514", .tls = true}, clock);
//   if (!connection->IsOpen()) status = connection->Open(10s);
//   status = connection->Send("...", 10s);
//
// TLS certificates are checked, for the name or the IP address of `address`. By no proxy. Used by
// one thread at a time, Cancel aside.
#ifndef SIGNINWATCH_DAEMON_HTTP_CLIENT_KEPT_CONNECTION_H_
#define SIGNINWATCH_DAEMON_HTTP_CLIENT_KEPT_CONNECTION_H_

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "daemon/clock/clock.h"

namespace signinwatch::http_client {

class KeptConnection {
 public:
  virtual ~KeptConnection() = default;
  // Anew, whatever was open. kUnavailable: no connection, also none in time. kUnauthenticated: the
  // peer's certificate, or a ca_file that can't be used. kCancelled.
  [[nodiscard]] virtual absl::Status Open(std::chrono::milliseconds timeout) = 0;
  // kAborted, kDeadlineExceeded, kCancelled: the peer may have got any part of it, and the
  // connection is closed. OK: the system has taken it, which says nothing of the peer.
  [[nodiscard]] virtual absl::Status Send(std::string_view bytes,
                                          std::chrono::milliseconds timeout) = 0;
  // Does not wait. false too once the peer has closed it. What the peer sends is thrown away.
  [[nodiscard]] virtual bool IsOpen() = 0;
  // From any thread: ends what is under way, and all later calls at once.
  virtual void Cancel() = 0;
};

struct StreamTarget {
  std::string address;  // host:port
  bool tls = false;
  std::string ca_file = {};  // PEM; empty: the system's authorities
};

// `clock` outlives it.
[[nodiscard]] std::unique_ptr<KeptConnection> ConnectByTcp(StreamTarget target,
                                                           const clock::Clock& clock);

}  // namespace signinwatch::http_client

#endif  // SIGNINWATCH_DAEMON_HTTP_CLIENT_KEPT_CONNECTION_H_
