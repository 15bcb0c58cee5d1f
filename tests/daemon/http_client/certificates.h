// Certificates for a test's TLS server, made anew: a certificate authority of its own.
//
// OpenSSL's types come with httplib.h, which needs them for the same purpose.
#ifndef SIGNINWATCH_TESTS_DAEMON_HTTP_CLIENT_CERTIFICATES_H_
#define SIGNINWATCH_TESTS_DAEMON_HTTP_CLIENT_CERTIFICATES_H_

#include <httplib.h>

#include <memory>
#include <string>

namespace signinwatch::http_client {

struct Certificate {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> x509;
};

// For a client, by itself. The key is the certificate's from then on.
[[nodiscard]] Certificate MakeSelfSigned(EVP_PKEY* key);
[[nodiscard]] std::string PemOf(X509* certificate);
[[nodiscard]] std::string PemOf(EVP_PKEY* key, const char* password = nullptr);

class CertificateAuthority {
 public:
  explicit CertificateAuthority(const char* name = "authority of a test");
  // For a server at 127.0.0.1, not at localhost.
  [[nodiscard]] Certificate IssueForLoopback() const;
  [[nodiscard]] std::string Pem() const;

 private:
  Certificate self_;
};

}  // namespace signinwatch::http_client

#endif  // SIGNINWATCH_TESTS_DAEMON_HTTP_CLIENT_CERTIFICATES_H_
