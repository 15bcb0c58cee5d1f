// The tenants of which anything is held, by number.
//
// A tenant is here as long as one of the other tables holds something of it; they know it by its
// number, which is given to another when it has gone. Who lets go of something says so by
// MayBeIdle, and the detector releases those of which nothing is left.
#ifndef SIGNINWATCH_DETECTORS_TENANT_TABLE_H_
#define SIGNINWATCH_DETECTORS_TENANT_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "detectors/keys.h"
#include "parser/ids.h"

namespace signinwatch {

class TenantTable {
 public:
  explicit TenantTable(size_t tenants_max) : tenants_max_(tenants_max) {}

  [[nodiscard]] std::optional<TenantIndex> Find(const TenantId& id) {
    if (id == last_ && id.present()) return last_index_;
    return LookUp(id);
  }
  [[nodiscard]] bool Holds(TenantIndex index) const {
    return index < tenants_.size() && tenants_[index].serial != 0;
  }
  // A tenant that is new. The bound is the caller's to keep, by full() and NextInOrder().
  TenantIndex Add(const TenantId& id);
  [[nodiscard]] bool full() const { return size() >= tenants_max_; }
  // Of a tenant that is there.
  [[nodiscard]] const TenantId& id(TenantIndex index) const { return tenants_[index].id; }
  [[nodiscard]] std::string& text(TenantIndex index) { return tenants_[index].text; }
  [[nodiscard]] const std::string& text(TenantIndex index) const { return tenants_[index].text; }

  [[nodiscard]] bool any_may_be_idle() const { return !idle_.empty(); }
  void MayBeIdle(TenantIndex index) { idle_.push_back(index); }
  // Releases those of which that was said, and of which is_idle(index) is true; released(index) is
  // called before.
  template <typename IsIdle, typename Released>
  void ReleaseIdle(const IsIdle& is_idle, const Released& released) {
    for (const TenantIndex index : std::exchange(idle_, {})) {
      if (!Holds(index) || !is_idle(index)) continue;
      released(index);
      Release(index);
    }
  }
  void Release(TenantIndex index);

  // Takes the tenant that is longest here out of the order; nullopt: there is none. PutBack places
  // it behind the others.
  [[nodiscard]] std::optional<TenantIndex> NextInOrder();
  void PutBack(TenantIndex index) { order_.emplace_back(index, tenants_[index].serial); }

  template <typename Visit>
  void ForEach(const Visit& visit) const {
    for (TenantIndex index = 0; index < tenants_.size(); ++index) {
      if (Holds(index)) visit(index);
    }
  }
  [[nodiscard]] size_t size() const { return by_id_.size(); }
  // Estimate of the memory held; O(1).
  [[nodiscard]] size_t bytes() const { return size() * kBytesOfOne; }

 private:
  struct Tenant {
    uint64_t serial = 0;  // of its coming; tells tenants of one number apart; 0: the number is free
    TenantId id;
    std::string text;
  };
  static constexpr size_t kBytesOfOne = sizeof(Tenant) + 256;  // with its place in other tables

  [[nodiscard]] std::optional<TenantIndex> LookUp(const TenantId& id);
  using Arrival = std::pair<TenantIndex, uint64_t>;  // with the serial
  [[nodiscard]] bool IsHere(const Arrival& arrival) const {
    return tenants_[arrival.first].serial == arrival.second;
  }

  size_t tenants_max_;
  std::vector<Tenant> tenants_;
  std::vector<TenantIndex> free_;
  std::deque<Arrival> order_;  // of their coming; some have gone since
  uint64_t serial_ = 0;
  absl::flat_hash_map<TenantId, TenantIndex, TableHash> by_id_;
  // The one that was asked for last: records come tenant by tenant.
  TenantId last_;
  TenantIndex last_index_ = 0;
  std::vector<TenantIndex> idle_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_TENANT_TABLE_H_
