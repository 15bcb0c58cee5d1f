#include "daemon/http/problem.h"

#include "daemon/http/json.h"
#include "daemon/log/log.h"

namespace signinwatch {
namespace {

// RFC 9110's phrases for the statuses that are used.
const char* TitleOf(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 414:
      return "URI Too Long";
    case 416:
      return "Range Not Satisfiable";
    case 421:
      return "Misdirected Request";
    case 429:
      return "Too Many Requests";
    case 503:
      return "Service Unavailable";
    default:
      return status < 500 ? "Client Error" : "Internal Server Error";
  }
}

OrderedJson Problem(int status, const std::string& detail) {
  return {
      {"type", "about:blank"}, {"title", TitleOf(status)}, {"status", status}, {"detail", detail}};
}

}  // namespace

HttpReply ProblemReply(int status, const std::string& detail) {
  return {
      .status = status, .content_type = kProblemType, .body = JsonText(Problem(status, detail))};
}

HttpReply ParametersReply(const std::vector<ParameterProblem>& problems) {
  std::string detail;
  OrderedJson errors = OrderedJson::array();
  for (const ParameterProblem& problem : problems) {
    if (!detail.empty()) detail += "; ";
    detail += problem.parameter + ": " + problem.detail;
    OrderedJson error{{"parameter", problem.parameter}, {"detail", problem.detail}};
    if (!problem.allowed.empty()) error["allowed"] = problem.allowed;
    errors.push_back(std::move(error));
  }
  OrderedJson json = Problem(400, detail);
  json["errors"] = std::move(errors);
  return {.status = 400, .content_type = kProblemType, .body = JsonText(json)};
}

HttpReply StoreProblemReply(const absl::Status& status) {
  Log(LogLevel::kWarning, "the store did not answer an HTTP request",
      {{"error", std::string(status.message())}});
  const bool passing = absl::IsUnavailable(status) || absl::IsResourceExhausted(status);
  return passing ? ProblemReply(503, "the store is busy; try again")
                 : ProblemReply(500, "the store can't be read; the log says more");
}

}  // namespace signinwatch
