// Where a replay's tickets go: standard output, as JSON lines or as a table, every revision or the
// last state of each ticket (SPEC 8).
#ifndef SIGNINWATCH_DAEMON_REPLAY_TICKET_OUTPUT_H_
#define SIGNINWATCH_DAEMON_REPLAY_TICKET_OUTPUT_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "daemon/replay/final_tickets.h"
#include "daemon/replay/replay.h"
#include "daemon/replay/ticket_table.h"
#include "detectors/ticket.h"

namespace signinwatch::replay {

class TicketOutput {
 public:
  TicketOutput(const ReplayOptions& options, std::FILE* out);

  // A revision, in the order in which they are sent.
  void Add(Ticket ticket);
  // Lets readers have the revisions so far.
  void Flush();
  // Writes what is left: without `events`, that is everything.
  void Finish();

  // Of those that are written without `events`, whether or not they are.
  [[nodiscard]] size_t tickets() const { return final_.tickets(); }
  [[nodiscard]] uint64_t bursts() const { return final_.bursts(); }

  // The first failure to write; nothing is written after it.
  [[nodiscard]] const absl::Status& status() const { return status_; }
  // The failure was that the reader went away, which is no news to the user.
  [[nodiscard]] bool reader_gone() const { return reader_gone_; }

 private:
  [[nodiscard]] std::string Render(const Ticket& ticket) const;
  bool Write(std::string_view text);
  void NoteFailure(int error);

  const bool json_;
  const bool events_;
  std::FILE* const out_;
  const TicketTable table_;
  bool header_written_ = false;
  FinalTickets final_;
  absl::Status status_;
  bool reader_gone_ = false;
};

}  // namespace signinwatch::replay

#endif  // SIGNINWATCH_DAEMON_REPLAY_TICKET_OUTPUT_H_
