#include "metrics/tenant_labels.h"

namespace signinwatch::metrics {

std::string_view TenantLabels::LabelOf(std::string_view tenant) {
  if (const auto found = labels_.find(tenant); found != labels_.end()) return *found;
  if (labels_.size() < max_) return *labels_.emplace(tenant).first;
  if (others_.size() < kOtherTenantsMax) {
    others_.insert(std::hash<std::string_view>()(tenant));
    others_count_.store(others_.size(), std::memory_order_relaxed);
  }
  return "other";
}

}  // namespace signinwatch::metrics
