// How much each tenant holds of something that has a bound for all, and who holds most.
//
// At the bound the tenant that holds most makes room. It holds at least the bound divided by the
// tenants that hold anything, so nobody within that share loses anything to a flood in another
// tenant.
#ifndef SIGNINWATCH_DETECTORS_TENANT_SHARES_H_
#define SIGNINWATCH_DETECTORS_TENANT_SHARES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "detectors/keys.h"

namespace signinwatch {

class TenantShares {
 public:
  // O(log tenants) at worst; nearly always O(1), as a step of one seldom changes an order.
  void Add(TenantIndex tenant, uint64_t amount);
  // At most what it holds.
  void Remove(TenantIndex tenant, uint64_t amount);

  [[nodiscard]] uint64_t total() const { return total_; }
  [[nodiscard]] uint64_t of(TenantIndex tenant) const {
    return tenant < amounts_.size() ? amounts_[tenant] : 0;
  }
  // Of several that hold the same the one with the least number. Only when total() is not 0.
  [[nodiscard]] TenantIndex heaviest() const { return heap_.front(); }
  // Those that hold anything: the first holds most, and what is near the beginning holds much.
  [[nodiscard]] std::span<const TenantIndex> heaviest_first() const { return heap_; }
  [[nodiscard]] size_t bytes() const {
    return amounts_.capacity() * sizeof(uint64_t) +
           (heap_.capacity() + places_.capacity()) * sizeof(uint32_t);
  }

 private:
  [[nodiscard]] bool Before(TenantIndex a, TenantIndex b) const {
    return amounts_[a] != amounts_[b] ? amounts_[a] > amounts_[b] : a < b;
  }
  void Put(size_t place, TenantIndex tenant) {
    heap_[place] = tenant;
    places_[tenant] = static_cast<uint32_t>(place);
  }
  void Rise(size_t place);
  void Sink(size_t place);

  uint64_t total_ = 0;
  std::vector<uint64_t> amounts_;  // by tenant
  std::vector<uint32_t> places_;   // by tenant: where it stands in the heap
  std::vector<TenantIndex> heap_;  // of the tenants that hold anything
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_TENANT_SHARES_H_
