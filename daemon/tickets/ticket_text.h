// Tickets of the store as text for people.
//
// Text from records can't do harm to a terminal.
#ifndef SIGNINWATCH_DAEMON_TICKETS_TICKET_TEXT_H_
#define SIGNINWATCH_DAEMON_TICKETS_TICKET_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/json/json_value.h"

namespace signinwatch::tickets {

// A row for each ticket, and below it its id and what to do first. No line is wider than the
// terminal, but for the id; `cut`: false for what no terminal shows, which is whole.
//
//   WHEN (UTC)        SEVERITY  STATE     WHO                        FAILURES  WHY
//   2026-11-24 09:00  critical  open      alex@contoso.example             37  unexplained, ...
//                     4f1c1ff8-52b6-5c3f-8a47-6a3a0f4c1d2e  Revoke all sessions of the user
class TicketList {
 public:
  TicketList(size_t columns, bool colour, bool cut = true);

  // Whole lines, with their ends.
  [[nodiscard]] std::string Header() const;
  [[nodiscard]] std::string Row(const json::JsonValue& ticket) const;

 private:
  [[nodiscard]] std::string Cell(std::string_view text, size_t columns, bool fill) const;

  size_t columns_, who_columns_, why_columns_;
  bool colour_;
  bool cut_;
};

// One ticket from its opening to its end: what it is about, what was sent when, what to do.
// `revisions`: of its JSON, oldest first, at least one.
[[nodiscard]] std::string TicketStory(const std::vector<json::JsonValue>& revisions, size_t columns,
                                      bool colour, bool cut = true);

}  // namespace signinwatch::tickets

#endif  // SIGNINWATCH_DAEMON_TICKETS_TICKET_TEXT_H_
