// TLS of the HTTP server, over OpenSSL.
//
//   auto tls = TlsServer::Make(config.tls);            // reads the files
//   std::unique_ptr<Transport> transport = (*tls)->Accept(socket);
//
// The handshake is part of the first read, so the deadlines of a request hold for it too. Versions
// below 1.2, compression and renegotiation are not spoken. Thread-safe; transports outlive it.
#ifndef SIGNINWATCH_DAEMON_HTTP_TLS_SERVER_H_
#define SIGNINWATCH_DAEMON_HTTP_TLS_SERVER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "daemon/config/web_config.h"
#include "daemon/http/transport.h"

namespace signinwatch {

class TlsServer {
 public:
  // The error names the file that can't be used, and why; never what is in it.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<TlsServer>> Make(const WebTls& config);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  // Of a connected socket that does not block, and stays open.
  [[nodiscard]] std::unique_ptr<Transport> Accept(int socket) const;

 private:
  class Context;
  explicit TlsServer(std::shared_ptr<Context> context);
  const std::shared_ptr<Context> context_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_HTTP_TLS_SERVER_H_
