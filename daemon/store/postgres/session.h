// A connection that is made anew when it was lost. Thread-safe: one caller at a time has it.
//
//   Session session(options);
//   return session.With([&](Connection& connection, SteadyTime deadline) { ... });
#ifndef SIGNINWATCH_DAEMON_STORE_POSTGRES_SESSION_H_
#define SIGNINWATCH_DAEMON_STORE_POSTGRES_SESSION_H_

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "daemon/store/postgres/postgres_connection.h"

namespace signinwatch::store::postgres {

// Of a call as a whole. Longer than the server's own time-out for a statement, so that it says why.
inline constexpr std::chrono::seconds kCallPatience{25};
inline constexpr std::chrono::seconds kConnectPatience{5};

class Session {
 public:
  using Work = std::function<absl::Status(Connection& connection, clock::SteadyTime deadline)>;

  explicit Session(ConnectionOptions options) : options_(std::move(options)) {}

  // The status of `work`, or why there is no connection. Where the server says that the same again
  // may work (a deadlock, a lock that somebody has), it is done again, a few times, and so it is
  // once where a connection that had been used before was lost. So `work` begins its transaction
  // itself and is done in it, what it left elsewhere it replaces, and doing it twice is as once.
  absl::Status With(const Work& work);
  // The same for work that would be more if it were done twice: not where it may have been done.
  absl::Status Once(const Work& work);

 private:
  absl::Status Try(const Work& work, bool again_if_lost);
  absl::Status Connect();

  const ConnectionOptions options_;
  std::mutex mutex_;
  std::unique_ptr<Connection> connection_;
  // While the server is away nobody waits for it more than once.
  absl::Status refused_;
  clock::SteadyTime refused_until_{};
};

}  // namespace signinwatch::store::postgres

#endif  // SIGNINWATCH_DAEMON_STORE_POSTGRES_SESSION_H_
