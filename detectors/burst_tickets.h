// The tickets of bursts: which burst has which ticket, and what is said of it when (SPEC 7).
//
// Every burst has a ticket; bursts of a track that are less than reopen_within apart share the
// oldest. A ticket is touched when something of it may have changed, looked at by the pace of the
// desk (ticket_desk.h), and sent if its facts (ticket_facts.h) give a reason to. Before a ticket is
// sent, those that it names are. What waits for its minute outlives the burst that it tells of.
#ifndef SIGNINWATCH_DETECTORS_BURST_TICKETS_H_
#define SIGNINWATCH_DETECTORS_BURST_TICKETS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "detectors/change_journal.h"
#include "detectors/config.h"
#include "detectors/explainer.h"
#include "detectors/keys.h"
#include "detectors/rule_book.h"
#include "detectors/session.h"
#include "detectors/state_row.h"
#include "detectors/tenant_table.h"
#include "detectors/text_pool.h"
#include "detectors/ticket.h"
#include "detectors/ticket_desk.h"
#include "detectors/ticket_facts.h"
#include "detectors/ticket_ids.h"
#include "detectors/track_bursts.h"
#include "detectors/track_table.h"

namespace signinwatch {

class BurstTickets {
 public:
  // What it looks at; all must outlive it. Of tenants it says which may be idle, of tracks it gives
  // the bursts their tickets.
  struct Tables {
    const DetectionConfig* config;
    const RuleBook* rules;
    const TextPool* pool;
    const UserTable* users;
    const Explainer* explainer;
    const TicketFacts* facts;
    TenantTable* tenants;
    TrackTable* tracks;
    ChangeJournal* journal;
  };
  // The fold's clocks at a call.
  struct Now {
    EventTime watermark;
    EventTime moment;  // processing time; see Detector
  };

  explicit BurstTickets(const Tables& tables);

  // ---- what became of a track's bursts
  // The update joined two sessions: if both were bursts, their tickets become one.
  void NoteJoined(Track* track, const TrackUpdate& update, Now now);
  // A failure was taken, and the track settled. `moved`: there is a new burst, or a start moved, or
  // sessions were joined.
  void NoteFailure(const TrackRef& ref, Track* track, const TrackUpdate& update,
                   const Failure& failure, bool moved, Now now);
  // The track was settled later; `moved` as above.
  void NoteSettled(const TrackRef& ref, Track* track, bool moved, Now now);
  // Gives every burst of the track its ticket.
  void Assign(const TrackRef& ref, Track* track, Now now);
  // Looks whether correlation_grace is over, if the session is a burst.
  void NoteGrace(Session* session, Now now);
  // Closes an open session. False: it has no burst with a ticket, and stays.
  [[nodiscard]] bool Close(const TrackRef& ref, Track* track, size_t index, Now now);
  // Forgets past bursts that are held long enough, and tickets of which none is held.
  void ForgetPast(GroupBy scope, Track* track, Now now);

  // ---- what else may change what they say
  using Weight = TicketDesk::Weight;
  // `late`: a credential event came late, so resolved tickets are to be looked at too.
  void TouchUser(const UserKey& user, Now now, bool late = false);
  void TouchTenant(TenantIndex tenant, Now now, Weight weight = Weight::kFull);
  // A risk event of the user: open bursts, and resolved ones that may still be revised by it.
  void TouchForRisk(const UserKey& user, Now now);
  // All that a change may explain of the user, whose name it bears (0: none).
  void TouchForChange(const UserKey& user, TextId name, Now now, bool late);
  // A change of security info of the user, whose name it bears (0: none).
  void TouchForSecurityInfo(const UserKey& user, TextId name, Now now) {
    TouchNamed(user, name, now, false);
  }

  // ---- sending
  // When a look is due next; kEndOfTime: none is.
  [[nodiscard]] EventTime next_due() const { return desk_.next_due(); }
  void RunReviews(Now now);
  [[nodiscard]] std::vector<Ticket> TakeRevisions() { return desk_.TakeRevisions(); }

  // ---- holding
  void ForgetIds(EventTime watermark);
  // False: there was none to let go of.
  bool EvictOldest(Now now);
  [[nodiscard]] bool HasTenant(TenantIndex tenant) const { return of_tenants_.contains(tenant); }
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    desk_.ForEach(visit);
  }
  [[nodiscard]] size_t size() const { return desk_.size(); }
  // Estimate of the memory held; O(1).
  [[nodiscard]] size_t bytes() const;
  [[nodiscard]] uint64_t evicted() const { return desk_.evicted() + ids_.evicted(); }
  // Values that the bounds of counted lists cost, of closed bursts.
  [[nodiscard]] uint64_t values_evicted() const { return values_evicted_; }
  // Saved in the meta row, as the next.
  [[nodiscard]] uint64_t& bursts_opened() { return bursts_opened_; }
  [[nodiscard]] TicketNumber next_number() const { return desk_.next_number(); }
  void RestoreNextNumber(TicketNumber next) { desk_.RestoreNextNumber(next); }

  // ---- rows
  using Emit = std::function<void(StateRow)>;
  void Save(const Emit& emit);
  // Since the last of the two; with deletions.
  void SaveChanges(const Emit& emit);
  // The rows of this moment are saved.
  void StartJournal();
  // False: damaged.
  [[nodiscard]] bool ReadTicket(std::string_view key, const SavedRules& saved, RowReader* row,
                                const std::function<TenantIndex(const TenantId&)>& tenant_of);
  [[nodiscard]] bool ReadId(std::string_view key, std::string_view value);
  // Of what was read: which of the saved rules are needed still, and where they are now.
  void NoteRules(std::vector<bool>* used) const;
  void AdoptRules(const RuleBook::Places& places);
  void AfterLoad() { desk_.LinkMerging(); }
  void JournalAll() { desk_.JournalAll(); }

 private:
  // What is held of one tenant.
  struct OfTenant {
    size_t tickets = 0;
    std::vector<TicketNumber> of_users;
  };

  [[nodiscard]] TicketNumber Open(const TrackRef& ref, const Session& session,
                                  const BurstRef* before, Now now);
  // `first`: of the burst, may be nullptr.
  [[nodiscard]] std::string NewId(const TrackRef& ref, EventTime start, const Failure* first);
  // The id of a ticket that another one is about to name, which is sent first if it is not yet.
  // Empty: it is not held.
  [[nodiscard]] std::string NamedId(TicketNumber number, Now now);
  // Two tickets of the track become one, the older.
  void Merge(Track* track, TicketNumber a, TicketNumber b, Now now);
  // What may be of the user by id or by name.
  void TouchNamed(const UserKey& user, TextId name, Now now, bool late);
  [[nodiscard]] bool ReachesPasswordFailures(const UserKey& user, EventTime end_before,
                                             EventTime end) const;
  void Hold(const UserKey& key, TicketNumber number);
  void Drop(TicketNumber number, Now now);

  void Review(TicketNumber number, Now now);
  void ReviewOpen(TicketNumber number, TicketEntry* entry, Track* track, Session* session, Now now);
  // Makes facts that were judged whole, with the ticket's parent.
  void Complete(const Session& session, const TicketEntry& entry, BurstFacts* facts, Now now);
  // What is to be said of a resolved ticket, if anything.
  [[nodiscard]] std::unique_ptr<Ticket> RevisionOfResolved(TicketEntry* entry,
                                                           const PastBurst& burst, Now now);
  // The last that is said of a ticket which is merged into `kept`, or whose goes on nowhere.
  [[nodiscard]] static Ticket MergedTicket(const TicketEntry& entry, std::string kept, Now now);
  // The last revision of a ticket of which nothing else will be held; then it goes.
  void SendParting(TicketNumber number, std::unique_ptr<Ticket> parting, Now now);

  // The tenant's burst that the span overlaps, the first of several; 0: none.
  [[nodiscard]] TicketNumber ParentOf(TenantIndex tenant, EventTime start, EventTime end);
  // Revises resolved user tickets that a burst of the tenant now overlaps.
  void LinkUserTickets(TenantIndex tenant, Now now);
  [[nodiscard]] const std::vector<TicketNumber>& UserTicketsOf(TenantIndex tenant) const;

  void EmitTicket(TicketNumber number, const Emit& emit);
  void EmitId(const Hash128& id, EventTime start, const Emit& emit);

  const Tables t_;
  TicketDesk desk_;
  TicketIds ids_;
  absl::flat_hash_map<TenantIndex, OfTenant, TableHash> of_tenants_;
  uint64_t bursts_opened_ = 0;
  uint64_t values_evicted_ = 0;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_BURST_TICKETS_H_
