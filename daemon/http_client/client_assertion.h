// Client assertions: a signed JWT in place of a client secret (RFC 7523), in the form that Entra
// asks for with certificates: PS256, and the certificate's SHA-256 thumbprint in the header.
// https://learn.microsoft.com/entra/identity-platform/certificate-credentials
#ifndef SIGNINWATCH_DAEMON_HTTP_CLIENT_CLIENT_ASSERTION_H_
#define SIGNINWATCH_DAEMON_HTTP_CLIENT_CLIENT_ASSERTION_H_

#include <chrono>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace signinwatch::http_client {

struct AssertionClaims {
  std::string client_id;  // issuer and subject
  std::string audience;   // the token endpoint
  std::chrono::sys_seconds now;
};
inline constexpr std::chrono::minutes kAssertionLifetime{10};

// Each has an id of its own, so that none is taken twice. `certificate`: PEM, the client's first,
// whatever else is in it. `key`: PEM, RSA, not encrypted. kInvalidArgument: they can't be used, or
// don't belong together; the text shows nothing of the key.
[[nodiscard]] absl::StatusOr<std::string> MakeClientAssertion(const AssertionClaims& claims,
                                                              const std::string& certificate,
                                                              const std::string& key);

// When the first certificate of a PEM expires; kInvalidArgument.
[[nodiscard]] absl::StatusOr<std::chrono::sys_seconds> CertificateExpiry(
    const std::string& certificate);

}  // namespace signinwatch::http_client

#endif  // SIGNINWATCH_DAEMON_HTTP_CLIENT_CLIENT_ASSERTION_H_
