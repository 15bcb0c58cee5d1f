// Why a burst is there (SPEC 6): its cause, the changes around it, and whether its sources are
// familiar.
#ifndef SIGNINWATCH_DETECTORS_EXPLAINER_H_
#define SIGNINWATCH_DETECTORS_EXPLAINER_H_

#include <functional>
#include <vector>

#include "detectors/config.h"
#include "detectors/credential_log.h"
#include "detectors/failure.h"
#include "detectors/subject.h"
#include "detectors/ticket.h"
#include "detectors/user_table.h"

namespace signinwatch {

class Explainer {
 public:
  // All must outlive the explainer.
  Explainer(const DetectionConfig* config, const TextPool* pool, const CredentialLog* credentials,
            const UserTable* users)
      : config_(config), pool_(pool), credentials_(credentials), users_(users) {}

  [[nodiscard]] Cause CauseOf(const Subject& subject, EventTime watermark) const;
  // As the ticket lists them: in [start - lookback, max(end, start + max_clock_skew)], by time.
  [[nodiscard]] std::vector<TicketChange> ChangesOf(const Subject& subject) const;
  // Whether `failure` came from an unfamiliar source as seen at `start`. `state` may be nullptr.
  [[nodiscard]] bool Unfamiliar(const UserState* state, const Failure& failure,
                                EventTime start) const;
  // Fills changes_by_kind and changes_by_actor: the tenant's changes in [start - 24 h, end].
  void CountTenantChanges(TenantIndex tenant, EventTime start, EventTime end, Ticket* ticket) const;

 private:
  using Visit = std::function<void(const UserKey& owner, const CredentialLog::History& history,
                                   const Change& change)>;
  // Every change of the subject's user, at whatever time.
  void ForEachChange(const Subject& subject, const Visit& visit) const;

  const DetectionConfig* config_;
  const TextPool* pool_;
  const CredentialLog* credentials_;
  const UserTable* users_;
};

// Of the cause with the findings and the scope's one up (SPEC 6.2, 6.3).
[[nodiscard]] Severity SeverityOf(Cause cause, const Findings& findings, GroupBy scope);

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_EXPLAINER_H_
