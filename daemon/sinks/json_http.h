// JSON to and from a ticket system: requests below the sink's `url`, with its log-in.
//
//   HttpResponse response;
//   JsonDocument json("");
//   Answer answer = http_.Send({.method = "PATCH", .target = "/issue/SOC-1", .body = ...},
//                              {.names_ticket = true, .wants_json = true}, &response, &json);
//   if (!answer.done()) return answer;
//   json.root()["key"].Text();
//
// The secret is read anew for each request, so that a rotated one is found.
#ifndef SIGNINWATCH_DAEMON_SINKS_JSON_HTTP_H_
#define SIGNINWATCH_DAEMON_SINKS_JSON_HTTP_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/config/serve_config.h"
#include "daemon/http_client/http_client.h"
#include "daemon/json/json_value.h"
#include "daemon/sinks/sink_parts.h"
#include "daemon/sinks/system_http.h"

namespace signinwatch::sinks {

struct LogIn {
  std::string username = {};  // empty: the secret is a Bearer token; else a password (Basic)
  config::SecretRef secret = {};
};

struct JsonCall {
  std::string method = "POST";
  std::string target = {};  // behind the sink's url: path and query
  std::string body = {};    // JSON; of GET: none
};

// Used by one thread at a time, Cancel aside.
class JsonHttp {
 public:
  // Of the configuration: `url`, `timeout`, `rate_per_minute`, ca_file. `headers` are sent beside
  // those of JSON.
  JsonHttp(const config::SinkConfig& config, const SinkParts& parts, LogIn log_in,
           std::vector<std::pair<std::string, std::string>> headers = {});

  // Whether URL, ca_file and secret can be used, as far as that can be seen from here.
  [[nodiscard]] absl::Status Check() const;

  [[nodiscard]] const std::string& url() const { return url_; }  // without a slash at its end
  [[nodiscard]] Answer Ready(size_t requests) { return http_.Ready(requests); }
  // As SystemHttp::Send. With meaning.wants_json *json is the answer's once it is done.
  [[nodiscard]] Answer Send(const JsonCall& call, const RequestMeaning& meaning,
                            http_client::HttpResponse* response, json::JsonDocument* json);
  void PausePart(const std::string& part, Answer* answer) { http_.PausePart(part, answer); }
  void Cancel() { http_.Cancel(); }  // from any thread

 private:
  // "Basic ..." or "Bearer ...".
  [[nodiscard]] absl::StatusOr<std::string> Authorization() const;

  const std::string url_;
  const std::string ca_file_;
  const LogIn log_in_;
  const std::vector<std::pair<std::string, std::string>> headers_;
  const clock::Clock& clock_;
  SystemHttp http_;
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_JSON_HTTP_H_
