// Tickets as a table for people: when, how bad, who, what, why, and below each what to do first and
// what alarms of that which the records answer.
//
//   WHEN (UTC)        SEVERITY  WHO                             WHAT              WHY
//   2026-11-24 09:00  critical  alex.example@contoso.example    37 failures       unexplained, ...
//                     -> Revoke all sessions of the user
//                      ! Sessions: one was used from two places: ...
//
// Text from records can't do harm to a terminal (FitColumns), and no line is wider than asked,
// unless nothing is to be cut.
#ifndef SIGNINWATCH_DAEMON_REPLAY_TICKET_TABLE_H_
#define SIGNINWATCH_DAEMON_REPLAY_TICKET_TABLE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "detectors/ticket.h"

namespace signinwatch::replay {

class TicketTable {
 public:
  // `columns`: below kColumnsMin it is kColumnsMin. `events`: rows are revisions, and say why each
  // was sent. `cut`: false for what no terminal shows; columns then are the least widths.
  TicketTable(size_t columns, bool colour, bool events, bool cut = true);
  static constexpr size_t kColumnsMin = 60;

  // Whole lines, with their ends.
  [[nodiscard]] std::string Header() const;
  [[nodiscard]] std::string Row(const Ticket& ticket) const;

 private:
  [[nodiscard]] std::string Cell(std::string_view text, size_t columns, bool fill) const;

  size_t who_columns_;
  size_t what_columns_;
  size_t why_columns_;
  size_t step_columns_;
  bool colour_;
  bool events_;
  bool cut_;
};

}  // namespace signinwatch::replay

#endif  // SIGNINWATCH_DAEMON_REPLAY_TICKET_TABLE_H_
