// One accepted record as the oracle sees it: the fields of SPEC 3.2, plain and owned.
//
// Nothing here is shared with the parser or the detectors, so that a mistake in their types can't
// hide itself by being made on both sides. Text that is absent is empty.
#ifndef SIGNINWATCH_TESTS_ORACLE_PLAIN_RECORD_H_
#define SIGNINWATCH_TESTS_ORACLE_PLAIN_RECORD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace signinwatch::oracle {

// `initiatedBy` of an audit record, as written.
struct PlainActor {
  std::string user_principal_name;
  std::string user_id;
  std::string app_display_name;
  std::string service_principal_name;
  std::string service_principal_id;
  std::string app_id;
};

struct PlainRecord {
  // "SignInLogs", "NonInteractiveUserSignInLogs", "ADFSSignInLogs", "AuditLogs" or
  // "UserRiskEvents": the name as Entra writes it, after `SignIn` and `Audit` have become the first
  // and the fourth.
  std::string category;
  int64_t time_us = 0;  // event time, microseconds since 1970-01-01T00:00:00Z
  std::string tenant;   // lower-cased
  std::string id;       // properties.id as written; empty: no id

  // The user of a sign-in, or the target of an audit record (its first of type User).
  std::string user_id;              // object id, lower-cased; empty: none (the zero GUID too)
  std::string user_principal_name;  // as written; empty: none

  // Sign-ins.
  std::optional<int64_t> code;  // always set for a sign-in, never for others
  std::string address;          // RFC 5952 (IPv4 dotted, IPv4 in IPv6 as IPv4); empty: none
  std::string network;          // equal exactly when IPv4 /24 or IPv6 /48 are; empty: none
  std::string country;          // as written
  std::string device_id;        // as written; the zero GUID is absent
  std::string app_id;           // as written; the zero GUID is absent
  std::string app_name;         // as written
  std::string client_app;       // clientAppUsed as written
  std::string correlation_id;   // as written
  std::string user_type;        // as written
  std::string home_tenant;      // homeTenantId, lower-cased; the zero GUID is absent
  bool interactive = false;     // isInteractive, with the category's default

  // SPEC 6.5: of failed sign-ins; of others empty.
  std::string conditional_access;             // success, failure, not_applied or unknown
  std::vector<std::string> failing_policies;  // as written, each once
  std::string token_type;                     // as written; `none` is absent
  std::string session_id;                     // as written
  std::string sign_in_risk;                   // low, medium or high; all else is empty
  // Of successes that can make a source familiar.
  std::string mfa_method;  // as written, or `satisfied by claim`; empty: MFA was not seen

  // Risk events, as written.
  std::string risk_type;
  std::string risk_level;
  std::string risk_state;
  int64_t risk_updated_us = 0;  // lastUpdatedDateTime, else `time`, else the event time

  // Audit records.
  std::string target_name;  // displayName of the first target, of whatever type; as written
  std::string operation;    // properties.activityDisplayName, else operationName; as written
  bool success = false;     // the result is a success by SPEC 3.2
  PlainActor actor;

  [[nodiscard]] bool is_audit() const { return category == "AuditLogs"; }
  [[nodiscard]] bool is_sign_in() const { return code.has_value(); }
  [[nodiscard]] bool is_risk_event() const { return category == "UserRiskEvents"; }
};

}  // namespace signinwatch::oracle

#endif  // SIGNINWATCH_TESTS_ORACLE_PLAIN_RECORD_H_
