// Addresses of mails, as they stand in SMTP commands and headers.
#ifndef SIGNINWATCH_DAEMON_CONFIG_MAIL_ADDRESS_H_
#define SIGNINWATCH_DAEMON_CONFIG_MAIL_ADDRESS_H_

#include <algorithm>
#include <string_view>

namespace signinwatch::config {

// Without quotes, comments and brackets, ASCII alone: what can break out of no command.
[[nodiscard]] inline bool IsMailAddress(std::string_view text) {
  constexpr size_t kBytesMax = 254;  // RFC 5321
  const size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() && at == text.rfind('@') &&
         text.size() <= kBytesMax && std::all_of(text.begin(), text.end(), [](char c) {
           return c > 0x20 && c < 0x7f &&
                  std::string_view("<>()[]\\,;:\"").find(c) == std::string_view::npos;
         });
}

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_MAIL_ADDRESS_H_
