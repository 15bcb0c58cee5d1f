#include "daemon/sinks/json_http.h"

#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "daemon/config/secret.h"
#include "daemon/config/sink_types.h"

namespace signinwatch::sinks {
namespace {

// A ticket with all that people wrote below it.
constexpr size_t kResponseBytesMax = 4 << 20;

}  // namespace

JsonHttp::JsonHttp(const config::SinkConfig& config, const SinkParts& parts, LogIn log_in,
                   std::vector<std::pair<std::string, std::string>> headers)
    : url_(WithoutSlashes(config::SettingOf<std::string>(config, "url"))),
      ca_file_(config.ca_file),
      log_in_(std::move(log_in)),
      headers_(std::move(headers)),
      clock_(parts.clock),
      http_(parts.make_http(config.ca_file),
            static_cast<size_t>(config::SettingOf<int64_t>(config, "rate_per_minute")),
            std::chrono::ceil<std::chrono::milliseconds>(
                config::SettingOf<Duration>(config, "timeout")),
            parts.clock) {}

absl::Status JsonHttp::Check() const {
  if (absl::Status status = http_client::CheckHttpUrl(url_); !status.ok()) return status;
  if (!ca_file_.empty() && ::access(ca_file_.c_str(), R_OK) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", ca_file_));
  }
  return Authorization().status();
}

absl::StatusOr<std::string> JsonHttp::Authorization() const {
  const absl::StatusOr<std::string> secret = config::ReadSecret(log_in_.secret);
  if (!secret.ok()) return secret.status();
  if (log_in_.username.empty()) return absl::StrCat("Bearer ", *secret);
  return absl::StrCat("Basic ", absl::Base64Escape(absl::StrCat(log_in_.username, ":", *secret)));
}

Answer JsonHttp::Send(const JsonCall& call, const RequestMeaning& meaning,
                      http_client::HttpResponse* response, json::JsonDocument* json) {
  *response = {};
  absl::StatusOr<std::string> authorization = Authorization();
  if (!authorization.ok()) return JudgeHttp(authorization.status(), meaning, clock_.Wall());
  http_client::HttpCall request{.method = call.method,
                                .url = url_ + call.target,
                                .headers = {{"Accept", "application/json"},
                                            {"Content-Type", "application/json"},
                                            {"User-Agent", "signinwatch/" SIGNINWATCH_VERSION},
                                            {"Authorization", *std::move(authorization)}},
                                .body = call.body,
                                .response_bytes_max = kResponseBytesMax};
  request.headers.insert(request.headers.end(), headers_.begin(), headers_.end());
  Answer answer = http_.Send(std::move(request), meaning, response);
  if (!answer.done() || !meaning.wants_json) return answer;
  *json = json::JsonDocument(response->body);
  if (json->root().IsObject() || json->root().IsArray()) return answer;
  // Cut, or something else that begins like it.
  return {.kind = Answer::Kind::kUnknown,
          .error = absl::StrCat("HTTP ", response->status, " without JSON"),
          .reason = "server"};
}

}  // namespace signinwatch::sinks
