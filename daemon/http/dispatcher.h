// A request's way from its head to its answer: refused, or to one of three lanes, so that log-ins,
// whose passwords are costly to hash, and all else keep neither each other nor a prober waiting.
#ifndef SIGNINWATCH_DAEMON_HTTP_DISPATCHER_H_
#define SIGNINWATCH_DAEMON_HTTP_DISPATCHER_H_

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>

#include "daemon/clock/clock.h"
#include "daemon/http/http_connection.h"
#include "daemon/http/http_exchange.h"
#include "daemon/http/http_limits.h"
#include "daemon/http/lane.h"

namespace signinwatch::http {

// Of the one thread that runs `io`, but for what says otherwise.
class Dispatcher {
 public:
  // `clock` and `io` outlive it. `answer` is called, with what the web configuration lets through,
  // on the threads of the lanes, several at a time. An exception out of it is logged and answered
  // with 500.
  Dispatcher(const clock::Clock& clock, boost::asio::io_context& io, const HttpLimits& limits,
             HttpAnswer answer);

  // What HttpConnection::Hear() has heard. The connection is answered and ends.
  void Direct(const std::shared_ptr<HttpConnection>& connection, boost::system::error_code error);

  // Thread-safe: passwords are hashed no more, so that who logs in is told to come again.
  void StopLogIns() { hashes_ = false; }
  [[nodiscard]] uint64_t failed_log_ins() const { return failed_log_ins_; }  // thread-safe
  [[nodiscard]] uint64_t turned_away() const { return turned_away_; }        // thread-safe

 private:
  using ConnectionPtr = std::shared_ptr<HttpConnection>;
  void LogIn(const ConnectionPtr& connection);
  void Judge(const ConnectionPtr& connection, Passwords::Verdict verdict);
  void Enter(const ConnectionPtr& connection);
  void TurnAway(const ConnectionPtr& connection);
  [[nodiscard]] WireResponse Made(HttpConnection& connection) const;  // on a thread of a lane

  const clock::Clock& clock_;
  const HttpAnswer answer_;
  std::atomic<bool> hashes_{true};
  std::atomic<uint64_t> failed_log_ins_{0};
  std::atomic<uint64_t> turned_away_{0};
  Lane ordinary_, health_, log_in_;
};

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_DISPATCHER_H_
