// Visits that wait for one of a few threads, with bounds (http_limits.h).
//
//   Lane lane(limits, [](std::unique_ptr<Visit> visit) { ... });
//   std::unique_ptr<Visit> refused = lane.Enter(std::move(visit));
#ifndef SIGNINWATCH_DAEMON_HTTP_LANE_H_
#define SIGNINWATCH_DAEMON_HTTP_LANE_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "daemon/http/http_limits.h"
#include "daemon/http/visit.h"

namespace signinwatch {

// Thread-safe.
class Lane {
 public:
  using Serve = std::function<void(std::unique_ptr<Visit>)>;
  Lane(const LaneLimits& limits, Serve serve);  // `serve` is called on the lane's threads
  ~Lane();                                      // once all that wait have been served
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  enum class Place : uint8_t { kBehind, kBefore };  // all others that wait
  // nullptr: it will be served. Else there is no room for it.
  [[nodiscard]] std::unique_ptr<Visit> Enter(std::unique_ptr<Visit> visit,
                                             Place place = Place::kBehind);

 private:
  void Work();
  [[nodiscard]] std::deque<std::unique_ptr<Visit>>::iterator Next();

  const LaneLimits limits_;
  const int of_peer_max_;
  const size_t waiting_of_peer_max_;
  const Serve serve_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Visit>> waiting_;
  std::map<std::string, int> served_;  // of each peer's network; none is 0
  bool stopping_ = false;

  std::vector<std::thread> workers_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_HTTP_LANE_H_
