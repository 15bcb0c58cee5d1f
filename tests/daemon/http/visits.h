// A visit whose client is the test.
#ifndef SIGNINWATCH_TESTS_DAEMON_HTTP_VISITS_H_
#define SIGNINWATCH_TESTS_DAEMON_HTTP_VISITS_H_

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>

#include "daemon/http/visit.h"

namespace signinwatch {

inline std::shared_ptr<const WebAccess::State> PlainAccess() {
  static const auto state = std::make_shared<const WebAccess::State>(WebConfig{});
  return state;
}

// The two ends of a connection.
struct VisitPair {
  explicit VisitPair(const std::string& peer = "203.0.113.1") {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    visit = std::make_unique<Visit>(ends[0], Peer{peer, peer}, PlainAccess());
    client = ends[1];
  }
  ~VisitPair() { CloseClient(); }
  VisitPair(const VisitPair&) = delete;
  VisitPair& operator=(const VisitPair&) = delete;

  void CloseClient() {
    if (client >= 0) ::close(std::exchange(client, -1));
  }
  void Say(const std::string& text) const {
    ASSERT_EQ(::send(client, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }

  std::unique_ptr<Visit> visit;
  int client = -1;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_TESTS_DAEMON_HTTP_VISITS_H_
