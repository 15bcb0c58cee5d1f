// The guide's questions (SPEC 6.5), by scan over all records: a ticket's `context`, `timeline`, and
// what findings follow from the first.
#ifndef SIGNINWATCH_TESTS_ORACLE_CONTEXT_H_
#define SIGNINWATCH_TESTS_ORACLE_CONTEXT_H_

#include <nlohmann/json.hpp>
#include <string>

#include "tests/oracle/bursts.h"
#include "tests/oracle/causes.h"
#include "tests/oracle/oracle_config.h"

namespace signinwatch::oracle {

// Of a user's burst.
[[nodiscard]] nlohmann::json UserContext(const Facts& facts, const UserSpan& span,
                                         const OracleConfig& config);
// Of a tenant's.
[[nodiscard]] nlohmann::json TenantContext(const Facts& facts, const std::string& tenant,
                                           const Burst& burst);

// The finding `risk_detected`, of a user's burst.
[[nodiscard]] bool RiskDetected(const Facts& facts, const UserSpan& span,
                                const OracleConfig& config);

// Failures by time: at most 60 counts from the first one's whole minute on, the step being the
// least of 1, 5, 15, 60 min and its doubles that is enough.
[[nodiscard]] nlohmann::json TimelineOf(const Burst& burst);

}  // namespace signinwatch::oracle

#endif  // SIGNINWATCH_TESTS_ORACLE_CONTEXT_H_
