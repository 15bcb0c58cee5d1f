// What a receiver may hold revisions against, in the order of sending (SPEC 7), whatever the
// records were: also with sessions of max_duration and late records.
#ifndef SIGNINWATCH_TESTS_ORACLE_RECEIVER_H_
#define SIGNINWATCH_TESTS_ORACLE_RECEIVER_H_

#include <map>
#include <optional>
#include <string>

#include "detectors/ticket.h"
#include "parser/event_time.h"

namespace signinwatch::oracle {

class Receiver {
 public:
  // The next revision. `moment`: when it was sent; nullopt: not known.
  void Take(const Ticket& ticket, std::optional<EventTime> moment);
  // No more will come.
  void End();

  // What should not have come; empty: nothing.
  [[nodiscard]] const std::string& broken() const { return broken_; }
  // The last revision of each ticket, by its id.
  [[nodiscard]] const std::map<std::string, Ticket>& tickets() const { return tickets_; }

 private:
  void CheckSame(const Ticket& last, const Ticket& ticket);
  void CheckPace(const Ticket& ticket, std::optional<EventTime> moment);
  void CheckNamed(const Ticket& ticket, const char* field, const std::string& named);
  void Complain(const Ticket& ticket, const std::string& what);

  std::map<std::string, Ticket> tickets_;
  std::map<std::string, EventTime> sent_at_;
  std::string broken_;
};

}  // namespace signinwatch::oracle

#endif  // SIGNINWATCH_TESTS_ORACLE_RECEIVER_H_
