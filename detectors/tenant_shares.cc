#include "detectors/tenant_shares.h"

namespace signinwatch {

void TenantShares::Add(TenantIndex tenant, uint64_t amount) {
  if (amount == 0) return;
  if (tenant >= amounts_.size()) {
    amounts_.resize(tenant + size_t{1});
    places_.resize(tenant + size_t{1});
  }
  if (amounts_[tenant] == 0) {
    heap_.push_back(tenant);
    Put(heap_.size() - 1, tenant);
  }
  amounts_[tenant] += amount;
  total_ += amount;
  Rise(places_[tenant]);
}

void TenantShares::Remove(TenantIndex tenant, uint64_t amount) {
  if (amount == 0) return;
  amounts_[tenant] -= amount;
  total_ -= amount;
  Sink(places_[tenant]);
  if (amounts_[tenant] != 0) return;
  // It holds least now, but need not stand last: the last takes its place.
  const size_t place = places_[tenant];
  const TenantIndex last = heap_.back();
  heap_.pop_back();
  if (last == tenant) return;
  Put(place, last);
  Rise(place);
  Sink(places_[last]);
}

void TenantShares::Rise(size_t place) {
  const TenantIndex tenant = heap_[place];
  while (place > 0) {
    const size_t above = (place - 1) / 2;
    if (!Before(tenant, heap_[above])) break;
    Put(place, heap_[above]);
    place = above;
  }
  Put(place, tenant);
}

void TenantShares::Sink(size_t place) {
  const TenantIndex tenant = heap_[place];
  for (;;) {
    size_t below = 2 * place + 1;
    if (below >= heap_.size()) break;
    if (below + 1 < heap_.size() && Before(heap_[below + 1], heap_[below])) ++below;
    if (!Before(heap_[below], tenant)) break;
    Put(place, heap_[below]);
    place = below;
  }
  Put(place, tenant);
}

}  // namespace signinwatch
