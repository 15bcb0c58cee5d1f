// A revision of a ticket as a mail (RFC 5322): its text plain and as HTML, so that no client has to
// show what it can't. Pure, and the same for each attempt.
#ifndef SIGNINWATCH_DAEMON_SINKS_SMTP_MAIL_MESSAGE_H_
#define SIGNINWATCH_DAEMON_SINKS_SMTP_MAIL_MESSAGE_H_

#include <string>
#include <string_view>
#include <vector>

#include "daemon/sinks/ticket_message.h"
#include "daemon/sinks/ticket_system.h"

namespace signinwatch::sinks {

struct MailAddresses {
  std::string from = {};
  std::vector<std::string> to = {};
};

// All mails of a ticket are one thread, below a first one that need not exist:
// <ticket_id@domain of from>. Lines end in CR LF and have at most 998 octets.
[[nodiscard]] std::string MailMessage(const Telling& telling, const MessageWording& wording,
                                      const MailAddresses& addresses);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_SMTP_MAIL_MESSAGE_H_
