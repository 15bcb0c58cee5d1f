#include "detectors/tenant_table.h"

namespace signinwatch {

std::optional<TenantIndex> TenantTable::LookUp(const TenantId& id) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return std::nullopt;
  last_ = id;
  last_index_ = found->second;
  return found->second;
}

TenantIndex TenantTable::Add(const TenantId& id) {
  auto index = static_cast<TenantIndex>(tenants_.size());
  if (free_.empty()) {
    tenants_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  tenants_[index] = {.serial = ++serial_, .id = id, .text = {}};
  if (order_.size() > 2 * size() + 1024) {
    std::erase_if(order_, [this](const Arrival& arrival) { return !IsHere(arrival); });
  }
  PutBack(index);
  by_id_.emplace(id, index);
  return index;
}

void TenantTable::Release(TenantIndex index) {
  if (last_ == tenants_[index].id) last_ = {};
  by_id_.erase(tenants_[index].id);
  tenants_[index] = {};
  free_.push_back(index);
}

std::optional<TenantIndex> TenantTable::NextInOrder() {
  while (!order_.empty()) {
    const Arrival arrival = order_.front();
    order_.pop_front();
    if (IsHere(arrival)) return arrival.first;
  }
  return std::nullopt;
}

}  // namespace signinwatch
