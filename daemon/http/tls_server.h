// TLS of the HTTP server, over OpenSSL.
//
//   auto tls = TlsServer::Make(config.tls, &warnings);            // reads the files
//   std::unique_ptr<Transport> transport = (*tls)->Accept(socket);
//
// The handshake is part of the first read, so the deadlines of a request hold for it too. Versions
// below 1.2, compression and renegotiation are not spoken; in TLS 1.2 neither RSA key exchange nor
// CBC, unless cipher_suites asks for them. Thread-safe; transports may outlive it.
#ifndef SIGNINWATCH_DAEMON_HTTP_TLS_SERVER_H_
#define SIGNINWATCH_DAEMON_HTTP_TLS_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/config/web_config.h"
#include "daemon/http/transport.h"

namespace signinwatch {

class TlsServer {
 public:
  // The error names the file or key that can't be used, and why; never what is in it. Appends to
  // *warnings, one each, the suites and curves that this build's OpenSSL lacks; they are left out.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<TlsServer>> Make(
      const WebTls& config, std::vector<std::string>* warnings);
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
