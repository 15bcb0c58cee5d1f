// Access tokens for SASL OAUTHBEARER: what daemon/kafka asks of whoever can fetch one (it has no
// HTTP client of its own).
#ifndef SIGNINWATCH_DAEMON_KAFKA_TOKEN_H_
#define SIGNINWATCH_DAEMON_KAFKA_TOKEN_H_

#include <chrono>
#include <functional>
#include <string>

#include "absl/status/statusor.h"

namespace signinwatch::kafka {

struct AccessToken {
  std::string value;
  std::chrono::system_clock::time_point expires_at;
  std::string principal;  // for the client's log: the client id
};

// Fetches a new token, with a deadline. Called from the client's own thread.
using TokenFetcher = std::function<absl::StatusOr<AccessToken>()>;

}  // namespace signinwatch::kafka

#endif  // SIGNINWATCH_DAEMON_KAFKA_TOKEN_H_
