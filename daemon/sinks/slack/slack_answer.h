// What an answer of Slack's means. Pure. Its methods answer 200 to nearly everything, and say in
// the body whether it was done: {"ok":false,"error":"channel_not_found"}.
//
//   error                                             kind      sink_down
//   ratelimited, rate_limited                         kNotDone  yes
//   request_timeout, fatal_error, internal_error,
//     service_unavailable                             kUnknown
//   of the token, the bot or the channel              kNotDone  yes
//   the message is gone, or can't be changed any more  kGone
//   any other                                         kRefused
//   neither ok nor an error                           kUnknown
#ifndef SIGNINWATCH_DAEMON_SINKS_SLACK_SLACK_ANSWER_H_
#define SIGNINWATCH_DAEMON_SINKS_SLACK_SLACK_ANSWER_H_

#include "daemon/json/json_value.h"
#include "daemon/sinks/ticket_system.h"

namespace signinwatch::sinks {

// `body`: the answer's. Errors name Slack's own code and nothing else of it.
[[nodiscard]] Answer JudgeSlack(const json::JsonValue& body);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_SLACK_SLACK_ANSWER_H_
