// The facts of a ticket: what the tables say of its burst at the time at which it is looked at.
//
// Everything is computed when it is asked for and nothing is kept up to date beside the tables, but
// for the summary of a burst, which its session adds to (session.h). So the facts are a function of
// the records, whatever the order in which they came.
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
#include "detectors/subject.h"
#include "detectors/text_pool.h"
#include "detectors/ticket.h"
#include "detectors/ticket_desk.h"
#include "detectors/track_bursts.h"
#include "detectors/track_table.h"
#include "detectors/user_table.h"

namespace signinwatch {

struct BurstFacts {
  Ticket ticket;                          // without its parent, which other tickets decide
  const BurstSummary* summary = nullptr;  // of the session, valid as long as Summarize says
  bool closed = false;
  EventTime watermark;  // as of which it is judged

  // Of a user's burst.
  [[nodiscard]] const BurstSummary::UserSpan& user() const {
    static const BurstSummary::UserSpan kNobody;
    return summary->users().empty() ? kNobody : summary->users().begin()->second;
  }
  [[nodiscard]] Subject SubjectOf(const UserKey& key) const {
    return {key,    user().names_borne, ticket.first_event_time, ticket.last_event_time,
            closed, user().guest};
  }
};

class TicketFacts {
 public:
  // All must outlive it.
  TicketFacts(const DetectionConfig* config, const RuleBook* rules, const TextPool* pool,
              const FailureProfiles* profiles, const UserTable* users, TrackTable* tracks,
              const Explainer* explainer, const Evidence* evidence)
      : config_(config),
        rules_(rules),
        pool_(pool),
        profiles_(profiles),
        users_(users),
        tracks_(tracks),
        explainer_(explainer),
        evidence_(evidence) {}

  // Of the burst of `session`, which is one of `bursts`, those of its track: what decides whether a
  // revision is sent. A look that finds no reason ends here.
  [[nodiscard]] BurstFacts Judge(TicketNumber number, const TicketEntry& entry, Session* session,
                                 const BurstRefs& bursts, bool closed, EventTime watermark) const;
  // Adds all that the ticket tells beyond that.
  void Complete(const TicketEntry& entry, BurstFacts* facts) const;
  // Fills cause, changes, and by them and the context findings and severity of a user's ticket.
  void Explain(const Subject& subject, EventTime watermark, Ticket* ticket) const;
  // What risk events say of a user's ticket, and its severity by that. False: nothing changed.
  [[nodiscard]] bool ReviseRisks(const Subject& subject, Ticket* ticket) const;

 private:
  [[nodiscard]] bool IsPersistent(const BurstRefs& bursts, EventTime start, EventTime end) const;
  // Fills a user's cause, and by it and the context findings and severity.
  void Decide(const Subject& subject, EventTime watermark, Ticket* ticket) const;
  void DecideTenant(TenantIndex tenant, BurstFacts* facts) const;
  [[nodiscard]] Cause CauseOf(TenantIndex tenant, const BurstFacts& facts, const UserText& user,
                              const BurstSummary::UserSpan& span) const;
  void Resolve(const TicketEntry& entry, const BurstSummary& summary, Ticket* ticket) const;
  [[nodiscard]] UserKey KeyOf(TenantIndex tenant, const UserText& user) const;

  const DetectionConfig* config_;
  const RuleBook* rules_;
  const TextPool* pool_;
  const FailureProfiles* profiles_;
  const UserTable* users_;
  TrackTable* tracks_;
  const Explainer* explainer_;
  const Evidence* evidence_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_TICKET_FACTS_H_
