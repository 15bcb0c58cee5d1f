// Options of types of sinks that send over a network.
#ifndef SIGNINWATCH_DAEMON_CONFIG_SINKS_SENDING_H_
#define SIGNINWATCH_DAEMON_CONFIG_SINKS_SENDING_H_

#include <chrono>
#include <string>
#include <vector>

#include "daemon/config/stored_option.h"

namespace signinwatch::config {

// Whom to trust, and how long to wait after a failure.
[[nodiscard]] inline std::vector<Option<SinkConfig>> SendingOptions() {
  using std::chrono::hours;
  using std::chrono::milliseconds;
  return {
      Unset(StoredIn("ca_file", FormKind{TextForm::kPath}, &SinkConfig::ca_file,
                     "Certificate authorities to trust instead of the system's, PEM. The system's "
                     "if not set."),
            "/etc/ssl/certs/ca-certificates.crt"),
      StoredIn("backoff_min", DurationKind{milliseconds(10), hours(1)}, &SinkConfig::backoff_min,
               "Wait after the first temporary failure; doubled after each further one, with "
               "jitter."),
      StoredIn("backoff_max", DurationKind{milliseconds(10), hours(24)}, &SinkConfig::backoff_max,
               "Longest wait between attempts.")};
}

// Beside these, of types that write to a ticket system.
[[nodiscard]] inline std::vector<Option<SinkConfig>> TicketSystemOptions() {
  using std::chrono::milliseconds;
  using std::chrono::minutes;
  using std::chrono::seconds;
  std::vector<Option<SinkConfig>> options = {
      Setting<Duration>("timeout", DurationKind{milliseconds(100), minutes(5)}, seconds(10),
                        "Deadline of one attempt."),
      Setting<int64_t>("rate_per_minute", IntegerKind{0, 100'000}, 60,
                       "Most requests in any 60 seconds; 0: no limit."),
      Setting<int64_t>(
          "flap_after", IntegerKind{0, 100}, 0,
          "Reopenings within an hour from which on a ticket is flapping: its resolution "
          "is sent only after a quiet hour, and until then the ticket stays open there "
          "and says so. For systems whose tickets can be updated; 0: off."),
      Unset(Setting<std::string>("title", FormKind{TextForm::kTemplate}, {},
                                 "Replaces the ticket's title. {{name}} stands for a field of the "
                                 "ticket, such as {{severity}}. Cut to what the system accepts."),
            "SOC {{severity}} {{title}}"),
      Unset(Setting<std::string>(
                "body", FormKind{TextForm::kTemplate}, {},
                "Replaces the text below the title, in the system's own markup. {{name}} stands "
                "for a field of the ticket. The ticket's id and revision are always added."),
            "Ticket {{ticket_id}} {{summary}}")};
  Append(&options, SendingOptions());
  return options;
}

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_SINKS_SENDING_H_
