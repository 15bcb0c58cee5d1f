// The other side of a sink, played by the test: strict about requests, lenient where the real one
// is. What all stand-ins share is what a person sees and does there, by which the conformance suite
// (conformance/) looks at any of them. What happens on the way to it is call_faults.h.
#ifndef SIGNINWATCH_TESTS_DAEMON_SINKS_STAND_IN_H_
#define SIGNINWATCH_TESTS_DAEMON_SINKS_STAND_IN_H_

#include <cstdlib>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/config/serve_config.h"
#include "daemon/http_client/http_client.h"
#include "tests/daemon/sinks/call_faults.h"

namespace signinwatch::sinks {

// A ticket, or a message, as it stands there.
struct ThereTicket {
  std::string key = {};  // ours
  bool open = true;
  std::string text = {};  // all that people read of it, with the reference of who wrote it last
  friend bool operator==(const ThereTicket&, const ThereTicket&) = default;
  friend void PrintTo(const ThereTicket& ticket, std::ostream* out) {
    *out << ticket.key << (ticket.open ? " open: " : " closed: ") << ticket.text;
  }
};

class StandIn {
 public:
  virtual ~StandIn() = default;
  // Of a sink that reaches it, but for its name.
  [[nodiscard]] virtual config::SinkConfig Config() const = 0;
  // Those that carry a key of ours, in the order in which they were made.
  [[nodiscard]] virtual std::vector<ThereTicket> Tickets() const = 0;

  // A person's hand on the ticket that was made last.
  virtual void PersonCloses() {}
  virtual void PersonReopens() {}
};

// One that is reached by HTTP.
class HttpStandIn : public StandIn {
 public:
  virtual absl::StatusOr<http_client::HttpResponse> Answer(const http_client::HttpCall& call) = 0;
  [[nodiscard]] virtual OwnAnswers own_answers() const { return {}; }
  // What a pause that it asks for by the answer to `call` is of; empty: all of it.
  [[nodiscard]] virtual std::string PausedPart(const http_client::HttpCall& call) const {
    (void)call;
    return "";
  }
};

// A secret of a stand-in's configuration: always the same value under one name.
inline config::SecretRef TestSecret(const char* name, const char* value) {
  ::setenv(name, value, 1);
  return {config::SecretRef::From::kEnvironment, name};
}

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_TESTS_DAEMON_SINKS_STAND_IN_H_
