// The naive oracle: the final tickets of a set of records, from SPEC 4 to 7 alone.
//
// It sorts and scans the whole set, knows no stream, no watermark and no state, and shares no code
// with the detectors. What it returns is what the promise of SPEC 4 ("same answer as batch") holds
// of: each ticket as in SPEC 7 but for
//   - ticket_id, revision, reason, opened_at, resolved_at, title, summary and runbook,
//   - parent_ticket_id, in whose place stands `parent_key`: null, or
//     "detector|tenant|first_event_time" of the ticket that is the parent.
// Where a sentence of the contract can be read in two ways, the comment at the place says which way
// was taken.
#ifndef SIGNINWATCH_TESTS_ORACLE_ORACLE_H_
#define SIGNINWATCH_TESTS_ORACLE_ORACLE_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/oracle/oracle_config.h"
#include "tests/oracle/plain_record.h"

namespace signinwatch::oracle {

// Sorted by first_event_time, tenant, detector and user (SPEC 8).
[[nodiscard]] std::vector<nlohmann::json> OracleTickets(const std::vector<PlainRecord>& records,
                                                        const OracleConfig& config);

// SPEC 5.4: whether some session lasts `max_duration` or longer, which is outside the promise.
[[nodiscard]] bool HasLongSession(const std::vector<PlainRecord>& records,
                                  const OracleConfig& config);

// What tickets are sorted by, as one text.
[[nodiscard]] std::string SortKey(const nlohmann::json& ticket);

// 2026-11-24T09:00:00.000000Z
[[nodiscard]] std::string FormatTime(int64_t time_us);

}  // namespace signinwatch::oracle

#endif  // SIGNINWATCH_TESTS_ORACLE_ORACLE_H_
