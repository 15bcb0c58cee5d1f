#include "daemon/sinks/smtp/smtp_system.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/config/secret.h"
#include "daemon/config/sink_types.h"
#include "daemon/config/sinks/smtp.h"
#include "daemon/sinks/redaction.h"
#include "daemon/sinks/ticket_life.h"

namespace signinwatch::sinks {
namespace {

using Kind = Answer::Kind;
using std::chrono::milliseconds;
using Texts = std::vector<std::string>;

Answer OfTransport(const absl::Status& status) {
  Answer answer{.error = WithoutPeople(std::string(status.message()))};
  const bool late = absl::IsDeadlineExceeded(status);
  if (late || absl::IsAborted(status) || absl::IsCancelled(status)) {
    answer.kind = Kind::kUnknown;
    answer.reason = late ? "timeout" : "connection";
    return answer;
  }
  answer.kind = Kind::kNotDone;
  answer.sink_down = true;
  answer.reason = absl::IsUnavailable(status)        ? "connection"
                  : absl::IsPermissionDenied(status) ? "auth"
                                                     : "configuration";
  return answer;
}

}  // namespace

Answer JudgeMail(const absl::StatusOr<http_client::MailReply>& reply) {
  if (!reply.ok()) return OfTransport(reply.status());
  const int code = reply->code;
  if (code < 400) return {};
  Answer answer{.kind = Kind::kNotDone, .error = absl::StrCat("SMTP ", code)};
  constexpr std::array<int, 4> kOfLogIn{530, 534, 535, 538};
  if (std::find(kOfLogIn.begin(), kOfLogIn.end(), code) != kOfLogIn.end()) {
    answer.reason = "auth";
    answer.sink_down = true;
  } else if (code < 500 || !reply->of_message) {
    answer.reason = "server";
    answer.sink_down = code == 421 || !reply->of_message;
  } else {
    answer.kind = Kind::kRefused;
    answer.reason = "client";
  }
  return answer;
}

SmtpSystem::SmtpSystem(const config::SinkConfig& config, const SinkParts& parts)
    : server_(config::SettingOf<std::string>(config, "server")),
      implicit_tls_(config::SettingOf<std::string>(config, "tls") == "implicit"),
      username_(config::SettingOf<std::string>(config, "username")),
      password_(config::SettingOf<config::SecretRef>(config, "password")),
      addresses_{.from = config::SettingOf<std::string>(config, "from"),
                 .to = config::SettingOf<Texts>(config, "to")},
      wording_(config::SettingOf<std::string>(config, "title"),
               config::SettingOf<std::string>(config, "body")),
      timeout_(std::chrono::ceil<milliseconds>(config::SettingOf<Duration>(config, "timeout"))),
      clock_(parts.clock),
      mail_(parts.make_mail(config.ca_file)),
      budget_(static_cast<size_t>(config::SettingOf<int64_t>(config, "rate_per_minute"))) {}

Answer SmtpSystem::Ready() {
  const milliseconds wait = budget_.WaitFor(1, clock_.Steady());
  if (wait.count() == 0) return {};
  return {.kind = Kind::kWait, .retry_after = wait, .sink_down = true};
}

Answer SmtpSystem::Create(const Telling& telling, Made* /*made*/) {
  return Send({.message = MailMessage(telling, wording_, addresses_)});
}

Answer SmtpSystem::Ask(std::string* said) {
  Answer answer = Send({.log_in_only = true});
  if (answer.done()) {
    *said = username_.empty() ? "TLS is offered, and the certificate is good"
                              : "the log-in is taken by TLS";
  }
  return answer;
}

Answer SmtpSystem::Send(http_client::MailCall call) {
  call.server = server_;
  call.implicit_tls = implicit_tls_;
  call.username = username_;
  call.from = addresses_.from;
  call.to = addresses_.to;
  call.timeout = timeout_;
  if (!username_.empty()) {
    absl::StatusOr<std::string> password = config::ReadSecret(password_);
    if (!password.ok()) return OfTransport(absl::InvalidArgumentError(password.status().message()));
    call.password = *std::move(password);
  }
  budget_.Take(clock_.Steady());
  return JudgeMail(mail_->Send(call));
}

TicketSinkOr MakeSmtpSink(const config::SinkConfig& config, const SinkParts& parts) {
  if (const config::SinkType::Fault fault = config::SmtpFault(config); !fault.key.empty()) {
    return absl::InvalidArgumentError(fault.key + fault.text);
  }
  const config::SecretRef password = config::SettingOf<config::SecretRef>(config, "password");
  if (!password.empty()) {
    if (absl::Status status = config::ReadSecret(password).status(); !status.ok()) return status;
  }
  if (!config.ca_file.empty() && ::access(config.ca_file.c_str(), R_OK) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", config.ca_file));
  }
  return std::make_unique<TicketLife>(config.name, std::make_unique<SmtpSystem>(config, parts),
                                      parts.outbox, parts.clock);
}

}  // namespace signinwatch::sinks
