#include "daemon/sinks/system_http.h"

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/sinks/redaction.h"
#include "daemon/sinks/retry_after.h"

namespace signinwatch::sinks {
namespace {

using Kind = Answer::Kind;

// Where a part says to wait, and not for how long.
constexpr std::chrono::seconds kPause{30};

bool LooksLikeJson(std::string_view body) {
  const size_t first = body.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (body[first] == '{' || body[first] == '[');
}

Answer OfTransport(const absl::Status& status) {
  Answer answer{.error = WithoutPeople(std::string(status.message()))};
  const bool late = absl::IsDeadlineExceeded(status);
  if (late || absl::IsAborted(status) || absl::IsCancelled(status)) {
    answer.kind = Kind::kUnknown;
    answer.reason = late ? "timeout" : "connection";
    return answer;
  }
  answer.kind = Kind::kNotDone;
  answer.reason = absl::IsUnavailable(status) ? "connection" : "configuration";
  answer.sink_down = true;
  return answer;
}

}  // namespace

Answer JudgeHttp(const absl::StatusOr<http_client::HttpResponse>& response,
                 const RequestMeaning& meaning, EventTime now) {
  if (!response.ok()) return OfTransport(response.status());
  const int status = response->status;
  const bool success = status >= 200 && status < 300;
  const bool is_page = (meaning.wants_json || (meaning.wants_nothing && !response->body.empty())) &&
                       !LooksLikeJson(response->body);
  if (success && !is_page) return {};
  Answer answer{.error = absl::StrCat("HTTP ", status)};
  if (success) {
    answer.kind = Kind::kUnknown;
    answer.error += " without JSON";
    answer.reason = "server";
  } else if (status >= 500 || status == 408) {
    answer.kind = Kind::kUnknown;
    answer.reason = "server";
    answer.sink_down = status == 503 || !response->retry_after.empty();
  } else if (status == 429) {
    answer.kind = Kind::kNotDone;
    answer.reason = "rate_limited";
    answer.sink_down = true;
  } else if (status == 404 && meaning.names_ticket) {
    answer.kind = Kind::kGone;
    answer.reason = "client";
  } else if (status < 400 || status == 401 || status == 403 || status == 404) {
    answer.kind = Kind::kNotDone;
    answer.reason = status == 401 || status == 403 ? "auth" : "configuration";
    answer.sink_down = true;
  } else {
    answer.kind = Kind::kRefused;
    answer.reason = "client";
  }
  if (answer.kind == Kind::kUnknown || answer.kind == Kind::kNotDone) {
    answer.retry_after =
        status == 429 ? WaitAskedFor(*response, now) : ParseRetryAfter(response->retry_after, now);
  }
  return answer;
}

std::string WithoutSlashes(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

Answer SystemHttp::WaitFor(size_t requests) const {
  const auto wait = budget_.WaitFor(requests, clock_.Steady());
  if (wait.count() == 0) return {};
  return {.kind = Kind::kWait, .retry_after = wait, .sink_down = true};
}

Answer SystemHttp::Ready(size_t requests) {
  // A revision that goes on needs no more than one to get further.
  if (Answer wait = WaitFor(interrupted_ ? 1 : requests); !wait.done()) return wait;
  if (!std::exchange(interrupted_, false)) answered_.clear();
  next_answered_ = 0;
  remembers_ = !budget_.HoldsAtOnce(requests);
  return {};
}

const SystemHttp::Answered* SystemHttp::Remembered(const http_client::HttpCall& call) {
  if (next_answered_ < answered_.size()) {
    const http_client::HttpCall& was = answered_[next_answered_].call;
    if (was.method == call.method && was.url == call.url && was.body == call.body) {
      return &answered_[next_answered_++];
    }
    answered_.resize(next_answered_);  // it is another revision, or goes another way
  }
  return nullptr;
}

Answer SystemHttp::Send(http_client::HttpCall call, const RequestMeaning& meaning,
                        http_client::HttpResponse* response) {
  *response = {};
  const auto paused = paused_until_.find(meaning.part);
  if (paused != paused_until_.end() && paused->second > clock_.Steady()) {
    return {.kind = Kind::kWait,
            .retry_after =
                std::chrono::ceil<std::chrono::milliseconds>(paused->second - clock_.Steady())};
  }
  if (const Answered* before = Remembered(call)) {
    *response = before->response;
    return before->answer;
  }
  if (Answer wait = WaitFor(1); !wait.done()) {
    interrupted_ = remembers_;
    return wait;
  }
  budget_.Take(clock_.Steady());
  call.timeout = timeout_;
  call.once = call.method != "GET";  // whether it is sent again is not for others to decide
  absl::StatusOr<http_client::HttpResponse> came = transport_->Send(call);
  if (came.ok()) *response = *came;
  Answer answer = JudgeHttp(came, meaning, clock_.Wall());
  if (remembers_ && answer.done() && answered_.size() < kAnsweredMax) {
    answered_.push_back({std::move(call), *response, answer});
    next_answered_ = answered_.size();
  }
  return answer;
}

void SystemHttp::PausePart(const std::string& part, Answer* answer) {
  if (answer->kind == Kind::kWait) return;  // nothing was asked
  if (answer->reason != "rate_limited" && answer->retry_after.count() == 0) return;
  if (answer->retry_after.count() == 0) answer->retry_after = kPause;
  const clock::SteadyTime now = clock_.Steady();
  std::erase_if(paused_until_, [now](const auto& paused) { return paused.second <= now; });
  if (paused_until_.size() >= kPausesMax && !paused_until_.contains(part)) return;
  paused_until_[part] = now + answer->retry_after;
  answer->sink_down = false;
}

}  // namespace signinwatch::sinks
