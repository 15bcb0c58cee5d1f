// Sessions of one key and the burst in each (SPEC 5).
//
// A session keeps its raw failures, so that a failure which arrives in disorder, joins two sessions
// or moves a burst's start is nothing special: it is added, and the earliest hot event is looked
// for again where it can have changed. Only of very long sessions the part that the watermark has
// passed, which no record that is not late can change, is folded into counts.
//
// What a ticket tells of a burst is added to as the burst grows, and made anew only where what was
// added may be told differently now. It follows from the failures, so it is not saved.
#ifndef SIGNINWATCH_DETECTORS_SESSION_H_
#define SIGNINWATCH_DETECTORS_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "detectors/burst_summary.h"
#include "detectors/config.h"
#include "detectors/failure.h"
#include "parser/event_time.h"
#include "parser/table_hash.h"

namespace signinwatch {

// A ticket's number in TicketDesk; 0 is none.
using TicketNumber = uint64_t;

// Reused memory of Session::Settle.
using WindowUsers = absl::flat_hash_map<UserText, uint32_t, TableHash>;

class Session {
 public:
  Session() = default;
  explicit Session(const Failure& failure);

  void Add(const Failure& failure, const BurstRule& rule);

  // Looks for the first hot event where additions may have changed it. True when the session became
  // a burst or its burst's start moved. Costs O(events around what was added).
  bool Settle(const BurstRule& rule, WindowUsers* scratch);
  // Whether Settle can find anything, and whether it should now: while it would cost much more than
  // the additions since the last time, it may wait for more of them, at most until the next tick.
  enum class Settling : uint8_t { kNeedless, kNow, kLater };
  [[nodiscard]] Settling SettlingDue(const BurstRule& rule) const;
  [[nodiscard]] bool settled() const { return dirty_ == 0; }

  // Everything is to be looked at again, by another rule than before; a burst stays one.
  void Reconsider(const BurstRule& rule);

  // Takes the failures of a later session of the key.
  void Absorb(Session&& later);
  // Gives the failures at or after `boundary` to a new session (SPEC 5, max_duration), and the
  // ticket with them where they are the burst now. A burst that keeps its ticket stays one.
  [[nodiscard]] std::unique_ptr<Session> SplitAt(EventTime boundary, const BurstRule& rule,
                                                 WindowUsers* scratch);

  [[nodiscard]] EventTime first() const { return first_; }
  [[nodiscard]] EventTime last() const { return last_; }
  [[nodiscard]] bool hot() const { return hot_at_ != kEndOfTime; }
  // Of the burst: the earliest event of the first hot event's span. Only when hot().
  [[nodiscard]] EventTime start() const { return start_; }
  // Failures from start to last.
  [[nodiscard]] uint64_t count() const { return count_; }
  [[nodiscard]] size_t held() const { return failures_.size(); }
  // nullptr when all were let go.
  [[nodiscard]] const Failure* any_failure() const {
    return failures_.empty() ? nullptr : &failures_.back();
  }
  // Bring nearer to the processor what Add will touch: the session, then its failures.
  void Prefetch() const {
    for (size_t i = 0; i < sizeof(*this); i += 64) {
      __builtin_prefetch(reinterpret_cast<const char*>(this) + i);
    }
  }
  void PrefetchFailures() const {
    __builtin_prefetch(failures_.data() + failures_.size());
    if (!failures_.empty()) __builtin_prefetch(&failures_.back());
  }
  [[nodiscard]] bool folded() const { return folded_ != nullptr; }

  // The burst's failures; `unfamiliar` says of one whether its source is. Valid until the session
  // is changed. Only when hot().
  template <typename Unfamiliar>
  [[nodiscard]] const BurstSummary& Summarize(const TextPool& pool, size_t distinct_max,
                                              GroupBy scope, const Unfamiliar& unfamiliar) {
    if (summary_ == nullptr || summarized_from_ != start_) StartSummary(distinct_max, scope);
    for (Failure& failure : failures_) {
      if (failure.summarized || failure.time < start_) continue;
      failure.summarized = true;
      summary_->Add(failure, unfamiliar(failure), pool);
    }
    summary_bytes_ = sizeof(BurstSummary) + summary_->bytes();
    return *summary_;
  }
  // To be made anew: `unfamiliar` may answer otherwise than before.
  void ForgetSummary() {
    summary_.reset();
    summary_bytes_ = 0;
  }
  [[nodiscard]] size_t summary_bytes() const { return summary_bytes_; }

  // Makes room: of a burst, folds failures before `until` (of which the burst's start is final); of
  // another session, forgets failures that are before `until` and can be in no window any more.
  // Returns how many failures were let go. Settled sessions only.
  template <typename Unfamiliar>
  size_t LetGo(EventTime until, const BurstRule& rule, const TextPool& pool, size_t distinct_max,
               Unfamiliar unfamiliar) {
    ForgetSummary();
    if (!hot()) return ForgetBefore(until - rule.window);
    if (hot_at_ >= until) return ForgetBefore(start_);
    if (folded_ == nullptr) folded_ = std::make_unique<BurstSummary>(distinct_max, rule.group_by);
    for (const Failure& failure : failures_) {
      if (failure.time >= until) break;
      if (failure.time >= start_) folded_->Add(failure, unfamiliar(failure), pool);
    }
    folded_until_ = std::max(folded_until_, until);
    return ForgetBefore(until);
  }
  // True when LetGo is due: more than `events_max` failures, and some added since it was last
  // tried.
  [[nodiscard]] bool WantsToLetGo(size_t events_max) const {
    return failures_.size() > events_max && failures_.size() >= let_go_at_;
  }
  void MarkTexts(TextPool& pool, FailureProfiles& profiles) const;
  void NoteCodes(std::vector<bool>* used) const;
  void RenameCodes(const std::vector<uint16_t>& renamed);
  [[nodiscard]] size_t bytes() const;
  [[nodiscard]] size_t folded_bytes() const { return folded_ == nullptr ? 0 : folded_->bytes(); }

  // The fullest window of a session that is no burst, where it came within a fifth of the rule's
  // threshold, and of min_users; the first of several. Settled sessions only; of failures that were
  // let go nothing is known.
  struct Peak {
    uint64_t events = 0;
    uint64_t users = 0;  // 1 for rules of users
    EventTime first;
    EventTime last;
  };
  [[nodiscard]] std::optional<Peak> NearMiss(const BurstRule& rule, WindowUsers* scratch) const;

  // The earliest failure of the burst, of several at one time the one with the least id; nullptr
  // when it was let go. Settled sessions only.
  [[nodiscard]] const Failure* FirstOfBurst(const TextPool& pool) const;

  TicketNumber ticket = 0;
  bool continues = false;   // began because its predecessor reached max_duration
  uint64_t notify_at = 0;   // the count at which the ticket is to be sent again
  bool grace_over = false;  // the watermark has passed start + correlation_grace
  bool long_noted = false;  // lasts longer than persistent_after, and that was acted on

  template <typename A>
  void Archive(A& a);  // see row_archive.h

  // True the first time that `fingerprint` (of a source and name) is seen in this session.
  bool NoteSource(uint64_t fingerprint) {
    return sources_.size() < kSourcesMax && sources_.insert(fingerprint).second;
  }

 private:
  static constexpr size_t kSourcesMax = 1024;

  void StartSummary(size_t distinct_max, GroupBy scope);
  void SortTail();
  size_t ForgetBefore(EventTime time);
  template <typename Visit>
  bool SlideWindow(const BurstRule& rule, size_t low, size_t next, EventTime until,
                   WindowUsers* users, const Visit& visit) const;
  [[nodiscard]] bool FindHot(const BurstRule& rule, WindowUsers* scratch);
  void Recount();

  std::vector<Failure> failures_;  // the first `sorted_` by time
  size_t sorted_ = 0;
  EventTime first_ = kEndOfTime;
  EventTime last_ = kBeginningOfTime;
  EventTime hot_at_ = kEndOfTime;  // of the first hot event
  EventTime start_ = kEndOfTime;
  uint64_t count_ = 0;
  // Additions since Settle that may matter to it, and their span.
  size_t dirty_ = 0;
  EventTime dirty_from_ = kEndOfTime;
  EventTime dirty_to_ = kBeginningOfTime;
  size_t let_go_at_ = 0;
  std::unique_ptr<BurstSummary> folded_;
  EventTime folded_until_ = kBeginningOfTime;
  std::unique_ptr<BurstSummary> summary_;  // of `folded_` and the failures that say so
  EventTime summarized_from_ = kEndOfTime;
  size_t summary_bytes_ = 0;
  absl::flat_hash_set<UserText, TableHash>
      users_;  // rules with min_users, until min_users are seen
  absl::flat_hash_set<uint64_t, TableHash> sources_;
};

// What is left of a burst that has closed.
struct PastBurst {
  EventTime start;
  EventTime end;
  uint64_t count = 0;
  TicketNumber ticket = 0;
  bool continues = false;
  bool guest = false;         // user bursts: as Subject::guest
  std::vector<TextId> names;  // user bursts: every user principal name of its failures
};

// All that one rule keeps of one key.
struct Track {
  std::vector<std::unique_ptr<Session>> sessions;  // open, by time
  std::vector<PastBurst> past;                     // closed bursts, by start
  EventTime timer_due = kEndOfTime;                // of the timer that is set; kEndOfTime: none

  [[nodiscard]] bool empty() const { return sessions.empty() && past.empty(); }
  template <typename A>
  void Archive(A& a);  // see row_archive.h
};

// When a session closes: the least watermark that has reached its end + quiet and passed its end +
// 5 min and, of a user burst, its start + max_clock_skew + 5 min (of a tenant burst, its end
// instead).
[[nodiscard]] EventTime CloseDue(const BurstRule& rule, Duration max_clock_skew, EventTime start,
                                 EventTime end);

struct TrackUpdate {
  Session* session = nullptr;  // that took the failure; nullptr: none could (it was late)
  EventTime end_before;        // the last failure of that session, until then
  bool joined = false;         // with the session that came after it
  // Where both were bursts: the tickets, which are to become one.
  TicketNumber kept_ticket = 0;
  TicketNumber joined_ticket = 0;
};

// The track's rule is another one from now on: open sessions that are no burst yet are looked at
// again, those that are too long for it are cut, and a burst stays one. To be settled afterwards.
void AdoptRule(Track* track, const BurstRule& rule, WindowUsers* scratch);
// Of all failures that are held: which code indexes there are, and from an index to
// `renamed[index]`.
void NoteCodes(const Track& track, std::vector<bool>* used);
void RenameCodes(Track* track, const std::vector<uint16_t>& renamed);

// Puts a failure into the session it belongs to, or a new one, joining two where it bridges them
// and splitting at max_duration.
TrackUpdate AddToTrack(Track* track, const Failure& failure, const BurstRule& rule,
                       Duration max_clock_skew, EventTime watermark, WindowUsers* scratch);

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_SESSION_H_
