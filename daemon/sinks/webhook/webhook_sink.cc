#include "daemon/sinks/webhook/webhook_sink.h"

#include <unistd.h>

#include <cerrno>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "daemon/config/secret.h"
#include "daemon/config/sink_types.h"
#include "daemon/json/json_string.h"
#include "daemon/json/json_value.h"
#include "daemon/sinks/webhook/webhook_answer.h"
#include "daemon/sinks/webhook/webhook_signature.h"

namespace signinwatch::sinks {
namespace {

constexpr const char* kTicketId = "TICKET_ID";

// As it stands within a text of JSON.
std::string InJsonText(const std::string& value) {
  std::string text;
  json::AppendJsonString(value, &text);
  return text.substr(1, text.size() - 2);
}

}  // namespace

WebhookSink::WebhookSink(const config::SinkConfig& config, const SinkParts& parts)
    : url_(config::SettingOf<std::string>(config, "url")),
      resolved_url_(config::SettingOf<std::string>(config, "resolved_url")),
      wording_("", config::SettingOf<std::string>(config, "body")),
      secret_(config::SettingOf<config::SecretRef>(config, "secret")),
      authorization_(config::SettingOf<config::SecretRef>(config, "authorization")),
      ca_file_(config.ca_file),
      timeout_(std::chrono::ceil<std::chrono::milliseconds>(
          config::SettingOf<Duration>(config, "timeout"))),
      http_(parts.make_http(config.ca_file)),
      clock_(parts.clock) {}

absl::Status WebhookSink::Check() const {
  if (absl::Status status = http_client::CheckHttpUrl(url_); !status.ok()) return status;
  const store::Delivery none;
  if (const auto body = wording_.Body({.delivery = none}, &InJsonText); body) {
    const json::JsonDocument json(*body);
    if (!json.root().IsObject() && !json.root().IsArray()) {
      return absl::InvalidArgumentError("body: is no JSON object or array, filled in");
    }
  }
  if (!ca_file_.empty() && ::access(ca_file_.c_str(), R_OK) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", ca_file_));
  }
  return MakeRequest({}).status();
}

std::vector<SendResult> WebhookSink::Send(std::span<const store::Delivery> deliveries) {
  std::vector<SendResult> results;
  for (const store::Delivery& delivery : deliveries) {
    const bool down = !results.empty() && results.back().sink_down;
    results.push_back(down ? results.back() : SendOne(delivery));
  }
  return results;
}

SendResult WebhookSink::SendOne(const store::Delivery& delivery) {
  const absl::StatusOr<http_client::HttpCall> request = MakeRequest(delivery);
  return WebhookSendResult(request.ok() ? http_->Send(*request) : request.status(), clock_.Wall());
}

absl::StatusOr<http_client::HttpCall> WebhookSink::MakeRequest(
    const store::Delivery& delivery) const {
  http_client::HttpCall request;
  const bool over = !resolved_url_.empty() && !delivery.state.empty() && delivery.state != "open";
  request.url = over ? absl::StrReplaceAll(resolved_url_, {{kTicketId, delivery.ticket_id}}) : url_;
  request.timeout = timeout_;
  request.body = wording_.Body({.delivery = delivery}, &InJsonText).value_or(delivery.json);
  const std::string revision = std::to_string(delivery.revision);
  request.headers = {{"Content-Type", "application/json"},
                     {"User-Agent", "signinwatch/" SIGNINWATCH_VERSION},
                     {"X-Signinwatch-Ticket-Id", delivery.ticket_id},
                     {"X-Signinwatch-Revision", revision},
                     {"Idempotency-Key", absl::StrCat(delivery.ticket_id, "-", revision)}};
  if (!secret_.empty()) {
    const absl::StatusOr<std::string> secret = config::ReadSecret(secret_);
    if (!secret.ok()) return secret.status();
    const auto now = std::chrono::floor<std::chrono::seconds>(clock_.Wall());
    request.headers.emplace_back("X-Signinwatch-Timestamp",
                                 std::to_string(now.time_since_epoch().count()));
    request.headers.emplace_back("X-Signinwatch-Signature",
                                 WebhookSignature(*secret, now, request.body));
  }
  if (!authorization_.empty()) {
    absl::StatusOr<std::string> authorization = config::ReadSecret(authorization_);
    if (!authorization.ok()) return authorization.status();
    request.headers.emplace_back("Authorization", *std::move(authorization));
  }
  return request;
}

TicketSinkOr MakeWebhookSink(const config::SinkConfig& config, const SinkParts& parts) {
  auto sink = std::make_unique<WebhookSink>(config, parts);
  if (absl::Status status = sink->Check(); !status.ok()) return status;
  return sink;
}

}  // namespace signinwatch::sinks
