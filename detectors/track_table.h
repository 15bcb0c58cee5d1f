// The sessions and bursts of every key (session.h), a track for each rule of the key's scope, and
// the timers that close and forget them.
//
// A key is here as long as one of its tracks holds something; Tidy sees to that after what may
// empty them. Pointers to tracks are valid until their key is tidied away. What becomes of a burst
// is told by tickets (burst_tickets.h), which the table knows nothing of.
#ifndef SIGNINWATCH_DETECTORS_TRACK_TABLE_H_
#define SIGNINWATCH_DETECTORS_TRACK_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "detectors/change_journal.h"
#include "detectors/config.h"
#include "detectors/keys.h"
#include "detectors/rule_book.h"
#include "detectors/session.h"
#include "detectors/sharded_map.h"
#include "detectors/tenant_shares.h"
#include "detectors/text_pool.h"
#include "detectors/timer_queue.h"

namespace signinwatch {

class RowReader;
class RowWriter;

class TrackTable {
 public:
  using Tracks = std::vector<Track>;  // by slot
  // Of a failure of a burst that starts at `start`: whether its source is unfamiliar.
  using Unfamiliar = std::function<bool(const Failure& failure, EventTime start)>;

  // All must outlive the table.
  TrackTable(const DetectionConfig* config, const RuleBook* rules, const TextPool* pool,
             ChangeJournal* journal)
      : config_(config), rules_(rules), pool_(pool), journal_(journal) {}

  // nullptr: nothing is held.
  [[nodiscard]] const Tracks* Of(const Hashed<UserKey>& key) const { return map_.Find(key); }
  [[nodiscard]] const Tracks* Of(const UserKey& key) const { return map_.Find(key); }
  [[nodiscard]] Tracks* Of(const UserKey& key) { return map_.Find(key); }
  [[nodiscard]] Track* Find(const TrackRef& ref);
  // Made where there is none.
  [[nodiscard]] Track& Get(const TrackRef& ref) { return Get(ref, map_.Hash(ref.key)); }
  [[nodiscard]] Track& Get(const TrackRef& ref, const Hashed<UserKey>& key);
  void Tidy(const UserKey& key);

  // Puts the failure into a session of the track, of Get. Without a session in the answer it came
  // too late for any.
  TrackUpdate Add(const TrackRef& ref, Track* track, const Failure& failure, EventTime watermark);
  // Looks for bursts where that is due now, and remembers the track where it can wait. True when
  // there is a new one, or one's start moved.
  bool SettleSome(const TrackRef& ref, Track* track);
  // The same, of all that is unsettled.
  bool Settle(const TrackRef& ref, Track* track);
  bool SettleOne(const TrackRef& ref, Session* session);
  [[nodiscard]] bool any_waits() const { return !waiting_.empty(); }
  [[nodiscard]] std::set<TrackRef> TakeWaiting() { return std::exchange(waiting_, {}); }

  // Sets the track's timer, by its sessions and past bursts as they are.
  void Arm(const TrackRef& ref, Track* track);
  // When a timer fires next; kEndOfTime: none does.
  [[nodiscard]] EventTime next_due() const { return timers_.next_due(); }
  // Takes the next timer. nullopt: there is nothing to be done by it any more.
  [[nodiscard]] std::optional<TrackRef> TakeDue();
  // The watermark at which the session closes.
  [[nodiscard]] EventTime CloseDueOf(const TrackRef& ref, const Session& session) const;

  // As Session::Summarize, of a session of a track.
  template <typename Unfamiliar>
  [[nodiscard]] const BurstSummary& Summarize(Session* session, GroupBy scope,
                                              const Unfamiliar& unfamiliar) {
    const size_t before = session->summary_bytes();
    const BurstSummary& summary =
        session->Summarize(*pool_, config_->limits.distinct_values, scope, unfamiliar);
    summary_bytes_ += session->summary_bytes() - before;
    return summary;
  }
  // What is familiar to the key's user is something else now.
  void ForgetSummaries(const UserKey& key);

  // Takes the session out of its track. `past` is what is left of its burst, if it is to be kept.
  void Close(const TrackRef& ref, Track* track, size_t index, std::optional<PastBurst> past);
  [[nodiscard]] std::optional<Session::Peak> NearMissOf(const TrackRef& ref,
                                                        const Session& session) {
    return session.NearMiss((*rules_)[ref.rule], &window_users_);
  }

  // Makes room. Folds of a session what the watermark has passed; `early`: if that is nothing, what
  // it has not, which is counted in evicted(). How many failures went.
  size_t LetGo(const TrackRef& ref, Session* session, EventTime watermark, bool early,
               const Unfamiliar& unfamiliar);
  // The same early, of all sessions of the key. False: there was nothing.
  bool FoldEarly(const UserKey& key, EventTime watermark, const Unfamiliar& unfamiliar);
  // Forgets the key's sessions; false, and nothing is done, if there is a burst.
  bool DropSessions(const UserKey& key);

  // Raw failures that are held.
  [[nodiscard]] const TenantShares& live_events() const { return live_events_; }
  [[nodiscard]] size_t open_sessions() const { return open_sessions_; }
  [[nodiscard]] uint64_t evicted() const { return evicted_; }
  // Estimate of the memory held; O(1).
  [[nodiscard]] size_t bytes() const;
  void MarkTexts(TextPool* pool, FailureProfiles* profiles) const;
  template <typename Visit>
  void ForEachKey(const Visit& visit) const {
    map_.ForEach([&visit](const UserKey& key, const Tracks&) { visit(key); });
  }
  void Prefetch(const Hashed<UserKey>& key) const { map_.Prefetch(key); }

  // The key's part of a row: as many tracks as its scope has rules, or none.
  void Write(const UserKey& key, RowWriter* row);
  // False: damaged, or not laid out by `saved`. It is the last of the row.
  [[nodiscard]] bool Read(const UserKey& key, const SavedRules& saved, RowReader* row);
  // Of what was read: notes which of the saved rules and codes are needed still, and lays it out by
  // the places that the rule book gave to these.
  void NoteRules(const SavedRules& saved, std::vector<bool>* used) const;
  void AdoptRules(const SavedRules& saved, const RuleBook::Places& places);
  void NoteCodes(std::vector<bool>* used) const;
  void RenameCodes(const RuleBook::Places& places);
  // When all is laid out: sets timers.
  void AfterLoad();

 private:
  [[nodiscard]] static GroupBy ScopeOf(const UserKey& key) {
    return key.form == IdForm::kNone ? GroupBy::kTenant : GroupBy::kUser;
  }
  void Count(const UserKey& key, const Tracks& tracks);
  void Erase(const UserKey& key);
  [[nodiscard]] EventTime DueOf(const TrackRef& ref, const Track& track) const;

  const DetectionConfig* config_;
  const RuleBook* rules_;
  const TextPool* pool_;
  ChangeJournal* journal_;
  ShardedMap<UserKey, Tracks, 256> map_;
  TimerQueue<TrackRef> timers_;
  std::set<TrackRef> waiting_;  // tracks with a session that waits to be settled
  TenantShares live_events_;
  size_t open_sessions_ = 0;
  size_t folded_bytes_ = 0;
  size_t summary_bytes_ = 0;
  uint64_t evicted_ = 0;
  WindowUsers window_users_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_TRACK_TABLE_H_
