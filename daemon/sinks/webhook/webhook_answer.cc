#include "daemon/sinks/webhook/webhook_answer.h"

#include "absl/strings/str_cat.h"
#include "daemon/sinks/retry_after.h"

namespace signinwatch::sinks {
namespace {

using Kind = SendResult::Kind;

bool JudgesTheTicket(int status) {
  return status == 400 || status == 409 || status == 413 || status == 422;
}

bool MayPass(int status) {
  return status >= 500 || status == 408 || status == 425 || status == 429;
}

SendResult ResultOfStatus(int status) {
  if (status >= 200 && status < 300) return {};
  SendResult result;
  result.error = absl::StrCat("HTTP ", status);
  if (JudgesTheTicket(status)) {
    result.kind = Kind::kPermanent;
    result.reason = "client";
    return result;
  }
  result.reason = status == 401 || status == 403 ? "auth"
                  : status == 429                ? "rate_limited"
                  : MayPass(status)              ? "server"
                                                 : "configuration";
  result.kind = Kind::kTemporary;
  result.sink_down = status == 429 || status == 503 || !MayPass(status);
  if (!MayPass(status)) {
    absl::StrAppend(&result.error, ": check the sink's url, authorization and secret");
  }
  return result;
}

}  // namespace

SendResult WebhookSendResult(const absl::StatusOr<http_client::HttpResponse>& response,
                             std::chrono::system_clock::time_point now) {
  if (response.ok()) {
    SendResult result = ResultOfStatus(response->status);
    if (result.kind == Kind::kTemporary) {
      result.retry_after = ParseRetryAfter(response->retry_after, now);
    }
    return result;
  }
  SendResult result;
  result.kind = Kind::kTemporary;
  result.error = std::string(response.status().message());
  result.reason = absl::IsDeadlineExceeded(response.status()) ? "timeout"
                  : absl::IsAborted(response.status()) || absl::IsUnavailable(response.status())
                      ? "connection"
                      : "configuration";
  result.sink_down = !absl::IsAborted(response.status()) &&
                     !absl::IsDeadlineExceeded(response.status()) &&
                     !absl::IsCancelled(response.status());
  return result;
}

}  // namespace signinwatch::sinks
