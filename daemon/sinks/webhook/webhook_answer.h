// What a webhook's answer means for the delivery (SPEC 7). Pure.
//
//   answer                              the delivery    the sink
//   2xx                                 delivered
//   400, 409, 413, 422                  permanent
//   408, 425, 5xx                       temporary
//   429, 503                            temporary       down
//   other 3xx and 4xx                   temporary       down: its configuration is at fault
//   no connection                       temporary       down
//   the other's certificate, the URL    temporary       down: its configuration is at fault
//   broken or late after connecting     temporary
//
// Only an answer that judges the ticket condemns it. 401, 403, 404, 405, a redirect (which is not
// followed: tickets go only where they are configured to go) say nothing of it: were they
// permanent, a token that has expired or a receiver that has moved would cost all tickets. They
// wait, and the log is loud. What is only temporary for this delivery does not hold up others: a
// receiver may fail on one ticket alone.
#ifndef SIGNINWATCH_DAEMON_SINKS_WEBHOOK_WEBHOOK_ANSWER_H_
#define SIGNINWATCH_DAEMON_SINKS_WEBHOOK_WEBHOOK_ANSWER_H_

#include <chrono>

#include "absl/status/statusor.h"
#include "daemon/http_client/http_client.h"
#include "daemon/sinks/ticket_sink.h"

namespace signinwatch::sinks {

[[nodiscard]] SendResult WebhookSendResult(
    const absl::StatusOr<http_client::HttpResponse>& response,
    std::chrono::system_clock::time_point now);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_WEBHOOK_WEBHOOK_ANSWER_H_
