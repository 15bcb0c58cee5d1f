// Durations and sizes as people write them in the configuration and on the command line.
#ifndef SIGNINWATCH_DAEMON_CONFIG_QUANTITIES_H_
#define SIGNINWATCH_DAEMON_CONFIG_QUANTITIES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "parser/event_time.h"

namespace signinwatch::config {

// "30m", "24h", "1h30m", "500ms": whole numbers, each with its unit (d, h, m, s, ms), from the
// greatest unit to the least, each unit once. nullopt for anything else, a bare number included, or
// above 100 years.
[[nodiscard]] std::optional<Duration> ParseDuration(std::string_view text);
// As ParseDuration reads it; parts below a millisecond are cut.
[[nodiscard]] std::string FormatDuration(Duration duration);

// Bytes: "16MiB", "64KiB", "1GB" or a bare number; B, KB, MB, GB are powers of 1,000 and KiB, MiB,
// GiB of 1,024. nullopt for anything else, or above 2^62.
[[nodiscard]] std::optional<int64_t> ParseSize(std::string_view text);
[[nodiscard]] std::string FormatSize(int64_t bytes);

// A whole number in decimal digits with an optional minus, and nothing else.
[[nodiscard]] std::optional<int64_t> ParseInteger(std::string_view text);
// Decimal digits with an optional minus and fraction ("20", "0.5"), and nothing else.
[[nodiscard]] std::optional<double> ParseReal(std::string_view text);

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_QUANTITIES_H_
