// What encoder and decoder share of the layout that docs/signals.md describes. For the sources of
// this folder only.
#ifndef SIGNINWATCH_DAEMON_SIGNALS_SIGNAL_LAYOUT_H_
#define SIGNINWATCH_DAEMON_SIGNALS_SIGNAL_LAYOUT_H_

#include <cstdint>
#include <string_view>

namespace signinwatch::signals {

inline constexpr std::string_view kSignalMagic = "SW";

enum class SignalKind : uint8_t { kSignals = 1, kWatermarks = 2, kSources = 3 };

// The first number of a signal: its category in the lowest three bits, then these.
enum SignalHead : uint8_t {
  kHeadCategory = 7,
  kHeadInteractive = 8,
  kHeadGuest = 16,
  kHeadModernClient = 32,
  kHeadAll = 63,
};

// The second: what it has. The fields follow in this order; what successes have comes first, so
// that theirs is one byte.
enum SignalHas : uint32_t {
  kHasUser = 1u << 0,
  kHasUserName = 1u << 1,  // with kHasUser: the user is known by name only
  kHasAddress4 = 1u << 2,
  kHasAddress6 = 1u << 3,
  kHasCountry = 1u << 4,
  kHasDevice = 1u << 5,
  kHasMfaMethod = 1u << 6,
  kHasCode = 1u << 7,  // another than 0; then a FailureDetail follows the fields
  kHasGuidId = 1u << 8,
  kHasTextId = 1u << 9,
  kHasUserPrincipalName = 1u << 10,
  kHasAppId = 1u << 11,
  kHasAppName = 1u << 12,
  kHasHomeTenant = 1u << 13,
  kHasAll = (1u << 14) - 1,
};

// The bits of a source partition's state.
enum SourceFlags : uint8_t {
  kSourceAtEnd = 1,
  kSourceIdle = 2,
  kSourceHasLast = 4,
  kSourceHasWatermark = 8,
  kSourceAll = 15,
};

}  // namespace signinwatch::signals

#endif  // SIGNINWATCH_DAEMON_SIGNALS_SIGNAL_LAYOUT_H_
