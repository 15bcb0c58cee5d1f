// The facts of a ticket: what the tables say of its burst at the time at which it is looked at.
//
// Everything is computed when it is asked for and nothing is kept up to date beside the tables. So
// the facts are a function of the records, whatever the order in which they came.
#ifndef SIGNINWATCH_DETECTORS_TICKET_FACTS_H_
#define SIGNINWATCH_DETECTORS_TICKET_FACTS_H_

#include <cstdint>
#include <vector>

#include "detectors/burst_summary.h"
#include "detectors/config.h"
#include "detectors/evidence.h"
#include "detectors/explainer.h"
#include "detectors/failure_profiles.h"
#include "detectors/rule_book.h"
#include "detectors/session.h"
#include "detectors/text_pool.h"
#include "detectors/ticket.h"
#include "detectors/ticket_desk.h"
#include "detectors/track_bursts.h"
#include "detectors/user_table.h"

namespace signinwatch {

struct BurstFacts {
  Ticket ticket;                // without its parent, which other tickets decide
  std::vector<TextId> names;    // as PastBurst::names; of closed bursts
  bool guest = false;           // likewise
  uint64_t values_evicted = 0;  // what the bounds of the counted lists cost
};

class TicketFacts {
 public:
  // All must outlive it.
  TicketFacts(const DetectionConfig* config, const RuleBook* rules, const TextPool* pool,
              const FailureProfiles* profiles, const UserTable* users, const Explainer* explainer,
              const Evidence* evidence)
      : config_(config),
        rules_(rules),
        pool_(pool),
        profiles_(profiles),
        users_(users),
        explainer_(explainer),
        evidence_(evidence) {}

  // Of the burst of `session`, which is one of `bursts`, those of its track.
  [[nodiscard]] BurstFacts Of(TicketNumber number, const TicketEntry& entry, const Session& session,
                              const std::vector<BurstRef>& bursts, bool closed,
                              EventTime watermark) const;
  // Fills cause, changes, and by them and the context findings and severity of a user's ticket.
  void Explain(const Subject& subject, EventTime watermark, Ticket* ticket) const;
  // What risk events say of a user's ticket, and its severity by that. False: nothing changed.
  [[nodiscard]] bool ReviseRisks(const Subject& subject, Ticket* ticket) const;

 private:
  [[nodiscard]] bool IsPersistent(const std::vector<BurstRef>& bursts, EventTime start,
                                  EventTime end) const;
  void ExplainTenant(TenantIndex tenant, const BurstSummary& summary, bool closed,
                     EventTime watermark, Ticket* ticket) const;
  void Resolve(const TicketEntry& entry, const BurstSummary& summary, Ticket* ticket) const;
  [[nodiscard]] UserKey KeyOf(TenantIndex tenant, const UserText& user) const;

  const DetectionConfig* config_;
  const RuleBook* rules_;
  const TextPool* pool_;
  const FailureProfiles* profiles_;
  const UserTable* users_;
  const Explainer* explainer_;
  const Evidence* evidence_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_TICKET_FACTS_H_
