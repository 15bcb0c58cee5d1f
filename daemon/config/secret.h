// Reads secrets from where the configuration says they are.
#ifndef SIGNINWATCH_DAEMON_CONFIG_SECRET_H_
#define SIGNINWATCH_DAEMON_CONFIG_SECRET_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/config/serve_config.h"

namespace signinwatch::config {

// The secret's text, without the line's end at its end. An error names the variable or the file and
// never shows what is in it. Reads anew at each call, so that a rotated secret is found. A secret
// is one line (a PEM has several) of 1 to kSecretBytesMax bytes, in a regular file; others are
// kInvalidArgument.
inline constexpr size_t kSecretBytesMax = 64 * 1024;
enum class SecretForm : uint8_t { kLine, kPem };
[[nodiscard]] absl::StatusOr<std::string> ReadSecret(const SecretRef& secret,
                                                     SecretForm form = SecretForm::kLine);

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_SECRET_H_
