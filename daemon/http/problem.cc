#include "daemon/http/problem.h"

#include "daemon/json/json_writer.h"
#include "daemon/log/log.h"

namespace signinwatch::http {
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

// The object is left open.
void OpenProblem(json::JsonWriter& json, int status, const std::string& detail) {
  json.Open('{');
  json.Member("type", "about:blank");
  json.Member("title", TitleOf(status));
  json.Member("status", status);
  json.Member("detail", detail);
}

void WriteError(json::JsonWriter& json, const ParameterProblem& problem) {
  json.Open('{');
  json.Member("parameter", problem.parameter);
  json.Member("detail", problem.detail);
  if (!problem.allowed.empty()) json.Texts("allowed", problem.allowed);
  json.Close('}');
}

}  // namespace

HttpReply ProblemReply(int status, const std::string& detail) {
  HttpReply reply{.status = status, .content_type = kProblemType, .body = {}};
  json::JsonWriter json(&reply.body);
  OpenProblem(json, status, detail);
  json.Close('}');
  return reply;
}

HttpReply ParametersReply(const std::vector<ParameterProblem>& problems) {
  std::string detail;
  for (const ParameterProblem& problem : problems) {
    if (!detail.empty()) detail += "; ";
    detail += problem.parameter + ": " + problem.detail;
  }
  HttpReply reply{.status = 400, .content_type = kProblemType, .body = {}};
  json::JsonWriter json(&reply.body);
  OpenProblem(json, 400, detail);
  json.Key("errors");
  json.Open('[');
  for (const ParameterProblem& problem : problems) WriteError(json, problem);
  json.Close(']');
  json.Close('}');
  return reply;
}

HttpReply StoreProblemReply(const absl::Status& status) {
  log::Log(config::LogLevel::kWarning, "the store did not answer an HTTP request",
           {{"error", std::string(status.message())}});
  const bool passing = absl::IsUnavailable(status) || absl::IsResourceExhausted(status);
  return passing ? ProblemReply(503, "the store is busy; try again")
                 : ProblemReply(500, "the store can't be read; the log says more");
}

}  // namespace signinwatch::http
