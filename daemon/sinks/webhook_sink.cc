#include "daemon/sinks/webhook_sink.h"

#include <unistd.h>

#include <cerrno>
#include <string>

#include "absl/strings/str_cat.h"
#include "daemon/config/secret.h"
#include "daemon/sinks/webhook_answer.h"
#include "daemon/sinks/webhook_signature.h"

namespace signinwatch {

WebhookSink::WebhookSink(const SinkConfig& config) : config_(config), client_(config.ca_file) {}

absl::Status WebhookSink::Check() const {
  if (absl::Status status = CheckHttpUrl(config_.url); !status.ok()) return status;
  if (!config_.ca_file.empty() && ::access(config_.ca_file.c_str(), R_OK) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", config_.ca_file));
  }
  return MakeRequest({}).status();
}

std::vector<SendResult> WebhookSink::Send(std::span<const Delivery> deliveries) {
  std::vector<SendResult> results;
  for (const Delivery& delivery : deliveries) {
    const bool down = !results.empty() && results.back().sink_down;
    results.push_back(down ? results.back() : SendOne(delivery));
  }
  return results;
}

SendResult WebhookSink::SendOne(const Delivery& delivery) {
  const absl::StatusOr<HttpCall> request = MakeRequest(delivery);
  return WebhookSendResult(request.ok() ? client_.Send(*request) : request.status(),
                           std::chrono::system_clock::now());
}

absl::StatusOr<HttpCall> WebhookSink::MakeRequest(const Delivery& delivery) const {
  HttpCall request;
  request.url = config_.url;
  request.timeout = std::chrono::ceil<std::chrono::milliseconds>(config_.timeout);
  request.body = delivery.json;
  const std::string revision = std::to_string(delivery.revision);
  request.headers = {{"Content-Type", "application/json"},
                     {"User-Agent", "signinwatch/" SIGNINWATCH_VERSION},
                     {"X-Signinwatch-Ticket-Id", delivery.ticket_id},
                     {"X-Signinwatch-Revision", revision},
                     {"Idempotency-Key", absl::StrCat(delivery.ticket_id, "-", revision)}};
  if (!config_.secret.empty()) {
    const absl::StatusOr<std::string> secret = ReadSecret(config_.secret);
    if (!secret.ok()) return secret.status();
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    request.headers.emplace_back("X-Signinwatch-Timestamp",
                                 std::to_string(now.time_since_epoch().count()));
    request.headers.emplace_back("X-Signinwatch-Signature",
                                 WebhookSignature(*secret, now, request.body));
  }
  if (!config_.authorization.empty()) {
    absl::StatusOr<std::string> authorization = ReadSecret(config_.authorization);
    if (!authorization.ok()) return authorization.status();
    request.headers.emplace_back("Authorization", *std::move(authorization));
  }
  return request;
}

}  // namespace signinwatch
