#include "daemon/http/lane.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <utility>

namespace signinwatch::http {

Lane::Lane(boost::asio::io_context& io, const LaneLimits& limits)
    : io_(io),
      limits_(limits),
      of_peer_max_(std::max(1, limits.workers - limits.workers / 4)),
      waiting_of_peer_max_(std::max(size_t{1}, limits.waiting_max - limits.waiting_max / 4)),
      workers_(static_cast<size_t>(limits.workers)) {}

bool Lane::Enter(const std::string& network, std::function<void()> work,
                 std::function<void(Place)> done, Order order) {
  const auto of_peer = static_cast<size_t>(
      std::count_if(waiting_.begin(), waiting_.end(),
                    [&](const Waiting& other) { return other.network == network; }));
  if (waiting_.size() >= limits_.waiting_max || of_peer >= waiting_of_peer_max_) return false;
  waiting_.insert(order == Order::kBefore ? waiting_.begin() : waiting_.end(),
                  {network, std::move(work), std::move(done)});
  Next();
  return true;
}

// The first whose peer has not its share of the places already.
void Lane::Next() {
  if (taken_ >= limits_.workers) return;
  const auto next = std::find_if(waiting_.begin(), waiting_.end(), [this](const Waiting& one) {
    const auto places = places_.find(one.network);
    return places == places_.end() || places->second < of_peer_max_;
  });
  if (next == waiting_.end()) return;
  ++taken_;
  ++places_[next->network];
  // The guard keeps `io` running while it waits for the work.
  boost::asio::post(workers_, [this, one = std::move(*next),
                               guard = boost::asio::make_work_guard(io_)]() mutable {
    one.work();
    boost::asio::post(io_, [this, one = std::move(one)] {
      one.done(Place(nullptr, [this, network = one.network](void*) { Leave(network); }));
    });
  });
  waiting_.erase(next);
}

void Lane::Leave(const std::string& network) {
  --taken_;
  if (const auto places = places_.find(network); --places->second == 0) places_.erase(places);
  Next();
}

}  // namespace signinwatch::http
