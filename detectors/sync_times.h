// When directory synchronisation wrote passwords in a tenant (SPEC 6.5, `sync`): how many records
// in a span, and the latest.
//
// Derived from the credential events, which have the bound and the rows: 8 bytes a record, and
// about 100 for each quarter of an hour of a tenant with any.
#ifndef SIGNINWATCH_DETECTORS_SYNC_TIMES_H_
#define SIGNINWATCH_DETECTORS_SYNC_TIMES_H_

#include <compare>
#include <cstdint>
#include <map>
#include <vector>

#include "detectors/keys.h"
#include "detectors/ticket_context.h"
#include "parser/event_time.h"

namespace signinwatch {

class SyncTimes {
 public:
  void Add(TenantIndex tenant, EventTime time);
  // One that was added.
  void Remove(TenantIndex tenant, EventTime time);
  // In [from, to]. Costs a step for each quarter of an hour.
  [[nodiscard]] SyncContext In(TenantIndex tenant, EventTime from, EventTime to) const;

 private:
  struct Bucket {
    TenantIndex tenant;
    int64_t quarter;  // of hours since 1970
    friend auto operator<=>(const Bucket&, const Bucket&) = default;
  };
  [[nodiscard]] static Bucket BucketOf(TenantIndex tenant, EventTime time);

  std::map<Bucket, std::vector<EventTime>> times_;  // each sorted
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_SYNC_TIMES_H_
