// Options of types of sinks that send over a network.
#ifndef SIGNINWATCH_DAEMON_CONFIG_SINKS_SENDING_H_
#define SIGNINWATCH_DAEMON_CONFIG_SINKS_SENDING_H_

#include <chrono>
#include <vector>

#include "daemon/config/stored_option.h"

namespace signinwatch {

// Whom to trust, and how long to wait after a failure.
[[nodiscard]] inline std::vector<Option<SinkConfig>> SendingOptions() {
  using std::chrono::hours;
  using std::chrono::milliseconds;
  return {
      Unset(StoredIn("ca_file", FormKind{TextForm::kPath}, &SinkConfig::ca_file,
                     "Certificates of the authorities that are trusted instead of the "
                     "system's, PEM. Those of the system if not set."),
            "/etc/ssl/certs/ca-certificates.crt"),
      StoredIn("backoff_min", DurationKind{milliseconds(10), hours(1)}, &SinkConfig::backoff_min,
               "Wait after the first temporary failure; doubled after each further one, with "
               "jitter."),
      StoredIn("backoff_max", DurationKind{milliseconds(10), hours(24)}, &SinkConfig::backoff_max,
               "The longest wait between attempts.")};
}

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_CONFIG_SINKS_SENDING_H_
