// HTTP as ticket systems use it: requests within the sink's budget and time-out, and what their
// answers mean for the operation that they are part of.
//
//   HttpResponse response;
//   Answer answer = http_.Send({.method = "PATCH", .url = ..., .headers = ..., .body = ...},
//                              {.names_ticket = true, .wants_json = true},
//                              &response);
//   if (!answer.done()) return answer;
//
// Where a system means something else by a status it looks at response.status itself.
#ifndef SIGNINWATCH_DAEMON_SINKS_SYSTEM_HTTP_H_
#define SIGNINWATCH_DAEMON_SINKS_SYSTEM_HTTP_H_

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/clock/clock.h"
#include "daemon/http_client/http_client.h"
#include "daemon/sinks/rate_budget.h"
#include "daemon/sinks/ticket_system.h"

namespace signinwatch::sinks {

// What is special about a request.
struct RequestMeaning {
  bool names_ticket = false;   // by its id: 404 says that the ticket is gone
  bool wants_json = false;     // 2xx without JSON is no answer: a log-in page, a sleeping instance
  bool wants_nothing = false;  // likewise 2xx with anything but JSON
  // Of the system, that may ask for a pause of its own (SystemHttp::PausePart): a method, an API,
  // one ticket. Empty: none.
  std::string part = {};
};

//   answer                                     kind      sink_down
//   2xx (with JSON, or nothing, where it is due) kDone
//   other 2xx, 408, 5xx                        kUnknown  503, or Retry-After is given
//   connection broke, no whole answer in time  kUnknown
//   429                                        kNotDone  yes
//   401, 403, 3xx, 404 without an id           kNotDone  yes
//   no connection, certificate, URL, secret    kNotDone  yes
//   404 with an id                             kGone
//   other 4xx                                  kRefused
//
// Errors hold the status and nothing of the body. `now`: the wall clock, for a date in Retry-After.
[[nodiscard]] Answer JudgeHttp(const absl::StatusOr<http_client::HttpResponse>& response,
                               const RequestMeaning& meaning, EventTime now);

// A URL as it is configured, for paths to be put behind it.
[[nodiscard]] std::string WithoutSlashes(std::string url);

// Used by one thread at a time, Cancel aside.
class SystemHttp {
 public:
  // `rate_per_minute` 0: no limit. `timeout`: of each request.
  SystemHttp(std::unique_ptr<http_client::HttpTransport> transport, size_t rate_per_minute,
             std::chrono::milliseconds timeout, const clock::Clock& clock)
      : transport_(std::move(transport)),
        budget_(rate_per_minute),
        timeout_(timeout),
        clock_(clock) {}

  // kWait until so many requests may be sent one after another: asked before a revision is begun,
  // so that it is not interrupted.
  // Where it costs more than a whole minute's requests it is interrupted all the same, and begun
  // again: what was answered until then is then answered from memory.
  [[nodiscard]] Answer Ready(size_t requests);

  // *response: as it came; empty if there is none. kWait: nothing was sent, since the budget is
  // used up, or since meaning.part has a pause.
  [[nodiscard]] Answer Send(http_client::HttpCall call, const RequestMeaning& meaning,
                            http_client::HttpResponse* response);
  // What *answer asks for by 429 or Retry-After is a pause of that part, and the rest goes on: no
  // longer `sink_down`. Where it does not say how long, 30 s. Of anything else nothing.
  void PausePart(const std::string& part, Answer* answer);

  void Cancel() { transport_->Cancel(); }  // from any thread

 private:
  // What was sent of a revision that the budget interrupts, in its order.
  struct Answered {
    http_client::HttpCall call;
    http_client::HttpResponse response;
    Answer answer;
  };
  static constexpr size_t kAnsweredMax = 32;

  [[nodiscard]] Answer WaitFor(size_t requests) const;
  // nullptr: it was not sent before.
  [[nodiscard]] const Answered* Remembered(const http_client::HttpCall& call);

  // Beyond, a pause is the whole system's.
  static constexpr size_t kPausesMax = 1'000;

  const std::unique_ptr<http_client::HttpTransport> transport_;
  RateBudget budget_;
  const std::chrono::milliseconds timeout_;
  const clock::Clock& clock_;
  std::map<std::string, clock::SteadyTime> paused_until_;  // by part; at most kPausesMax
  std::vector<Answered> answered_;
  size_t next_answered_ = 0;
  bool remembers_ = false;    // the revision that is under way costs more than the budget
  bool interrupted_ = false;  // by the budget
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_SYSTEM_HTTP_H_
