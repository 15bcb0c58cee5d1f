// What is wrong with the stream, in plain words, with what to do about it: for the status page.
//
// A function of the status alone, so that every rule of it is tested by table. It looks at what
// /api/v1/status shows; alerts over time are Prometheus' business.
#ifndef SIGNINWATCH_DAEMON_HTTP_HEALTH_ADVICE_H_
#define SIGNINWATCH_DAEMON_HTTP_HEALTH_ADVICE_H_

#include <string>
#include <vector>

#include "daemon/pipeline/status.h"

namespace signinwatch::http {

struct Advice {
  enum class Level : uint8_t {
    kProblem,  // tickets are missing, late or not delivered
    kNotice,   // they will be if it goes on, or some counts are not exact
  };
  Level level = Level::kProblem;
  std::string what;   // "Sink soc does not accept tickets; 12 wait, the oldest for 5 min."
  std::string to_do;  // "Check ..."
};

// Problems first. At most one of each rule and thing, at most kAdviceMax in all.
[[nodiscard]] std::vector<Advice> AdviceFor(const pipeline::ServeStatus& status);
inline constexpr size_t kAdviceMax = 20;

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_HEALTH_ADVICE_H_
