// Which tenants have a label of their own: the first that are seen, up to a bound. The rest is
// `other`, so that no input makes the number of series grow without end.
#ifndef SIGNINWATCH_METRICS_TENANT_LABELS_H_
#define SIGNINWATCH_METRICS_TENANT_LABELS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace signinwatch::metrics {

// Beyond so many, others are not told apart from those seen before (some 5 MB).
inline constexpr size_t kOtherTenantsMax = 100'000;

// One thread's, but for others().
class TenantLabels {
 public:
  explicit TenantLabels(size_t max = 0) : max_(max) {}
  // A label that was given is kept.
  void SetMax(size_t max) { max_ = max; }

  // Lives as long as this.
  [[nodiscard]] std::string_view LabelOf(std::string_view tenant);
  // Distinct tenants that were `other`; kOtherTenantsMax: or more.
  [[nodiscard]] size_t others() const { return others_count_.load(std::memory_order_relaxed); }

 private:
  size_t max_;
  std::set<std::string, std::less<>> labels_;
  std::set<size_t> others_;  // hashes; a tree, since whoever writes records chooses them
  std::atomic<size_t> others_count_{0};
};

}  // namespace signinwatch::metrics

#endif  // SIGNINWATCH_METRICS_TENANT_LABELS_H_
