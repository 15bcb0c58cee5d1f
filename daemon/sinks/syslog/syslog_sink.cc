#include "daemon/sinks/syslog/syslog_sink.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/config/sink_types.h"
#include "daemon/sinks/redaction.h"
#include "daemon/sinks/syslog/udp_connection.h"

namespace signinwatch::sinks {
namespace {

using Kind = SendResult::Kind;
using std::chrono::milliseconds;

SyslogFormat FormatOf(const std::string& name) {
  if (name == "cef") return SyslogFormat::kCef;
  return name == "leef" ? SyslogFormat::kLeef : SyslogFormat::kRfc5424;
}

SendResult Failed(const absl::Status& status) {
  const bool late = absl::IsDeadlineExceeded(status);
  const bool distrusted = absl::IsUnauthenticated(status) || absl::IsInvalidArgument(status);
  return {.kind = Kind::kTemporary,
          .error = WithoutPeople(std::string(status.message())),
          .sink_down = !absl::IsCancelled(status),
          .reason = distrusted ? "configuration"
                    : late     ? "timeout"
                               : "connection"};
}

std::string HostName() {
  char name[256] = {};
  return ::gethostname(name, sizeof(name) - 1) == 0 ? name : "";
}

}  // namespace

SyslogSink::SyslogSink(const config::SinkConfig& config, const SinkParts& parts,
                       std::unique_ptr<http_client::KeptConnection> connection, std::string host)
    : transport_(config::SettingOf<std::string>(config, "transport") == "tls"   ? Transport::kTls
                 : config::SettingOf<std::string>(config, "transport") == "tcp" ? Transport::kTcp
                                                                                : Transport::kUdp),
      form_{.format = FormatOf(config::SettingOf<std::string>(config, "format")),
            .host = std::move(host),
            .enterprise = config::SettingOf<int64_t>(config, "enterprise")},
      wording_(config::SettingOf<std::string>(config, "title"),
               config::SettingOf<std::string>(config, "body")),
      timeout_(std::chrono::ceil<milliseconds>(config::SettingOf<Duration>(config, "timeout"))),
      backoff_min_(config.backoff_min),
      backoff_max_(config.backoff_max),
      clock_(parts.clock),
      connection_(std::move(connection)),
      budget_(static_cast<size_t>(config::SettingOf<int64_t>(config, "rate_per_minute"))) {}

std::vector<SendResult> SyslogSink::Send(std::span<const store::Delivery> deliveries) {
  std::vector<SendResult> results;
  for (const store::Delivery& delivery : deliveries) {
    const bool down = !results.empty() && results.back().sink_down;
    results.push_back(down ? results.back() : SendOne(delivery));
  }
  return results;
}

SendResult SyslogSink::SendOne(const store::Delivery& delivery) {
  const size_t messages = last_.empty() || connection_->IsOpen() ? 1 : 2;
  if (const milliseconds wait = budget_.WaitFor(messages, clock_.Steady()); wait.count() > 0) {
    return {.kind = Kind::kWaits, .retry_after = wait, .sink_down = true};
  }
  const Telling telling{.delivery = delivery,
                        .key = delivery.ticket_id,
                        .reference = absl::StrCat(delivery.ticket_id, "/", delivery.revision),
                        .parent = {.ticket_id = delivery.parent_ticket_id},
                        .continues = {.ticket_id = delivery.continues},
                        .merged_into = {.ticket_id = delivery.merged_into}};
  std::string message = Framed(SyslogLine(telling, wording_, form_));
  const clock::SteadyTime until = clock_.Steady() + timeout_;
  absl::Status status = BeConnected(until);
  if (status.ok()) status = Write(message, until);
  if (!status.ok()) return Failed(status);
  last_ = std::move(message);
  copies_ = 0;
  pause_ = Duration(0);
  again_at_ = {};
  return {};
}

clock::SteadyTime SyslogSink::Tend(clock::Instant now) {
  if (last_.empty()) return clock::SteadyTime::max();
  if (connection_->IsOpen()) return now.steady + kLook;
  if (now.steady < again_at_) return again_at_;
  if (const milliseconds wait = budget_.WaitFor(1, now.steady); wait.count() > 0) {
    return now.steady + wait;
  }
  // Whatever comes of it; deliveries tell of what is wrong.
  (void)BeConnected(now.steady + timeout_);
  pause_ = std::min(pause_ == Duration(0) ? backoff_min_ : 2 * pause_, backoff_max_);
  again_at_ = clock_.Steady() + pause_;
  return now.steady + kLook;
}

absl::Status SyslogSink::BeConnected(clock::SteadyTime until) {
  if (connection_->IsOpen()) return absl::OkStatus();
  if (absl::Status status = connection_->Open(TimeUntil(until)); !status.ok()) return status;
  if (last_.empty()) return absl::OkStatus();
  if (absl::Status status = Write(last_, until); !status.ok()) return status;
  // A datagram is copied only when it was refused, so it never was one too many.
  if (++copies_ >= kCopiesMax && transport_ != Transport::kUdp) last_.clear();
  return absl::OkStatus();
}

absl::Status SyslogSink::Write(std::string_view message, clock::SteadyTime until) {
  budget_.Take(clock_.Steady());
  return connection_->Send(message, TimeUntil(until));
}

absl::StatusOr<std::string> SyslogSink::Ask() {
  if (absl::Status status = connection_->Open(timeout_); !status.ok()) {
    return absl::UnavailableError(WithoutPeople(std::string(status.message())));
  }
  switch (transport_) {
    case Transport::kTls:
      return std::string("it can be connected to by TLS");
    case Transport::kTcp:
      return std::string("it can be connected to");
    case Transport::kUdp:
      break;
  }
  return std::string("its name is known; whether datagrams arrive can't be seen");
}

milliseconds SyslogSink::TimeUntil(clock::SteadyTime until) const {
  return std::max(milliseconds(1), std::chrono::ceil<milliseconds>(until - clock_.Steady()));
}

std::string SyslogSink::Framed(std::string line) const {
  switch (transport_) {
    case Transport::kTls:
      return absl::StrCat(line.size(), " ", line);
    case Transport::kTcp:
      return line + "\n";
    case Transport::kUdp:
      break;
  }
  return line;
}

TicketSinkOr MakeSyslogSink(const config::SinkConfig& config, const SinkParts& parts) {
  if (!config.ca_file.empty() && ::access(config.ca_file.c_str(), R_OK) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", config.ca_file));
  }
  const auto server = config::SettingOf<std::string>(config, "server");
  const auto transport = config::SettingOf<std::string>(config, "transport");
  std::unique_ptr<http_client::KeptConnection> connection;
  if (parts.make_lines) {
    connection = parts.make_lines();
  } else if (transport == "udp") {
    connection = std::make_unique<UdpConnection>(server);
  } else {
    connection = http_client::ConnectByTcp(
        {.address = server, .tls = transport == "tls", .ca_file = config.ca_file}, parts.clock);
  }
  return std::make_unique<SyslogSink>(config, parts, std::move(connection), HostName());
}

}  // namespace signinwatch::sinks
