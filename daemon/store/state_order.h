// Rows of state as they are best written: each key once, in order, what is deleted apart.
#ifndef SIGNINWATCH_DAEMON_STORE_STATE_ORDER_H_
#define SIGNINWATCH_DAEMON_STORE_STATE_ORDER_H_

#include <cstddef>
#include <span>
#include <vector>

#include "detectors/detector.h"

namespace signinwatch::store {

class StateOrder {
 public:
  // Of rows with one key the last counts; an empty value deletes. `rows` outlive it.
  explicit StateOrder(const std::vector<StateRow>& rows);

  [[nodiscard]] std::span<const StateRow* const> put() const {
    return std::span(rows_).first(put_);
  }
  [[nodiscard]] std::span<const StateRow* const> deleted() const {
    return std::span(rows_).subspan(put_);
  }

 private:
  std::vector<const StateRow*> rows_;
  size_t put_ = 0;
};

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_STATE_ORDER_H_
