// How records leave a tenant: late, in lumps, some of them twice.
//
// Measured in live tenants: sign-ins were exported 28 s to 18 min after they happened, and 3 to 4 %
// of them again, up to four times, with the same properties and a fresh `time`. The export runs
// about every five minutes and packs what it has into messages of up to 256 KB. So the order of
// arrival says little about the order of events.
//
// Here a record arrives at most kArrivalDelayMax after it happened: less than the default
// allowed_lateness of 30 min, so nothing is late.
#ifndef SIGNINWATCH_DAEMON_GENERATOR_EXPORTER_H_
#define SIGNINWATCH_DAEMON_GENERATOR_EXPORTER_H_

#include <array>
#include <cstdint>
#include <vector>

#include "daemon/generator/random.h"
#include "daemon/generator/ticks.h"

namespace signinwatch::generator {

inline constexpr Ticks kExportDelayMin = 28 * kSecond;
inline constexpr Ticks kExportDelayMax = 18 * kMinute;
inline constexpr Ticks kCopyDelayMax = 22 * kMinute;
inline constexpr int64_t kExportMinutes = 5;
inline constexpr Ticks kArrivalDelayMax = kCopyDelayMax + kExportMinutes * kMinute;

inline constexpr uint32_t kNotPlanted = 0xffffffff;

// A record on its way, in few bytes: rates may be high.
struct Pending {
  Ticks event_time;
  Ticks ready_time;  // when the export has it; the arrival is the tenant's next export
  uint64_t seed;
  uint32_t tenant;
  uint32_t crew = 0;  // background: index into Population::crews()
  uint32_t user = 0;  // number in the tenant
  uint32_t planted = kNotPlanted;
};

class Exporter {
 public:
  // `start`: of the first minute.
  explicit Exporter(Ticks start) : start_(start) {}

  // When a record is ready that happened at `event_time`.
  static Ticks ReadyTime(Ticks event_time, Random& random);

  // Takes a record; with `copies`, now and then also further copies of it. Its ready_time lies at
  // most kCopyDelayMax after the start of the minute that is flushed next.
  void Add(const Pending& pending, bool copies, Random& random);

  // What arrives in minute `minute` since the start, by tenant, then by ready_time. Minutes are
  // flushed one after the other. Valid until the next call.
  const std::vector<Pending>& Flush(int64_t minute);

  // Copies added so far.
  [[nodiscard]] uint64_t copies() const { return copies_; }

 private:
  static constexpr int64_t kBuckets = 32;
  static_assert(kBuckets * kMinute > kArrivalDelayMax + kMinute);

  void Put(const Pending& pending);

  Ticks start_;
  uint64_t copies_ = 0;
  std::array<std::vector<Pending>, kBuckets> buckets_;  // by arrival minute
  std::vector<Pending> flushed_;
};

}  // namespace signinwatch::generator

#endif  // SIGNINWATCH_DAEMON_GENERATOR_EXPORTER_H_
