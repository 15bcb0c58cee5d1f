#include "daemon/ingest/success_filter.h"

#include <cstdint>
#include <string_view>
#include <utility>

#include "parser/event_time.h"

namespace signinwatch::ingest {

bool SuccessFilter::Needs(const Signal& signal, const ParsedMessage& message) {
  if (!signal.is_success()) return true;
  if (!signal.user.present()) return false;
  const bool may_be_return = signal.interactive && signal.modern_client;
  // AD FS makes nothing familiar.
  const bool has_source = signal.address.present || signal.country_key != 0 ||
                          signal.device_key != 0 || !signal.mfa_method.empty();
  if (signal.category == Category::kAdfsSignIn || !has_source) return may_be_return;

  const int64_t day = DayOf(signal.event_time);
  const int64_t into_day = (signal.event_time - EventTime(kDay * day)).count();
  const std::string_view method = message.Text(signal.mfa_method);
  const struct {
    uint64_t tenant_hi, tenant_lo, user_hi, user_lo, forms, network, country, device, method, day;
  } key{signal.tenant.hi,
        signal.tenant.lo,
        signal.user.hi,
        signal.user.lo,
        static_cast<uint64_t>(signal.tenant.form) << 8 | static_cast<uint64_t>(signal.user.form),
        signal.address.FamiliarNetwork(),
        signal.country_key,
        signal.device_key,
        method.empty() ? 0 : HashText64(method),
        static_cast<uint64_t>(day)};
  const Hash128 hash = HashText128({reinterpret_cast<const char*>(&key), sizeof(key)});

  const auto known = young_.find(hash);
  if (known != young_.end()) {
    if (known->second <= into_day) return may_be_return;
    known->second = into_day;
    return true;
  }
  if (young_.size() >= entries_max_) old_ = std::exchange(young_, {});
  const auto before = old_.find(hash);
  const bool was_sent = before != old_.end() && before->second <= into_day;
  young_.emplace(hash, was_sent ? before->second : into_day);
  return !was_sent || may_be_return;
}

void SuccessFilter::Clear() {
  young_.clear();
  old_.clear();
}

}  // namespace signinwatch::ingest
