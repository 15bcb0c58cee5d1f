// Values as the exporter toolkit's YAML reader (go.yaml.in/yaml/v2) takes them.
#ifndef SIGNINWATCH_DAEMON_CONFIG_GO_VALUES_H_
#define SIGNINWATCH_DAEMON_CONFIG_GO_VALUES_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace signinwatch::config {

// YAML 1.1: true, yes, on, y, in small letters, capitals or with a capital first; and their
// opposites.
[[nodiscard]] std::optional<bool> ParseGoBool(const std::string& text);

// Decimal, 0x, 0b or 0 (octal), with a sign and underscores; what is behind a decimal point is cut
// off.
[[nodiscard]] std::optional<int64_t> ParseGoInteger(const std::string& text);

// time.ParseDuration: "1h30m", "-1.5s", "500ms", "0"; a bare number is nanoseconds.
[[nodiscard]] std::optional<std::chrono::nanoseconds> ParseGoDuration(const std::string& text);

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_GO_VALUES_H_
