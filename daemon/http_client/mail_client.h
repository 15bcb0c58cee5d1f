// One mail to one SMTP server, with a deadline, over libcurl. Who sends mail is given a
// MailTransport, so that a test is the server itself.
//
// Always by TLS, with the certificate checked for the name or the IP address of the server: where
// it offers no STARTTLS nothing is sent, no log-in either. By no proxy. Each mail has a connection
// of its own, and is never sent again in silence.
#ifndef SIGNINWATCH_DAEMON_HTTP_CLIENT_MAIL_CLIENT_H_
#define SIGNINWATCH_DAEMON_HTTP_CLIENT_MAIL_CLIENT_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace signinwatch::http_client {

struct MailCall {
  std::string server = {};    // host:port
  bool implicit_tls = false;  // from the first byte; else STARTTLS
  std::string username = {};  // empty: no log-in
  std::string password = {};
  std::string from = {};             // addresses, without brackets
  std::vector<std::string> to = {};  // all of them, or none: a refusal of one is one of the mail
  std::string message = {};          // headers and body, its lines ended by CR LF
  std::chrono::milliseconds timeout{10'000};
  bool log_in_only = false;  // nothing is sent: it ends after the log-in
};

// The server's last word.
struct MailReply {
  int code = 0;             // 250: it has taken the mail; 4xx: not now; 5xx: no
  bool of_message = false;  // to MAIL or what comes after it
};

class MailTransport {
 public:
  virtual ~MailTransport() = default;
  //   kUnavailable         no connection, or it broke before there was a message to take
  //   kAborted, kDeadlineExceeded   the server may have taken it
  //   kUnauthenticated     the server's certificate, or a ca_file that can't be used
  //   kFailedPrecondition  no STARTTLS
  //   kPermissionDenied    the log-in was refused
  //   kCancelled           see Cancel; the server may have taken it
  [[nodiscard]] virtual absl::StatusOr<MailReply> Send(const MailCall& mail) = 0;

  // From any thread: ends what is being sent, and all later ones at once.
  virtual void Cancel() = 0;
};

// Makes one for each that sends mail. `ca_file`: PEM of the authorities to trust instead of the
// system's; empty: those.
using MailTransportMaker =
    std::function<std::unique_ptr<MailTransport>(const std::string& ca_file)>;

// Over the network.
[[nodiscard]] MailTransportMaker NetworkMail();

}  // namespace signinwatch::http_client

#endif  // SIGNINWATCH_DAEMON_HTTP_CLIENT_MAIL_CLIENT_H_
