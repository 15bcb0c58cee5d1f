#include "detectors/user_state.h"

#include <chrono>
#include <utility>

#include "detectors/row_archive.h"

namespace signinwatch {
namespace {

constexpr Duration kBadPasswordBucket = std::chrono::minutes(30);
constexpr size_t kBadPasswordKeep = 5;
constexpr Duration kExpiredBucket = std::chrono::hours(1);

}  // namespace

void UserDetail::NoteFailure(const CodeClass& code, EventTime t) {
  if (code.bad_password) (void)bad_passwords.Add(t, kBadPasswordBucket, kBadPasswordKeep);
  if (code.expired) (void)expired.Add(t, kExpiredBucket, 1);
  if (code.rules == 0) return;
  failing_since = std::min(failing_since, t);
  last_failure = std::max(last_failure, t);
}

// Keeps the times that a failure to come, or a session that is open, can still ask for.
bool UserState::NoteReturn(EventTime t, EventTime watermark) {
  const EventTime from = Horizon(watermark);
  const size_t before = returns.size();
  returns.erase(returns.begin(), std::lower_bound(returns.begin(), returns.end(), from));
  const bool changed = returns.size() != before;
  if (t < from) return changed;
  const auto place = std::lower_bound(returns.begin(), returns.end(), t);
  if (place != returns.end() && *place == t) return changed;
  returns.insert(place, t);
  return true;
}

// Of the times that the watermark has passed, a burst of the user can only ask for the earliest at
// or after its last failure (which stays, or becomes later than the watermark), and a tenant's
// burst for the latest. Should all be later than the watermark, the middle ones go: that many
// interactive sign-ins of one user within the lateness are no person's.
size_t UserState::ThinReturns(EventTime watermark, std::span<const EventTime> ends) {
  absl::InlinedVector<EventTime, 2> kept;
  const auto passed = std::lower_bound(returns.begin(), returns.end(), watermark);
  for (const EventTime end : ends) {
    const auto first = std::lower_bound(returns.begin(), passed, end);
    if (first != passed) kept.push_back(*first);
  }
  if (passed != returns.begin()) kept.push_back(*(passed - 1));
  kept.insert(kept.end(), passed, returns.end());
  std::sort(kept.begin(), kept.end());
  kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
  size_t evicted = 0;
  for (; kept.size() > kReturnsMax; ++evicted) kept.erase(kept.begin() + kReturnsMax / 2);
  returns = std::move(kept);
  return evicted;
}

std::optional<EventTime> UserState::ReturnIn(EventTime from, EventTime end) const {
  const auto found = std::lower_bound(returns.begin(), returns.end(), from);
  if (found == returns.end() || *found >= end) return std::nullopt;
  return *found;
}

UserState::Pruned UserState::Prune(EventTime watermark, const RuleBook& rules, int familiar_days,
                                   bool has_tracks) {
  Pruned pruned;
  if (detail != nullptr) {
    if (detail->failing_since != kEndOfTime &&
        watermark > detail->last_failure + rules.session_span()) {
      detail->failing_since = kEndOfTime;
      pruned.changed = true;
    }
    const EventTime kept = watermark - kDay - rules.PastSpan(GroupBy::kUser);
    pruned.changed |= detail->bad_passwords.Prune(kept);
    pruned.changed |= detail->expired.Prune(kept);
    const int64_t first_day = DayOf(Horizon(watermark)) - familiar_days;
    pruned.changed |= std::erase_if(detail->spilled, [first_day](const SpilledDay& day) {
                        return DayOf(day.first) < first_day;
                      }) > 0;
    pruned.detail_is_idle = detail->failing_since == kEndOfTime && detail->bad_passwords.empty() &&
                            detail->expired.empty() && detail->spilled.empty() && !has_tracks;
  }
  const EventTime horizon = Horizon(watermark);
  pruned.changed |= familiar.Prune(horizon, familiar_days);
  const auto stale = std::lower_bound(returns.begin(), returns.end(), horizon);
  pruned.changed |= stale != returns.begin();
  returns.erase(returns.begin(), stale);
  pruned.changed |= pruned.detail_is_idle;
  pruned.is_idle =
      (detail == nullptr || pruned.detail_is_idle) && familiar.empty() && returns.empty();
  return pruned;
}

template <typename A>
void Fields(A& a, SpilledDay& day) {
  a(day.source, day.first);
}
template <typename A>
void Fields(A& a, FamiliarSources::Source& source) {
  a(source.key, source.days, source.newest);
  for (auto& first : source.first) {
    for (uint8_t& byte : first) a(byte);
  }
}
template <typename A>
void Fields(A& a, UserDetail& detail) {
  a(detail.failing_since, detail.last_failure, detail.spilled);
  for (FailureTimes* times : {&detail.bad_passwords, &detail.expired}) {
    std::vector<EventTime> copy = times->times();
    a(copy);
    if constexpr (A::kReading) times->Restore(std::move(copy));
  }
}

template <typename A>
void UserState::Archive(A& a) {
  std::vector<FamiliarSources::Source> sources = familiar.sources();
  std::vector<EventTime> times(returns.begin(), returns.end());
  bool has_detail = detail != nullptr;
  a(sources, times, has_detail);
  if constexpr (A::kReading) {
    familiar.Restore(std::move(sources));
    returns.assign(times.begin(), times.end());
    if (has_detail) detail = std::make_unique<UserDetail>();
  }
  if (has_detail) a(*detail);
}
template void UserState::Archive(RowWriter& a);
template void UserState::Archive(RowReader& a);

}  // namespace signinwatch
