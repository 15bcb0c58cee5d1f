// What a token endpoint answers (RFC 6749, sections 5.1 and 5.2): JSON, read leniently.
#ifndef SIGNINWATCH_DAEMON_HTTP_CLIENT_TOKEN_ANSWER_H_
#define SIGNINWATCH_DAEMON_HTTP_CLIENT_TOKEN_ANSWER_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace signinwatch::http_client {

struct TokenAnswer {
  std::string access_token;            // empty: none
  std::chrono::seconds expires_in{0};  // 0: not said
  // The metadata service of Azure's machines says this too.
  std::optional<std::chrono::sys_seconds> expires_on = {};
  // Of a refusal: the error's name, and Entra's code ("AADSTS7000215") out of its description. The
  // rest of a description is left out: it may quote what was sent.
  std::string error;
  std::string code;
};

// What is no JSON object gives an empty answer.
[[nodiscard]] TokenAnswer ParseTokenAnswer(std::string_view json);

}  // namespace signinwatch::http_client

#endif  // SIGNINWATCH_DAEMON_HTTP_CLIENT_TOKEN_ANSWER_H_
