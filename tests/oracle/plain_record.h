// One accepted record as the oracle sees it: the fields of SPEC 3.2, plain and owned.
//
// Nothing here is shared with the parser or the detectors, so that a mistake in their types can't
// hide itself by being made on both sides. Text that is absent is empty.
#ifndef SIGNINWATCH_TESTS_ORACLE_PLAIN_RECORD_H_
#define SIGNINWATCH_TESTS_ORACLE_PLAIN_RECORD_H_

#include <cstdint>
#include <optional>
#include <string>

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
  // and the fourth. A risk event has its user and nothing else besides.
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
  bool interactive = false;     // isInteractive, with the category's default

  // Audit records.
  std::string operation;  // properties.activityDisplayName, else operationName; as written
  bool success = false;   // the result is a success by SPEC 3.2
  PlainActor actor;

  [[nodiscard]] bool is_audit() const { return category == "AuditLogs"; }
  [[nodiscard]] bool is_risk_event() const { return category == "UserRiskEvents"; }
};

}  // namespace signinwatch::oracle

#endif  // SIGNINWATCH_TESTS_ORACLE_PLAIN_RECORD_H_
