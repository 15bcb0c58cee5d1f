// Takes out of a text what must not be in a log: the other side's error messages repeat what they
// were sent. Pure.
#ifndef SIGNINWATCH_DAEMON_SINKS_REDACTION_H_
#define SIGNINWATCH_DAEMON_SINKS_REDACTION_H_

#include <string>
#include <string_view>

namespace signinwatch::sinks {

// User principal names and mail addresses, object ids (GUIDs), IP addresses and the paths and
// queries of URLs become "…". Of what is longer than kErrorTextBytesMax the beginning is kept.
inline constexpr size_t kErrorTextBytesMax = 300;
[[nodiscard]] std::string WithoutPeople(std::string_view text);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_REDACTION_H_
