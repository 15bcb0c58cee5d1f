// Listens on one address and hands each connection to one of a few threads. Knows sockets, and
// nothing of what is said over them.
//
//   auto listener = Listener::Open("127.0.0.1:0", limits);
//   (*listener)->Start("busy\n", [](int socket, const Listener&) { ... });
//
// The bounds: HttpLimits::workers connections are served at a time, waiting_max wait; one more is
// sent the text `turned_away` and closed. A lack of descriptors or memory is logged and waited for;
// it never ends the listening.
#ifndef SIGNINWATCH_DAEMON_HTTP_LISTENER_H_
#define SIGNINWATCH_DAEMON_HTTP_LISTENER_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/http/http_limits.h"

namespace signinwatch {

class Listener {
 public:
  using Clock = std::chrono::steady_clock;
  // On a worker's thread. The socket does not block, and is closed by the listener afterwards.
  using Serve = std::function<void(int socket, const Listener& listener)>;

  // `address`: host:port, [v6]:port, or :port for every address of the machine; port 0 is any free
  // one. An error names the address.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Listener>> Open(const std::string& address,
                                                                      const HttpLimits& limits);
  // Until now connections wait in the system's queue. Once.
  void Start(std::string turned_away, Serve serve);
  // Takes no more connections, lets `serve` finish those it has, then closes.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] const std::string& address() const { return address_; }  // "127.0.0.1:9532"
  [[nodiscard]] bool loopback() const { return loopback_; }

  // For `serve`: how patient it may be.
  [[nodiscard]] bool crowded() const { return waiting_count_ > 0; }
  [[nodiscard]] bool stopping() const { return stopping_; }
  // When what is being served has to be over; the end of time while not stopping.
  [[nodiscard]] Clock::time_point stop_by() const;

 private:
  Listener(int socket, const HttpLimits& limits);
  void Accept();
  void Enqueue(int socket);
  void Work();
  void TurnAway(int socket) const;
  [[nodiscard]] bool WaitForConnection(std::chrono::milliseconds timeout) const;

  const HttpLimits limits_;
  std::string turned_away_;
  Serve serve_;
  int socket_ = -1;
  int wake_ = -1;  // an eventfd that is readable when stopping
  int port_ = 0;
  std::string address_;
  bool loopback_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<int> waiting_;
  std::atomic<size_t> waiting_count_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<Clock::rep> stop_by_{Clock::time_point::max().time_since_epoch().count()};

  std::vector<std::thread> workers_;
  std::thread acceptor_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_HTTP_LISTENER_H_
