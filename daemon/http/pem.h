// PEM of the web configuration, from a file or from the text itself, as OpenSSL's objects.
#ifndef SIGNINWATCH_DAEMON_HTTP_PEM_H_
#define SIGNINWATCH_DAEMON_HTTP_PEM_H_

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/config/web_config.h"

namespace signinwatch::http {

struct Certificate509Deleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Certificate509 = std::unique_ptr<X509, Certificate509Deleter>;
struct PrivateKeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using PrivateKey = std::unique_ptr<EVP_PKEY, PrivateKeyDeleter>;

struct PemText {
  std::string name;  // of the file, or of the key of the configuration: what errors begin with
  std::string text;
  [[nodiscard]] absl::Status Error(std::string_view what) const;
};

// `key`: "cert". A file is at most 1 MiB; the error says which and why.
[[nodiscard]] absl::StatusOr<PemText> ReadPem(const config::WebPem& pem, const char* key);

// In their order; what is not a certificate is passed over. Empty: there is none, or one is broken.
[[nodiscard]] std::vector<Certificate509> CertificatesIn(const std::string& text);

// The first private key; nullptr: there is none. An encrypted one is none: nobody is asked for its
// password.
[[nodiscard]] PrivateKey PrivateKeyIn(const std::string& text);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PEM_H_
