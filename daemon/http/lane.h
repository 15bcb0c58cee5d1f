// Work that waits for one of a few threads, with bounds (http_limits.h).
//
//   Lane lane(io, limits);
//   const bool has_room = lane.Enter(network, [] { ... }, [](Lane::Place place) { ... });
#ifndef SIGNINWATCH_DAEMON_HTTP_LANE_H_
#define SIGNINWATCH_DAEMON_HTTP_LANE_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>

#include "daemon/http/http_limits.h"

namespace signinwatch::http {

// Of the one thread that runs `io`.
class Lane {
 public:
  Lane(boost::asio::io_context& io, const LaneLimits& limits);  // `io` outlives it

  using Place = std::shared_ptr<void>;              // free again when its last owner lets it go
  enum class Order : uint8_t { kBehind, kBefore };  // all others that wait
  // Calls `work` on a thread of the lane, then `done` on that of `io`. False: there is no room.
  [[nodiscard]] bool Enter(const std::string& network, std::function<void()> work,
                           std::function<void(Place)> done, Order order = Order::kBehind);

 private:
  struct Waiting {
    std::string network;
    std::function<void()> work;
    std::function<void(Place)> done;
  };
  void Next();
  void Leave(const std::string& network);

  boost::asio::io_context& io_;
  const LaneLimits limits_;
  const int of_peer_max_;
  const size_t waiting_of_peer_max_;
  std::list<Waiting> waiting_;
  std::map<std::string, int> places_;  // that are taken, of each peer's network; none is 0
  int taken_ = 0;
  boost::asio::thread_pool workers_;
};

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_LANE_H_
