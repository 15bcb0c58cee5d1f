// Takes connections and hears what each asks for, on one thread that waits for nobody: a silent or
// slow client costs a descriptor, and no worker. What has come whole is handed on.
//
//   Reception reception(listener, limits, closing, begin, arrived);
//
// Knows where a request's head ends, and nothing of what it says. A lack of descriptors or memory
// is logged and waited for; it never ends the listening.
#ifndef SIGNINWATCH_DAEMON_HTTP_RECEPTION_H_
#define SIGNINWATCH_DAEMON_HTTP_RECEPTION_H_

#include <poll.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <thread>
#include <vector>

#include "daemon/http/closing_time.h"
#include "daemon/http/http_limits.h"
#include "daemon/http/listener.h"
#include "daemon/http/visit.h"

namespace signinwatch {

class Reception {
 public:
  using Clock = std::chrono::steady_clock;
  // Both on the reception's thread: they return at once.
  using Begin = std::function<std::unique_ptr<Visit>(int socket, Peer peer)>;
  using Arrived = std::function<void(std::unique_ptr<Visit>)>;

  // Listens from now on. `listener` and `closing` outlive it.
  Reception(const Listener& listener, const HttpLimits& limits, const ClosingTime& closing,
            Begin begin, Arrived arrived);
  // After closing.Begin(): takes no more connections, ends the silent ones, and gives those that
  // have begun to ask until closing.end().
  ~Reception();
  Reception(const Reception&) = delete;
  Reception& operator=(const Reception&) = delete;

  // Connections that were ended to make room.
  [[nodiscard]] uint64_t ended_for_room() const { return ended_for_room_; }

 private:
  struct Arriving {
    std::unique_ptr<Visit> visit;
    short wait_for = POLLIN;
  };
  using Arrivals = std::list<Arriving>;  // by age

  void Run();
  void Accept();
  void MakeRoomFor(const Peer& peer);
  void Expire();
  // What can be read now. False: it is no longer arriving.
  [[nodiscard]] bool Hear(Arriving* arriving);
  [[nodiscard]] std::chrono::milliseconds UntilNextDeadline() const;
  [[nodiscard]] Clock::time_point DeadlineOf(const Visit& visit) const;

  const Listener& listener_;
  const HttpLimits limits_;
  const ClosingTime& closing_;
  const Begin begin_;
  const Arrived arrived_;
  Arrivals arrivals_;
  Clock::time_point accept_again_;  // after a lack of descriptors
  std::atomic<uint64_t> ended_for_room_{0};
  const int wake_;  // an eventfd that is readable when it ends
  std::thread thread_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_HTTP_RECEPTION_H_
