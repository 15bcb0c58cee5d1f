// A queue with a bound between two stages.
//
// Push waits for room: that is how a slow stage holds back those to its left. Close lets what is
// inside be taken, then Pop says that it is over. Thread-safe; the lock is taken once a batch.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_BOUNDED_QUEUE_H_
#define SIGNINWATCH_DAEMON_PIPELINE_BOUNDED_QUEUE_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace signinwatch {

template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(size_t max) : max_(max) {}

  // false: closed; the item is lost.
  [[nodiscard]] bool Push(T item) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return items_.size() < max_ || closed_; });
    if (closed_) return false;
    items_.push_back(std::move(item));
    filled_.notify_one();
    return true;
  }

  // Waits up to `timeout` for an item; nullopt: none came, or closed and empty.
  [[nodiscard]] std::optional<T> Pop(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    filled_.wait_for(lock, timeout, [&] { return !items_.empty() || closed_; });
    return Take();
  }
  // Waits until there is an item; nullopt: closed and empty.
  [[nodiscard]] std::optional<T> Pop() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [&] { return !items_.empty() || closed_; });
    return Take();
  }

  void Close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    room_.notify_all();
    filled_.notify_all();
  }

  [[nodiscard]] bool over() const {  // closed and empty
    const std::lock_guard lock(mutex_);
    return closed_ && items_.empty();
  }
  [[nodiscard]] size_t size() const {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }
  [[nodiscard]] size_t max() const { return max_; }

 private:
  [[nodiscard]] std::optional<T> Take() {
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    room_.notify_one();
    return item;
  }

  const size_t max_;
  mutable std::mutex mutex_;
  std::condition_variable room_, filled_;
  std::deque<T> items_;
  bool closed_ = false;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_PIPELINE_BOUNDED_QUEUE_H_
