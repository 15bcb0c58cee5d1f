// Every sink and its other side, as the conformance suite takes them: another kind of sink is a
// row.
#ifndef SIGNINWATCH_TESTS_DAEMON_SINKS_CONFORMANCE_SYSTEMS_H_
#define SIGNINWATCH_TESTS_DAEMON_SINKS_CONFORMANCE_SYSTEMS_H_

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "daemon/sinks/sink_parts.h"
#include "tests/daemon/sinks/conformance/wire.h"
#include "tests/daemon/sinks/stand_in.h"

namespace signinwatch::sinks {

// One other side, and the way to it.
class System {
 public:
  virtual ~System() = default;
  // A sink that talks to it by the wire.
  [[nodiscard]] virtual TicketSinkOr MakeSink(const std::string& name, SinkParts parts) = 0;
  [[nodiscard]] virtual std::vector<ThereTicket> Tickets() const = 0;
  virtual void PersonCloses() {}
};

enum class Told {
  kTicket,     // one ticket, changed in place
  kMessages,   // a message for each change that matters
  kRevisions,  // every revision
};

// How a request may fail on the way to it.
enum class Way { kHttp, kMail, kConnection, kBroker, kDisk };

struct SystemCase {
  std::string name;
  Told told = Told::kTicket;
  Way way = Way::kHttp;
  bool sees_people = false;  // a person's closing
  // PagerDuty: what is opened again is another incident of the key, and what is resolved is told
  // nothing while it stays so.
  bool pages = false;
  std::function<std::unique_ptr<System>(const clock::Clock& clock, Wire* wire)> make = {};
};

[[nodiscard]] const std::vector<SystemCase>& SystemCases();

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_TESTS_DAEMON_SINKS_CONFORMANCE_SYSTEMS_H_
