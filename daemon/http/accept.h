// What a client would like to get (RFC 9110, section 12.5), as far as there is a choice.
#ifndef SIGNINWATCH_DAEMON_HTTP_ACCEPT_H_
#define SIGNINWATCH_DAEMON_HTTP_ACCEPT_H_

#include <string_view>

namespace signinwatch::http {

inline constexpr const char* kOpenMetricsType =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";
inline constexpr const char* kPrometheusType = "text/plain; version=0.0.4; charset=utf-8";

// OpenMetrics 1.0 is asked for by name, and not less than plain text.
[[nodiscard]] bool PrefersOpenMetrics(std::string_view accept);
// JSON is asked for by name, and not less than plain text.
[[nodiscard]] bool PrefersJson(std::string_view accept);
[[nodiscard]] bool AcceptsGzip(std::string_view accept_encoding);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_ACCEPT_H_
