// Tickets as mails (mail_message.h): one for the first revision and one for each change that
// matters, since none can be changed. Where an answer was lost it is sent again under the same
// Message-ID, by which who gets both can tell.
#ifndef SIGNINWATCH_DAEMON_SINKS_SMTP_SMTP_SYSTEM_H_
#define SIGNINWATCH_DAEMON_SINKS_SMTP_SMTP_SYSTEM_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "daemon/config/serve_config.h"
#include "daemon/http_client/mail_client.h"
#include "daemon/sinks/rate_budget.h"
#include "daemon/sinks/sink_parts.h"
#include "daemon/sinks/smtp/mail_message.h"
#include "daemon/sinks/ticket_message.h"
#include "daemon/sinks/ticket_system.h"

namespace signinwatch::sinks {

//   answer                                      kind      sink_down
//   250                                         kDone
//   4xx                                         kNotDone  421, or before MAIL
//   530, 534, 535, 538, or 5xx before MAIL      kNotDone  yes
//   other 5xx                                   kRefused
//   no connection, STARTTLS, certificate, log-in  kNotDone  yes
//   broken or too late after the mail was begun   kUnknown
[[nodiscard]] Answer JudgeMail(const absl::StatusOr<http_client::MailReply>& reply);

class SmtpSystem : public MessageSystem {
 public:
  SmtpSystem(const config::SinkConfig& config, const SinkParts& parts);

  [[nodiscard]] Answer Ready() override;
  [[nodiscard]] Answer Create(const Telling& telling, Made* made) override;
  [[nodiscard]] Answer Ask(std::string* said) override;
  void Cancel() override { mail_->Cancel(); }

 private:
  // Sends it, with the log-in and the place of the server filled in.
  [[nodiscard]] Answer Send(http_client::MailCall call);

  const std::string server_;
  const bool implicit_tls_;
  const std::string username_;
  const config::SecretRef password_;
  const MailAddresses addresses_;
  const MessageWording wording_;
  const std::chrono::milliseconds timeout_;
  const clock::Clock& clock_;
  const std::unique_ptr<http_client::MailTransport> mail_;
  RateBudget budget_;
};

[[nodiscard]] TicketSinkOr MakeSmtpSink(const config::SinkConfig& config, const SinkParts& parts);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_SMTP_SMTP_SYSTEM_H_
