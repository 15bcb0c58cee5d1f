// What to do where Entra gives no token.
#ifndef SIGNINWATCH_DAEMON_HTTP_CLIENT_TOKEN_ADVICE_H_
#define SIGNINWATCH_DAEMON_HTTP_CLIENT_TOKEN_ADVICE_H_

#include <string_view>

namespace signinwatch::http_client {

// `code`: "AADSTS7000215". Empty where nothing is known of it. The codes are those of
// https://learn.microsoft.com/entra/identity-platform/reference-error-codes.
[[nodiscard]] std::string_view TokenAdvice(std::string_view code);

}  // namespace signinwatch::http_client

#endif  // SIGNINWATCH_DAEMON_HTTP_CLIENT_TOKEN_ADVICE_H_
