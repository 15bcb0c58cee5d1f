// What may happen to a request that a sink sends, whatever the other side is: by one word for all.
#ifndef SIGNINWATCH_TESTS_DAEMON_SINKS_CALL_FAULTS_H_
#define SIGNINWATCH_TESTS_DAEMON_SINKS_CALL_FAULTS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/http_client/http_client.h"

namespace signinwatch::sinks {

// The process is killed: thrown through everything.
struct Killed {};

enum class CallFault {
  kNone,
  kNoConnection,      // it was not sent
  kLostRequest,       // the connection broke before it was there
  kLostAnswer,        // it was done, and the connection broke
  kTimeOut,           // it was not done, and no answer came in time
  kSlow,              // it was done, and the answer came too late
  kTooMany,           // 429, 42 seconds, and nothing was done
  kServerError,       // 500, and nothing was done
  kServerErrorAfter,  // 500, and it was done
  kUnavailable,       // 503, 20 seconds, and nothing was done
  kCutBody,           // it was done, and half of the answer came
  kSleeping,          // 200 with a page for people, and nothing was done
  kExpired,           // its log-in is refused
  kRefused,           // it is refused for what is in it
  kKilledBefore,
  kKilledAfter,
};

inline constexpr std::chrono::seconds kTooManyWait{42};
inline constexpr std::chrono::seconds kUnavailableWait{20};

// What a system answers in its own words.
struct OwnAnswers {
  http_client::HttpResponse expired{401, R"({"error":{"message":"log in"}})", ""};
  http_client::HttpResponse refused{400, R"({"error":{"message":"ada@contoso.example"}})", ""};
};

// The answer with `fault`; `work` is what the system does for the request.
template <typename Work>
absl::StatusOr<http_client::HttpResponse> AnswerWith(CallFault fault, Work work,
                                                     const OwnAnswers& own = {}) {
  switch (fault) {
    case CallFault::kNoConnection:
      return absl::UnavailableError("connection refused");
    case CallFault::kLostRequest:
      return absl::AbortedError("connection reset");
    case CallFault::kTimeOut:
      return absl::DeadlineExceededError("no answer in time");
    case CallFault::kTooMany:
      return http_client::HttpResponse{429, R"({"error":{"message":"Rate limit"}})",
                                       std::to_string(kTooManyWait.count())};
    case CallFault::kServerError:
      return http_client::HttpResponse{500, "", ""};
    case CallFault::kUnavailable:
      return http_client::HttpResponse{503, "", std::to_string(kUnavailableWait.count())};
    case CallFault::kSleeping:
      return http_client::HttpResponse{200, "<html>Your instance is hibernating</html>", ""};
    case CallFault::kExpired:
      return own.expired;
    case CallFault::kRefused:
      return own.refused;
    case CallFault::kKilledBefore:
      throw Killed();
    default:
      break;
  }
  absl::StatusOr<http_client::HttpResponse> answer = work();
  switch (fault) {
    case CallFault::kKilledAfter:
      throw Killed();
    case CallFault::kLostAnswer:
      return absl::AbortedError("connection reset");
    case CallFault::kSlow:
      return absl::DeadlineExceededError("no answer in time");
    case CallFault::kServerErrorAfter:
      return http_client::HttpResponse{500, "", ""};
    case CallFault::kCutBody:
      // Of an answer that is nothing but its status nothing can be cut.
      if (answer.ok()) answer->body.resize(answer->body.size() / 2);
      return answer;
    default:
      return answer;
  }
}

// Faults of the requests that follow: each is of the first request to come that fits.
class CallFaults {
 public:
  // `target`: a part of the URL.
  void Add(std::string method, std::string target, CallFault fault) {
    faults_.push_back({std::move(method), std::move(target), fault});
  }
  // Answers `call` by `work` with the fault that is due.
  template <typename Work>
  absl::StatusOr<http_client::HttpResponse> Apply(const http_client::HttpCall& call, Work work) {
    return AnswerWith(Take(call), work);
  }
  [[nodiscard]] bool empty() const { return faults_.empty(); }  // all have happened

 private:
  struct Due {
    std::string method;
    std::string target;
    CallFault fault;
  };
  CallFault Take(const http_client::HttpCall& call) {
    for (auto due = faults_.begin(); due != faults_.end(); ++due) {
      if (due->method != call.method) continue;
      if (call.url.find(due->target) == std::string::npos) continue;
      const CallFault fault = due->fault;
      faults_.erase(due);
      return fault;
    }
    return CallFault::kNone;
  }
  std::vector<Due> faults_;
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_TESTS_DAEMON_SINKS_CALL_FAULTS_H_
