// Tickets by HTTP POST, one a request. The body is the ticket's JSON, or a template's with the
// ticket's fields as parts of JSON texts; the headers:
//
//   Content-Type: application/json
//   User-Agent: signinwatch/VERSION
//   X-Signinwatch-Ticket-Id, X-Signinwatch-Revision
//   Idempotency-Key: TICKET_ID-REVISION   the same for each attempt
//   X-Signinwatch-Timestamp, X-Signinwatch-Signature   with a secret (webhook_signature.h)
//   Authorization                                      if configured
//
// What answers mean is in webhook_answer.h. An answer that gets lost is an attempt that failed:
// the receiver gets the ticket again, under the same Idempotency-Key.
#ifndef SIGNINWATCH_DAEMON_SINKS_WEBHOOK_WEBHOOK_SINK_H_
#define SIGNINWATCH_DAEMON_SINKS_WEBHOOK_WEBHOOK_SINK_H_

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/http_client/http_client.h"
#include "daemon/sinks/sink_parts.h"
#include "daemon/sinks/ticket_message.h"

namespace signinwatch::sinks {

class WebhookSink : public TicketSink {
 public:
  WebhookSink(const config::SinkConfig& config, const SinkParts& parts);

  // Whether the URL and the secrets can be used, as far as that can be seen from here.
  absl::Status Check() const;
  [[nodiscard]] std::vector<SendResult> Send(std::span<const store::Delivery> deliveries) override;
  // Each is an attempt of its own, so that a budget of requests is kept to.
  [[nodiscard]] size_t batch_max() const override { return 1; }
  void Cancel() override { http_->Cancel(); }

 private:
  [[nodiscard]] SendResult SendOne(const store::Delivery& delivery);
  // Reads the secrets anew, so that rotated ones are found.
  [[nodiscard]] absl::StatusOr<http_client::HttpCall> MakeRequest(
      const store::Delivery& delivery) const;

  const std::string url_;
  const std::string resolved_url_;  // empty: as url_
  const MessageWording wording_;
  const config::SecretRef secret_;
  const config::SecretRef authorization_;
  const std::string ca_file_;
  const std::chrono::milliseconds timeout_;
  const std::unique_ptr<http_client::HttpTransport> http_;
  const clock::Clock& clock_;
};

[[nodiscard]] TicketSinkOr MakeWebhookSink(const config::SinkConfig& config,
                                           const SinkParts& parts);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_WEBHOOK_WEBHOOK_SINK_H_
