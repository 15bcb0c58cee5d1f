// The tickets that are held, and when each is looked at again (SPEC 7).
//
// A ticket is sent at most once a minute, the resolution aside: it is looked at when something of
// it may have changed and a minute has passed since the last revision, and sent if that shows a
// reason to. The desk knows when, not what: it holds the last revision of each ticket and a queue
// of the reviews that are due, by the processing clock.
//
// Looks that find nothing are not paced, only kept affordable. A look costs about as many steps as
// the burst has failures and users. It is free up to kCheapLook steps, and beyond that as soon as
// the touches since the last one have earned it: some steps each, so a record costs a few
// microseconds at most. One that is not earned is made after 100 microseconds a step, and where all
// that came were single failures of a tenant's burst, a minute later still.
#ifndef SIGNINWATCH_DETECTORS_TICKET_DESK_H_
#define SIGNINWATCH_DETECTORS_TICKET_DESK_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "detectors/keys.h"
#include "detectors/session.h"
#include "detectors/ticket.h"
#include "parser/ids.h"

namespace signinwatch {

struct TicketEntry {
  Ticket last;        // as last sent; revision 0: not yet
  uint16_t rule = 0;  // index into DetectionConfig::rules
  UserKey key;        // of the track
  // Bursts of this ticket that its track no longer holds.
  uint32_t earlier_bursts = 0;
  uint64_t earlier_count = 0;
  EventTime sent_at = kBeginningOfTime;  // the last revision
  EventTime review_at = kEndOfTime;      // queued for; kEndOfTime: not queued
  bool recheck_cause = false;            // a late credential event came for a resolved ticket
  bool recheck_risks = false;            // a risk event came for one
  TicketNumber merged_into = 0;          // to be told: the ticket that goes on, which is held
  // The last revision of all, which waits for its minute; nothing else of the ticket is held then.
  // Set by TicketDesk::Part.
  std::unique_ptr<Ticket> parting;

  // Follows from the other entries: those whose merged_into is this one.
  std::vector<TicketNumber> merging;
  // Of the last look, and since; not saved.
  EventTime looked_at = kBeginningOfTime;
  uint64_t look_cost = 0;
  uint64_t earned = 0;
  bool urgent = false;

  // See row_archive.h. `tenant` and `user` stand for the key, whose numbers are of one run.
  template <typename A>
  void Archive(A& a, TenantId& tenant, UserId& user);
};

class TicketDesk {
 public:
  static constexpr Duration kPace = std::chrono::minutes(1);
  static constexpr uint64_t kCheapLook = 64;
  static constexpr Duration kPerStep = std::chrono::microseconds(100);

  TicketDesk(size_t tickets_max, size_t bytes_max)
      : tickets_max_(tickets_max), bytes_max_(bytes_max) {}

  [[nodiscard]] TicketNumber Open(TicketEntry entry);
  // nullptr: not held (any more). Edit is for entries that will be different afterwards.
  [[nodiscard]] TicketEntry* Edit(TicketNumber number);
  [[nodiscard]] const TicketEntry* Find(TicketNumber number) const;
  void Drop(TicketNumber number);
  // The ticket has been resolved: from now on it may be evicted, those resolved longest ago first.
  void NoteResolved(TicketNumber number);
  [[nodiscard]] bool over_limit() const {
    return entries_.size() > tickets_max_ || bytes() > bytes_max_;
  }
  // The ticket to drop to make room, counted in evicted(). 0: none can go, but for the one that was
  // resolved just now.
  [[nodiscard]] TicketNumber EvictOldest();

  // Something of the ticket may have changed: it is to be reviewed as soon as it may be. kSlight:
  // one failure more of a tenant's burst, which changes the whole seldom.
  enum class Weight : uint8_t { kSlight, kFull };
  void Touch(TicketNumber number, EventTime moment, Weight weight = Weight::kFull);
  // The next ticket whose review is due at `moment`, or 0.
  [[nodiscard]] TicketNumber NextDue(EventTime moment);
  // Whether a revision other than the resolution may be sent.
  [[nodiscard]] static bool MaySend(const TicketEntry& entry, EventTime moment) {
    return SendDue(entry, moment) <= moment;
  }
  // After a review of `cost` steps that is about all that there was.
  static void Looked(TicketEntry* entry, EventTime moment, uint64_t cost);
  // When the earliest queued review is due; kEndOfTime: none is queued.
  [[nodiscard]] EventTime next_due() const {
    return queue_.empty() ? kEndOfTime : queue_.top().first;
  }

  // Keeps the last revision of all of the ticket until it may be sent, and gives it back.
  void Part(TicketNumber number, std::unique_ptr<Ticket> parting);
  [[nodiscard]] std::unique_ptr<Ticket> TakeParting(TicketNumber number);
  // Takes the revision down as the ticket's last and queues it for TakeRevisions.
  void Send(TicketNumber number, Ticket ticket, RevisionReason reason, EventTime moment);
  [[nodiscard]] std::vector<Ticket> TakeRevisions() { return std::exchange(revisions_, {}); }

  template <typename F>
  void ForEach(F visit) const {
    for (const auto& [number, entry] : entries_) visit(number, std::as_const(*entry));
  }
  // What `visit` changes is in no journal.
  template <typename F>
  void ForEach(F visit) {
    for (const auto& [number, entry] : entries_) visit(number, *entry);
  }
  [[nodiscard]] size_t size() const { return entries_.size(); }
  // Estimate of the memory held; O(1).
  [[nodiscard]] size_t bytes() const;
  [[nodiscard]] uint64_t evicted() const { return evicted_; }
  [[nodiscard]] TicketNumber next_number() const { return next_number_; }
  // Numbers of tickets that were opened, sent, touched or dropped since the last call; kept from
  // the first call on.
  [[nodiscard]] std::vector<TicketNumber> TakeJournal();
  // As if all had been touched.
  void JournalAll() {
    for (const auto& [number, entry] : entries_) Journal(number);
  }
  void Restore(TicketNumber number, TicketEntry entry);
  // After all were restored.
  void LinkMerging();
  void RestoreNextNumber(TicketNumber next) { next_number_ = next; }

 private:
  [[nodiscard]] static EventTime SendDue(const TicketEntry& entry, EventTime moment);
  void Journal(TicketNumber number) {
    if (journaling_) journal_.insert(number);
  }

  [[nodiscard]] bool IsResolved(TicketNumber number) const;
  // Of what the entry's revisions refer to.
  [[nodiscard]] static size_t EntryBytes(const TicketEntry& entry);
  void NoteResized(size_t before, const TicketEntry& now);

  size_t tickets_max_;
  size_t bytes_max_;
  size_t ticket_bytes_ = 0;  // EntryBytes of all
  uint64_t evicted_ = 0;
  TicketNumber next_number_ = 1;
  absl::flat_hash_map<TicketNumber, std::unique_ptr<TicketEntry>> entries_;
  std::deque<TicketNumber> resolved_;  // in the order of their resolution
  using Due = std::pair<EventTime, TicketNumber>;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> queue_;
  std::vector<Ticket> revisions_;
  bool journaling_ = false;
  absl::flat_hash_set<TicketNumber> journal_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_TICKET_DESK_H_
