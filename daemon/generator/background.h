// The ordinary traffic: people at work, by the hours of their time zone, and machines at all hours.
//
// Its failures are of codes that no default detector watches, but for a single watched failure now
// and then, far below every threshold and never in a Lull: so the only tickets are the planted
// ones.
#ifndef SIGNINWATCH_DAEMON_GENERATOR_BACKGROUND_H_
#define SIGNINWATCH_DAEMON_GENERATOR_BACKGROUND_H_

#include <cstdint>
#include <vector>

#include "daemon/generator/exporter.h"
#include "daemon/generator/population.h"
#include "daemon/generator/random.h"
#include "daemon/generator/record.h"
#include "daemon/generator/ticks.h"

namespace signinwatch::generator {

// The part of each day (counted from the traffic's start) in which the background has no watched
// failure, so that what is planted there stands alone in its tenant.
[[nodiscard]] constexpr bool InLull(Ticks since_start) {
  const Ticks t = since_start % kWholeDay;
  return t >= 18 * kHour && t < 23 * kHour + 30 * kMinute;
}

class Background {
 public:
  // `records` 0: about 20 a user and working day.
  Background(const Population& population, uint64_t seed, Ticks start, Ticks duration,
             uint64_t records);

  // Adds the records that happen in minute `minute` since the start. Minutes are asked for one
  // after the other.
  void Emit(int64_t minute, Exporter* exporter);

  // What record it is. The same for every copy.
  void Describe(const Pending& pending, Record* record) const;

  [[nodiscard]] uint64_t records() const { return records_; }

 private:
  void EnterHour(int64_t hour);
  void EmitOne(int64_t minute, Exporter* exporter);
  void EmitWatched(int64_t minute, uint32_t tenant, Exporter* exporter);

  const Population& population_;
  Random random_;
  Ticks start_, duration_;
  uint64_t records_;
  uint64_t watched_one_in_ = 3;      // turns of a tenant, each ten minutes
  uint64_t weight_ = 0;              // of the whole duration
  uint64_t weight_before_ = 0;       // of the minutes before the current one
  uint64_t emitted_ = 0;             // records before the current minute
  std::vector<uint64_t> crew_ends_;  // running sum of the crews' weights in the current hour
};

}  // namespace signinwatch::generator

#endif  // SIGNINWATCH_DAEMON_GENERATOR_BACKGROUND_H_
