// From where a user has signed in before (SPEC 6.2, `unfamiliar_source`).
//
// (Methods of MFA are asked for by day too, and are kept as one kind of source more.)
//
// An address network, country or device is familiar at s if the user had a success from it on one
// of the `familiar_days` UTC days before the day of s, or on that day before s. To answer that for
// any s that is still to be decided, each source needs the days on which it was seen, and for the
// days of such s the time of its first success. In nearly all cases that is a bitmap and the first
// successes of the last two days: 24 bytes a source. What does not fit (a burst that is open over
// more days, a watermark days behind) spills to a list that few users ever have.
#ifndef SIGNINWATCH_DETECTORS_FAMILIARITY_H_
#define SIGNINWATCH_DETECTORS_FAMILIARITY_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "parser/event_time.h"
#include "parser/ip_address.h"

namespace signinwatch {

// What a source is compared by; 0 is none. The kind is in the top bits, so that kinds never meet.
using SourceKey = uint64_t;
[[nodiscard]] constexpr SourceKey CountrySource(uint64_t country_key) {
  return country_key == 0 ? 0 : (country_key >> 4 | uint64_t{1} << 60);
}
[[nodiscard]] constexpr SourceKey DeviceSource(uint64_t device_key) {
  return device_key == 0 ? 0 : (device_key >> 4 | uint64_t{1} << 61);
}
[[nodiscard]] inline SourceKey AddressSource(const IpAddress& address) {
  return address.FamiliarNetwork();
}
// A method by which MFA was passed (mfa_methods.h): not a source by which anything is unfamiliar,
// but the days on which it was seen are asked for as theirs are.
[[nodiscard]] constexpr SourceKey MfaSource(uint64_t method_key) {
  return method_key >> 4 | uint64_t{3} << 60;
}
[[nodiscard]] constexpr bool IsMfaSource(SourceKey key) { return key >> 60 == 3; }
[[nodiscard]] constexpr bool IsAddressSource(SourceKey key) { return key >> 62 != 0; }

// A first success of a day that the 24 bytes of its source have no room for.
struct SpilledDay {
  SourceKey source;
  EventTime first;  // the first success of its UTC day
};

class FamiliarSources {
 public:
  // A success from `source` at `t`. Questions will be asked about s at or after `horizon` only;
  // what would be lost for them goes to `spilled`. At `sources_max` the source seen longest ago is
  // forgotten (*evicted is incremented). True when anything changed.
  bool Note(SourceKey source, EventTime t, EventTime horizon, int familiar_days, size_t sources_max,
            std::vector<SpilledDay>* spilled, uint64_t* evicted);

  [[nodiscard]] bool Familiar(SourceKey source, EventTime s, int familiar_days,
                              const std::vector<SpilledDay>* spilled) const;
  // Whether any address is familiar at s.
  [[nodiscard]] bool AnyAddress(EventTime s, int familiar_days,
                                const std::vector<SpilledDay>* spilled) const;

  // The methods of MFA of the `familiar_days` UTC days before the day of s, in no order, each with
  // the latest such day (UTC, since 1970).
  [[nodiscard]] std::vector<std::pair<SourceKey, int64_t>> MfaDays(
      EventTime s, int familiar_days, const std::vector<SpilledDay>* spilled) const;

  // Forgets sources that no question at or after `horizon` can find familiar. True when any were.
  bool Prune(EventTime horizon, int familiar_days);

  [[nodiscard]] bool empty() const { return sources_.empty(); }
  [[nodiscard]] size_t size() const { return sources_.size(); }
  [[nodiscard]] size_t bytes() const { return sources_.capacity() * sizeof(Source); }
  // The day (UTC, since 1970) of the latest success; 0 when empty.
  [[nodiscard]] int64_t LatestDay() const;
  void Prefetch() const { __builtin_prefetch(sources_.data()); }

  // 24 bytes, plain data: this is also what is saved.
  struct Source {
    SourceKey key = 0;
    uint32_t days = 0;         // bit i: a success on day newest - i
    uint16_t newest = 0;       // days since 2000-01-01
    uint8_t first[2][5] = {};  // microseconds into the day of the first success, little-endian, of
                               // the newest day and of the next bit of `days`
  };
  static_assert(sizeof(Source) == 24);
  [[nodiscard]] const std::vector<Source>& sources() const { return sources_; }
  void Restore(std::vector<Source> sources) { sources_ = std::move(sources); }

 private:
  std::vector<Source> sources_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_FAMILIARITY_H_
