// What the tables say around a burst beside its cause (SPEC 6.5): the parts of a ticket's context
// that come from other records than its failures.
//
// Pure: computed when it is asked for, a function of the tables, as explainer.h.
#ifndef SIGNINWATCH_DETECTORS_EVIDENCE_H_
#define SIGNINWATCH_DETECTORS_EVIDENCE_H_

#include <string>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "detectors/audit_log.h"
#include "detectors/config.h"
#include "detectors/credential_log.h"
#include "detectors/mfa_methods.h"
#include "detectors/risk_log.h"
#include "detectors/subject.h"
#include "detectors/ticket.h"
#include "detectors/user_table.h"

namespace signinwatch {

class Evidence {
 public:
  // What it looks at; all must outlive it.
  struct Tables {
    const DetectionConfig* config;
    const TextPool* pool;
    const UserTable* users;
    const CredentialLog* credentials;
    const MfaMethods* methods;
    const RiskLog* risks;
    const AuditLog* audits;
  };
  explicit Evidence(const Tables& tables);

  // Of a user's ticket whose failures have been written, first what may be a finding (security
  // info, risks), then mfa, policies and sync.
  void WriteDeciding(const Subject& subject, Ticket* ticket) const;
  void WriteRest(const Subject& subject, Ticket* ticket) const;
  // Of a tenant's: policies and sync.
  void WriteOfTenant(TenantIndex tenant, Ticket* ticket) const;
  // Risk events and the finding `risk_detected`, by the ticket's sign-in risk. True where they were
  // others.
  bool WriteRisks(const Subject& subject, Ticket* ticket) const;

 private:
  [[nodiscard]] ShownOf<MfaMethod> MfaOf(const Subject& subject) const;
  [[nodiscard]] ShownOf<AuditChange> SecurityInfoOf(const Subject& subject) const;
  // Of the tenant in [from, to].
  [[nodiscard]] ShownOf<AuditChange> PoliciesOf(TenantIndex tenant, EventTime from,
                                                EventTime to) const;
  [[nodiscard]] bool IsTheft(const RiskEntry& entry) const;

  const Tables t_;
  absl::flat_hash_set<std::string, TableHash> theft_risks_;  // lower-cased
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_EVIDENCE_H_
