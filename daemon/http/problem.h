// Errors as clients get them: RFC 9457, application/problem+json.
#ifndef SIGNINWATCH_DAEMON_HTTP_PROBLEM_H_
#define SIGNINWATCH_DAEMON_HTTP_PROBLEM_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/http/http_exchange.h"

namespace signinwatch::http {

// What is wrong with one parameter of a query.
struct ParameterProblem {
  std::string parameter;
  std::string detail;
  std::vector<std::string> allowed;  // all values or names there are; empty: not a short list
};

[[nodiscard]] HttpReply ProblemReply(int status, const std::string& detail);
[[nodiscard]] HttpReply ParametersReply(const std::vector<ParameterProblem>& problems);
// For an error of the store, which is logged.
[[nodiscard]] HttpReply StoreProblemReply(const absl::Status& status);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PROBLEM_H_
