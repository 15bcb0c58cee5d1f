// A second reader of client assertions, as a token endpoint has it: it knows the certificate only.
#ifndef SIGNINWATCH_TESTS_DAEMON_HTTP_CLIENT_ASSERTION_READER_H_
#define SIGNINWATCH_TESTS_DAEMON_HTTP_CLIENT_ASSERTION_READER_H_

#include <nlohmann/json.hpp>
#include <string>

#include "tests/daemon/http_client/certificates.h"

namespace signinwatch::http_client {

struct ReadAssertion {
  nlohmann::json header;
  nlohmann::json claims;
  bool verified = false;  // signed by the certificate's key, with PS256
};

[[nodiscard]] ReadAssertion ReadClientAssertion(const std::string& jwt, X509* certificate);

// The SHA-256 of the certificate's DER, as a JWT's header has it.
[[nodiscard]] std::string ThumbprintOf(X509* certificate);

}  // namespace signinwatch::http_client

#endif  // SIGNINWATCH_TESTS_DAEMON_HTTP_CLIENT_ASSERTION_READER_H_
