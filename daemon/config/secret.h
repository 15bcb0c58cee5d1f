// Reads secrets from where the configuration says they are.
#ifndef SIGNINWATCH_DAEMON_CONFIG_SECRET_H_
#define SIGNINWATCH_DAEMON_CONFIG_SECRET_H_

#include <string>

#include "absl/status/statusor.h"
#include "daemon/config/serve_config.h"

namespace signinwatch {

// The secret's text, without the line's end at its end. An error names the variable or the file and
// never shows what is in it. Reads anew at each call, so that a rotated secret is found. Of a file
// at most kSecretBytesMax are read; a longer or empty secret is an error.
inline constexpr size_t kSecretBytesMax = 64 * 1024;
[[nodiscard]] absl::StatusOr<std::string> ReadSecret(const SecretRef& secret);

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_CONFIG_SECRET_H_
