// The secrets that a configuration names: whether each can be read, and is what it has to be.
#ifndef SIGNINWATCH_DAEMON_DOCTOR_CONFIGURED_SECRETS_H_
#define SIGNINWATCH_DAEMON_DOCTOR_CONFIGURED_SECRETS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/config/serve_config.h"

namespace signinwatch::doctor {

struct SecretState {
  enum class Kind : uint8_t {
    kGood,
    kUnread,  // not here, or not for this user: nothing is known of it
    kFault,   // read, and no good
  } kind = Kind::kGood;
  std::string key;   // "kafka.connection_string", "sink soc.secret"
  std::string text;  // but for kGood: what is; never anything secret
};

// All that are named, in the order of the configuration.
[[nodiscard]] std::vector<SecretState> LookAtSecrets(const config::ServeConfig& serve);

}  // namespace signinwatch::doctor

#endif  // SIGNINWATCH_DAEMON_DOCTOR_CONFIGURED_SECRETS_H_
