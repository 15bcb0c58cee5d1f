// The server's side of TLS on a socket of RawServer.
#ifndef SIGNINWATCH_TESTS_DAEMON_HTTP_CLIENT_TLS_PEER_H_
#define SIGNINWATCH_TESTS_DAEMON_HTTP_CLIENT_TLS_PEER_H_

#include <poll.h>
#include <sys/socket.h>

#include <csignal>
#include <memory>
#include <string>

#include "tests/daemon/http_client/certificates.h"

namespace signinwatch::http_client {

// A socket, in the clear until StartTls.
class TlsPeer {
 public:
  // OpenSSL writes to a connection that may be closed by then, and has no MSG_NOSIGNAL: the signal
  // is ignored from here on, as it is in the daemon.
  explicit TlsPeer(int fd) : fd_(fd) { std::signal(SIGPIPE, SIG_IGN); }

  // false: the client does not go on, as it does not trust the certificate.
  bool StartTls(const Certificate& certificate) {
    context_.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(context_.get(), certificate.x509.get());
    SSL_CTX_use_PrivateKey(context_.get(), certificate.key.get());
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), fd_);
    return SSL_accept(ssl_.get()) == 1;
  }
  [[nodiscard]] bool tls() const { return ssl_ != nullptr; }

  // Whether Read would not wait for longer.
  [[nodiscard]] bool Waits(int milliseconds) const {
    if (ssl_ && SSL_pending(ssl_.get()) > 0) return true;
    pollfd socket{fd_, POLLIN, 0};
    return ::poll(&socket, 1, milliseconds) > 0;
  }
  // Empty: the client has closed the connection.
  [[nodiscard]] std::string Read() {
    char block[4'096];
    const auto size = ssl_ ? SSL_read(ssl_.get(), block, sizeof(block))
                           : static_cast<int>(::recv(fd_, block, sizeof(block), 0));
    return {block, size > 0 ? static_cast<size_t>(size) : 0};
  }
  void Write(const std::string& bytes) {
    if (ssl_) {
      (void)SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
    } else {
      (void)::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }
  }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  const int fd_;
  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<SSL, Free> ssl_;
};

}  // namespace signinwatch::http_client

#endif  // SIGNINWATCH_TESTS_DAEMON_HTTP_CLIENT_TLS_PEER_H_
