// One connection and its one request, from its acceptance to its close.
#ifndef SIGNINWATCH_DAEMON_HTTP_VISIT_H_
#define SIGNINWATCH_DAEMON_HTTP_VISIT_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "daemon/http/passwords.h"
#include "daemon/http/peer.h"
#include "daemon/http/transport.h"
#include "daemon/http/web_access.h"

namespace signinwatch {

// Of one thread at a time.
class Visit {
 public:
  // Takes the socket, which does not block. `access` holds for as long as the visit lasts.
  Visit(int socket, Peer peer, std::shared_ptr<const WebAccess::State> access);
  ~Visit();  // closes it
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  // Sends `answer`, as far as that goes without waiting, and ends the connection so that it can be
  // read: unread bytes would make the close a reset, which can overtake it.
  void TurnAway(const std::string& answer);

  [[nodiscard]] int socket() const { return socket_; }
  [[nodiscard]] const Peer& peer() const { return peer_; }
  [[nodiscard]] const WebAccess::State& access() const { return *access_; }
  [[nodiscard]] Transport& transport() { return *transport_; }
  [[nodiscard]] const Transport& transport() const { return *transport_; }

  // What came of the request until now, and whether no more will come.
  std::string received;
  bool ended = false;
  const std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();

  // What is known once the head has come.
  bool for_health = false;
  bool over_rate = false;     // beyond the web configuration's rate_limit
  std::string authorization;  // the header that `verdict` is about
  std::optional<Passwords::Verdict> verdict;

 private:
  const int socket_;
  const Peer peer_;
  const std::shared_ptr<const WebAccess::State> access_;
  std::unique_ptr<Transport> transport_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_HTTP_VISIT_H_
