#include "daemon/http/lane.h"

#include <algorithm>
#include <utility>

namespace signinwatch {

Lane::Lane(const LaneLimits& limits, Serve serve)
    : limits_(limits),
      of_peer_max_(std::max(1, limits.workers - limits.workers / 4)),
      waiting_of_peer_max_(std::max(size_t{1}, limits.waiting_max - limits.waiting_max / 4)),
      serve_(std::move(serve)) {
  for (int i = 0; i < limits_.workers; ++i) workers_.emplace_back([this] { Work(); });
}

Lane::~Lane() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

std::unique_ptr<Visit> Lane::Enter(std::unique_ptr<Visit> visit, Place place) {
  const std::lock_guard lock(mutex_);
  const std::string& network = visit->peer().network;
  const auto of_peer =
      static_cast<size_t>(std::count_if(waiting_.begin(), waiting_.end(), [&](const auto& other) {
        return other->peer().network == network;
      }));
  if (waiting_.size() >= limits_.waiting_max || of_peer >= waiting_of_peer_max_) return visit;
  if (place == Place::kBefore) {
    waiting_.push_front(std::move(visit));
  } else {
    waiting_.push_back(std::move(visit));
  }
  changed_.notify_one();
  return nullptr;
}

// The first whose peer has not its share of the workers already.
std::deque<std::unique_ptr<Visit>>::iterator Lane::Next() {
  return std::find_if(waiting_.begin(), waiting_.end(), [this](const auto& visit) {
    const auto served = served_.find(visit->peer().network);
    return stopping_ || served == served_.end() || served->second < of_peer_max_;
  });
}

void Lane::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock,
                  [this] { return Next() != waiting_.end() || (stopping_ && waiting_.empty()); });
    if (waiting_.empty()) return;
    const auto next = Next();
    std::unique_ptr<Visit> visit = std::move(*next);
    waiting_.erase(next);
    const std::string network = visit->peer().network;
    ++served_[network];
    lock.unlock();
    serve_(std::move(visit));
    lock.lock();
    if (--served_[network] == 0) served_.erase(network);
    changed_.notify_all();  // others of this peer may be next
  }
}

}  // namespace signinwatch
