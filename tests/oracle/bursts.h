// Sessions, hot events and bursts (SPEC 5), by sort and scan.
#ifndef SIGNINWATCH_TESTS_ORACLE_BURSTS_H_
#define SIGNINWATCH_TESTS_ORACLE_BURSTS_H_

#include <cstdint>
#include <vector>

#include "tests/oracle/oracle_config.h"
#include "tests/oracle/plain_record.h"

namespace signinwatch::oracle {

using Events = std::vector<const PlainRecord*>;

struct Burst {
  int64_t start_us = 0;
  int64_t end_us = 0;
  Events events;  // from start to end; by time, then id
};

// `events` are those of one key of `rule`, without duplicates, in any order. The sessions, by time.
[[nodiscard]] std::vector<Events> FindSessions(Events events, const OracleRule& rule);

// The bursts of the sessions, by time.
[[nodiscard]] std::vector<Burst> FindBursts(const Events& events, const OracleRule& rule);

}  // namespace signinwatch::oracle

#endif  // SIGNINWATCH_TESTS_ORACLE_BURSTS_H_
