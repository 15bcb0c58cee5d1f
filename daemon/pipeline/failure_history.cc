#include "daemon/pipeline/failure_history.h"

namespace signinwatch::pipeline {

FailureHistory::FailureHistory(const std::vector<store::FailureCount>& restored) {
  for (const store::FailureCount& count : restored)
    counts_[{count.bucket, count.code}] = count.count;
  Prune();
}

void FailureHistory::Count(EventTime event_time, int64_t code) {
  const Key key{
      EventTime(event_time.time_since_epoch() / store::kFailureBucket * store::kFailureBucket),
      code};
  // A late record may belong to a time that is no longer shown.
  if (!counts_.empty() && key.first + kFailureHistory < counts_.rbegin()->first.first) return;
  const bool is_new = counts_.find(key) == counts_.end();
  ++counts_[key];
  changed_.insert(key);
  if (is_new) Prune();
}

void FailureHistory::Prune() {
  while (!counts_.empty() &&
         counts_.begin()->first.first + kFailureHistory < counts_.rbegin()->first.first) {
    changed_.erase(counts_.begin()->first);
    counts_.erase(counts_.begin());
  }
}

std::vector<store::FailureCount> FailureHistory::All() const {
  std::vector<store::FailureCount> all;
  all.reserve(counts_.size());
  for (const auto& [key, count] : counts_) all.push_back({key.first, key.second, count});
  return all;
}

std::vector<store::FailureCount> FailureHistory::TakeChanged() {
  std::vector<store::FailureCount> changed;
  changed.reserve(changed_.size());
  for (const Key& key : changed_) changed.push_back({key.first, key.second, counts_[key]});
  changed_.clear();
  return changed;
}

}  // namespace signinwatch::pipeline
