// Keys of the detectors' tables.
#ifndef SIGNINWATCH_DETECTORS_KEYS_H_
#define SIGNINWATCH_DETECTORS_KEYS_H_

#include <compare>
#include <cstddef>
#include <cstdint>

#include "parser/ids.h"

namespace signinwatch {

// A tenant's number while it is known; see TenantTable. Not stored.
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

  [[nodiscard]] bool by_name() const { return form == IdForm::kName; }
  [[nodiscard]] UserId user() const { return {hi, lo, form}; }
  friend bool operator==(const UserKey&, const UserKey&) = default;
  friend auto operator<=>(const UserKey&, const UserKey&) = default;
};
static_assert(sizeof(UserKey) == 24);

// One multiplication and a fold: the fields are GUIDs or hashes, but GUIDs of one source may share
// most of their bits.
struct UserKeyHash {
  size_t operator()(const UserKey& key) const {
    const unsigned __int128 product =
        static_cast<unsigned __int128>(key.hi ^ (uint64_t{key.tenant} << 32 | uint64_t(key.form)) ^
                                       0x9e3779b97f4a7c15u) *
        (key.lo ^ 0xd6e8feb86659fd93u);
    return static_cast<size_t>(product) ^ static_cast<size_t>(product >> 64);
  }
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_KEYS_H_
