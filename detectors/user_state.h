// What is known of one user: familiar sources of all, and more of the few that fail.
#ifndef SIGNINWATCH_DETECTORS_USER_STATE_H_
#define SIGNINWATCH_DETECTORS_USER_STATE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "detectors/config.h"
#include "detectors/failure_times.h"
#include "detectors/familiarity.h"
#include "detectors/rule_book.h"
#include "parser/event_time.h"

namespace signinwatch {

// Of a user with watched failures or a 50126, 50055 or 50144 failure.
struct UserDetail {
  // The earliest watched failure that an open session may hold; kEndOfTime: none does.
  EventTime failing_since = kEndOfTime;
  EventTime last_failure = kBeginningOfTime;
  FailureTimes bad_passwords;  // 50126
  FailureTimes expired;        // 50055, 50144
  std::vector<SpilledDay> spilled;

  void NoteFailure(const CodeClass& code, EventTime t);
  // Whether there is one of any kind that bursts are explained by.
  [[nodiscard]] bool AnyPasswordFailureIn(EventTime from, EventTime to) const {
    return bad_passwords.CountIn(from, to) > 0 || expired.CountIn(from, to) > 0;
  }
};

struct UserState {
  static constexpr size_t kReturnsMax = 64;

  FamiliarSources familiar;
  // When the user came back: successful interactive sign-ins (SPEC 6.4), sorted, those that an open
  // or coming session can still ask for.
  absl::InlinedVector<EventTime, 2> returns;
  std::unique_ptr<UserDetail> detail;

  // What is asked of the user is asked for times from here on.
  [[nodiscard]] EventTime Horizon(EventTime watermark) const {
    return detail == nullptr ? watermark : std::min(watermark, detail->failing_since);
  }
  // A success from these sources. What there is no room for is added to `spilled`, where the user
  // has no detail that takes it; `evicted` counts sources that had to go. True when anything
  // changed.
  bool NoteSources(std::span<const SourceKey> sources, EventTime t, EventTime watermark,
                   const DetectionConfig& config, std::vector<SpilledDay>* spilled,
                   uint64_t* evicted) {
    if (detail != nullptr) spilled = &detail->spilled;
    const EventTime horizon = Horizon(watermark);
    bool changed = false;
    for (const SourceKey source : sources) {
      changed |= familiar.Note(source, t, horizon, config.correlation.familiar_days,
                               config.limits.familiar_sources, spilled, evicted);
    }
    return changed;
  }
  // True when anything changed. Beyond kReturnsMax it is time to thin them.
  bool NoteReturn(EventTime t, EventTime watermark);
  // `ends`: of the user's open sessions. How many went that might be asked for.
  size_t ThinReturns(EventTime watermark, std::span<const EventTime> ends);
  // The earliest in [from, end).
  [[nodiscard]] std::optional<EventTime> ReturnIn(EventTime from, EventTime end) const;

  // Forgets what nothing can ask for any more.
  struct Pruned {
    bool changed = false;
    bool detail_is_idle = false;  // there is one, and nothing in it
    bool is_idle = false;         // nothing is left but that
  };
  [[nodiscard]] Pruned Prune(EventTime watermark, const RuleBook& rules, int familiar_days,
                             bool has_tracks);

  template <typename A>
  void Archive(A& a);  // see row_archive.h
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_USER_STATE_H_
