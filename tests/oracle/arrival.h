// One of the many ways in which a set of records can arrive without any of them being late.
#ifndef SIGNINWATCH_TESTS_ORACLE_ARRIVAL_H_
#define SIGNINWATCH_TESTS_ORACLE_ARRIVAL_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/oracle/oracle_config.h"
#include "tests/oracle/plain_record.h"

namespace signinwatch::oracle {

struct Step {
  enum class What : uint8_t {
    kRecord,     // `record` arrives in `partition`
    kBatchEnds,  // the records since the last end came in one message
    kIdle,       // `partition` is read to its end and holds nobody back from here on
    kSave,       // commit all state; `whole`: all rows, else those that changed
    kRestart,    // go on with a new detector, loaded from what was saved last, and read again
                 // what came since then
  };
  What what = What::kRecord;
  size_t record = 0;  // index into the records
  size_t partition = 0;
  uint64_t variant = 0;  // spelling of the record (record_text.h)
  bool whole = false;
};

struct Arrival {
  size_t partitions = 1;
  int64_t allowed_lateness = 0;      // microseconds
  bool watermark_per_batch = false;  // AdvanceTo at the end of a batch only, not for each record
  // The processing clock: microseconds of wall time a step, or 0: event time, as in replay.
  int64_t clock_step = 0;
  bool may_be_late = false;
  size_t tickets_max = 0;  // DetectionLimits::tickets; 0: the default
  std::vector<Step> steps;
};

// Every record once or more (copies only of records with an id, and of successes, which need
// none: SPEC 4), in 1 to 4 partitions, shuffled as far as the lateness allows, with saves and
// restarts in between. Risk events may come much later: as long as they still revise.
[[nodiscard]] Arrival MakeArrival(const std::vector<PlainRecord>& records,
                                  const OracleConfig& config, uint64_t seed);

// As MakeArrival, but some records may be late, and few tickets be held: outside the promise, but
// not outside of what a receiver may count on.
[[nodiscard]] Arrival MakeWildArrival(const std::vector<PlainRecord>& records,
                                      const OracleConfig& config, uint64_t seed);

// How many records are late on arrival: below the stream's watermark (SPEC 2, 4).
[[nodiscard]] size_t LateRecords(const Arrival& arrival, const std::vector<PlainRecord>& records);
// How many come at the last moment: their event time is the stream's watermark.
[[nodiscard]] size_t RecordsAtTheWatermark(const Arrival& arrival,
                                           const std::vector<PlainRecord>& records);

}  // namespace signinwatch::oracle

#endif  // SIGNINWATCH_TESTS_ORACLE_ARRIVAL_H_
