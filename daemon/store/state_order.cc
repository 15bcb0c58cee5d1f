#include "daemon/store/state_order.h"

#include <algorithm>

namespace signinwatch::store {

StateOrder::StateOrder(const std::vector<StateRow>& rows) : rows_(rows.size()) {
  for (size_t i = 0; i < rows.size(); ++i) rows_[i] = &rows[i];
  // Where keys are equal the later one first, so that it is the one that stays.
  std::sort(rows_.begin(), rows_.end(), [](const StateRow* a, const StateRow* b) {
    const int difference = a->key.compare(b->key);
    return difference != 0 ? difference < 0 : a > b;
  });
  rows_.erase(std::unique(rows_.begin(), rows_.end(),
                          [](const StateRow* a, const StateRow* b) { return a->key == b->key; }),
              rows_.end());
  const auto deleted = std::stable_partition(
      rows_.begin(), rows_.end(), [](const StateRow* row) { return !row->value.empty(); });
  put_ = static_cast<size_t>(deleted - rows_.begin());
}

}  // namespace signinwatch::store
