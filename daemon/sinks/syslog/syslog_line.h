// A revision of a ticket as one message of syslog (RFC 5424), of facility 13 (log audit):
//
//   <107>1 2026-11-24T09:20:00.000000Z host signinwatch - opened [signinwatch@32473 ...] MSG
//
// MSG is text for people, an event in ArcSight's CEF or one in QRadar's LEEF 2.0. The structured
// data say which revision of which ticket it is in all of them, and with text more of it. The same
// revision is the same message, whenever it is sent. Pure.
#ifndef SIGNINWATCH_DAEMON_SINKS_SYSLOG_SYSLOG_LINE_H_
#define SIGNINWATCH_DAEMON_SINKS_SYSLOG_SYSLOG_LINE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "daemon/sinks/ticket_message.h"
#include "daemon/sinks/ticket_system.h"

namespace signinwatch::sinks {

enum class SyslogFormat : uint8_t { kRfc5424, kCef, kLeef };

struct SyslogForm {
  SyslogFormat format = SyslogFormat::kRfc5424;
  std::string host = {};       // that sends it; what no host is called by is left out
  int64_t enterprise = 32473;  // in the name of the structured data
};

// With what frames it: collectors cut what is longer.
inline constexpr size_t kSyslogBytesMax = 8'191;

// One line without its end and without control characters, of at most kSyslogBytesMax less a
// frame's few bytes. The reference is never cut off.
[[nodiscard]] std::string SyslogLine(const Telling& telling, const MessageWording& wording,
                                     const SyslogForm& form);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_SYSLOG_SYSLOG_LINE_H_
