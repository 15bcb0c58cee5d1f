// Small adversarial streams: a seed in, a set of records and a configuration out.
//
// A stream is made of stories (a burst and what stands around it) whose times are put on purpose at
// and one microsecond beside every edge of SPEC 4 to 7. Each edge that was aimed at is counted
// under a label, so that a test can see that none is left out.
#ifndef SIGNINWATCH_TESTS_ORACLE_STREAM_H_
#define SIGNINWATCH_TESTS_ORACLE_STREAM_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/oracle/oracle_config.h"
#include "tests/oracle/plain_record.h"

namespace signinwatch::oracle {

struct Stream {
  OracleConfig config;
  // 10 to 300 records, in no order; copies of one record are the arrival's work (arrival.h). No
  // session reaches max_duration (SPEC 5.4: outside the promise), but for wild streams.
  std::vector<PlainRecord> records;
  std::map<std::string, int> labels;
};

// The same seed gives the same stream on every platform.
[[nodiscard]] Stream MakeStream(uint64_t seed);
// One with sessions of max_duration, and days without a record.
[[nodiscard]] Stream MakeWildStream(uint64_t seed);

}  // namespace signinwatch::oracle

#endif  // SIGNINWATCH_TESTS_ORACLE_STREAM_H_
