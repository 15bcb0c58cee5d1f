// Tickets as messages of syslog, each revision one (syslog_line.h):
//
//   tls   RFC 5425: "LEN SP MSG"
//   tcp   RFC 6587: a line each
//   udp   RFC 5426: a datagram each
//
// Nobody says that a message came. What was in the system's hands when a connection ended may be
// lost: so that is noticed before the next message and while there is none, and then the last one
// is sent again over a new connection, once for each that ends. A collector that ends connections
// which are idle would get it for ever: of one message it is so many times (kCopiesMax).
#ifndef SIGNINWATCH_DAEMON_SINKS_SYSLOG_SYSLOG_SINK_H_
#define SIGNINWATCH_DAEMON_SINKS_SYSLOG_SYSLOG_SINK_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/clock/clock.h"
#include "daemon/http_client/kept_connection.h"
#include "daemon/sinks/rate_budget.h"
#include "daemon/sinks/sink_parts.h"
#include "daemon/sinks/syslog/syslog_line.h"

namespace signinwatch::sinks {

class SyslogSink : public TicketSink {
 public:
  static constexpr int kCopiesMax = 5;
  static constexpr std::chrono::milliseconds kLook{
      500};  // from one look at the connection to the next

  // `host`: what the machine is called in the messages. parts.clock outlives it.
  SyslogSink(const config::SinkConfig& config, const SinkParts& parts,
             std::unique_ptr<http_client::KeptConnection> connection, std::string host);

  [[nodiscard]] std::vector<SendResult> Send(std::span<const store::Delivery> deliveries) override;
  // Each is an attempt of its own, so that the last message is always known.
  [[nodiscard]] size_t batch_max() const override { return 1; }
  [[nodiscard]] clock::SteadyTime Tend(clock::Instant now) override;
  [[nodiscard]] absl::StatusOr<std::string> Ask() override;
  void Cancel() override { connection_->Cancel(); }

 private:
  [[nodiscard]] SendResult SendOne(const store::Delivery& delivery);
  // Connects where it has to, and then sends the last message again.
  [[nodiscard]] absl::Status BeConnected(clock::SteadyTime until);
  [[nodiscard]] absl::Status Write(std::string_view message, clock::SteadyTime until);
  [[nodiscard]] std::chrono::milliseconds TimeUntil(clock::SteadyTime until) const;
  [[nodiscard]] std::string Framed(std::string line) const;

  enum class Transport : uint8_t { kTls, kTcp, kUdp };
  const Transport transport_;
  const SyslogForm form_;
  const MessageWording wording_;
  const std::chrono::milliseconds timeout_;
  const Duration backoff_min_;
  const Duration backoff_max_;
  const clock::Clock& clock_;
  const std::unique_ptr<http_client::KeptConnection> connection_;
  RateBudget budget_;

  std::string last_;              // as it was written; empty: none that may have to be sent again
  int copies_ = 0;                // of it
  Duration pause_{0};             // until it is tried again
  clock::SteadyTime again_at_{};  // not before, though nothing else is sent
};

[[nodiscard]] TicketSinkOr MakeSyslogSink(const config::SinkConfig& config, const SinkParts& parts);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_SYSLOG_SYSLOG_SINK_H_
