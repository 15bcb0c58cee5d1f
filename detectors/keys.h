// Keys of the detectors' tables.
#ifndef SIGNINWATCH_DETECTORS_KEYS_H_
#define SIGNINWATCH_DETECTORS_KEYS_H_

#include <compare>
#include <cstdint>

#include "parser/ids.h"
#include "parser/table_hash.h"

namespace signinwatch {

// A tenant's number while it is known (tenant_table.h). Not stored.
using TenantIndex = uint32_t;

// A user of a tenant, by object id or by name; form kNone: the tenant itself. 24 bytes.
struct UserKey {
  uint64_t hi = 0;
  uint64_t lo = 0;
  TenantIndex tenant = 0;
  IdForm form = IdForm::kNone;

  UserKey() = default;
  UserKey(TenantIndex tenant_index, const UserId& user)
      : hi(user.hi), lo(user.lo), tenant(tenant_index), form(user.form) {}

  [[nodiscard]] bool is_tenant() const { return form == IdForm::kNone; }
  [[nodiscard]] bool by_name() const { return form == IdForm::kName; }
  [[nodiscard]] UserId user() const { return {hi, lo, form}; }
  friend bool operator==(const UserKey&, const UserKey&) = default;
  friend auto operator<=>(const UserKey&, const UserKey&) = default;
  friend TableKey KeyOfTable(const UserKey& key) {
    return {key.hi, key.lo, uint64_t{key.tenant} << 8 | uint64_t(key.form)};
  }
};
static_assert(sizeof(UserKey) == 24);

// What one rule keeps of one key, by both: tracks move, keys don't.
struct TrackRef {
  uint16_t rule = 0;  // index into RuleBook
  UserKey key;
  friend bool operator==(const TrackRef&, const TrackRef&) = default;
  friend auto operator<=>(const TrackRef&, const TrackRef&) = default;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_KEYS_H_
