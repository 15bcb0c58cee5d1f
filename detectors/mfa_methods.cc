#include "detectors/mfa_methods.h"

#include <algorithm>

namespace signinwatch {

SourceKey MfaMethods::NoteSome(std::string_view method, EventTime t) {
  const SourceKey key = MfaSource(HashText64(method));
  const int64_t day = DayOf(t);
  const auto known = methods_.find(key);
  if (known != methods_.end()) {
    if (day > known->second.newest_day) {
      known->second.newest_day = day;
      Journal(key);
    }
    return key;
  }
  if (methods_.size() >= methods_max_) {
    ++evicted_;
    return 0;
  }
  methods_[key] = {std::string(method), day};
  Journal(key);
  return key;
}

std::string_view MfaMethods::Text(SourceKey key) const {
  const Method* method = Find(key);
  return method == nullptr ? std::string_view() : std::string_view(method->text);
}

const MfaMethods::Method* MfaMethods::Find(SourceKey key) const {
  const auto known = methods_.find(key);
  return known == methods_.end() ? nullptr : &known->second;
}

void MfaMethods::ForgetBefore(int64_t day) {
  if (day <= forgotten_before_) return;
  forgotten_before_ = day;
  for (auto method = methods_.begin(); method != methods_.end();) {
    if (method->second.newest_day >= day) {
      ++method;
      continue;
    }
    Journal(method->first);
    methods_.erase(method++);
  }
}

std::vector<SourceKey> MfaMethods::TakeJournal() {
  journaling_ = true;
  std::vector<SourceKey> keys(journal_.begin(), journal_.end());
  journal_.clear();
  std::sort(keys.begin(), keys.end());
  return keys;
}

}  // namespace signinwatch
