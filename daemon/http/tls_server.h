// TLS of the HTTP server, over OpenSSL.
//
//   auto tls = TlsServer::Make(config.tls, &warnings);            // reads the files
//   boost::asio::ssl::stream<tcp::socket&> stream(socket, (*tls)->context());
//
// Versions below 1.2, compression and renegotiation are not spoken; in TLS 1.2 neither RSA key
// exchange nor CBC, unless cipher_suites asks for them. Thread-safe; outlives its streams.
#ifndef SIGNINWATCH_DAEMON_HTTP_TLS_SERVER_H_
#define SIGNINWATCH_DAEMON_HTTP_TLS_SERVER_H_

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/config/web_config.h"

namespace signinwatch::http {

class TlsServer {
 public:
  // The error names the file or key that can't be used, and why; never what is in it. Appends to
  // *warnings, one each, the suites and curves that this build's OpenSSL lacks; they are left out.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<TlsServer>> Make(
      const config::WebTls& config, std::vector<std::string>* warnings);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  [[nodiscard]] boost::asio::ssl::context& context() const;  // of each connection

 private:
  class Context;
  explicit TlsServer(std::unique_ptr<Context> context);
  const std::unique_ptr<Context> context_;
};

// Whose certificate the client has shown and this end has checked: its common name, or all of its
// subject where it has none. Empty: nobody's.
[[nodiscard]] std::string CertifiedName(SSL* ssl);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_TLS_SERVER_H_
